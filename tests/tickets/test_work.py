"""A ticket's life by hand: every change once, with its reason, its version and its row in the timeline."""

import pytest
from sqlalchemy import select

from core.errors import InvalidInputError, NotFoundError
from core.store import data_version
from core.store.engine import Database
from core.store.models.outbox import OutboxMessage
from core.tickets import links, work
from core.tickets.changing import Target
from core.tickets.create import DATA_VERSION, NewTicket
from core.tickets.errors import MergedTicketError, MergeError, TicketChangedError, TicketStateError
from core.tickets.links import Link
from core.tickets.vocabulary import public_id
from core.tickets.work import Actor, Changes, Wait
from tests.conftest import NOON
from tests.tickets.desk import actions, after, alert, ana, change, follows, mails, make, person, seen


def test_a_ticket_lives_from_new_to_closed_with_every_step_told(database: Database) -> None:
    person(database, "lea@example.com", language="es")
    about = alert(database)
    number = make(
        database,
        "  Check \n the trunk ",
        description="<b>bold</b>\x00 it rings",
        priority="high",
        site="Bogotá",
        skills=("SIP", "sip", "Cisco"),
        links=(Link("alert", str(about), "A-ABC"), Link("call", "r1")),
        watchers=("Lea@example.com",),
    )
    with database.write() as session:
        work.take(session, Target(number, 1), ana(5), operator_id=3)
        row = work.change_state(session, Target(number, 2), ana(10), to="waiting", wait=Wait("the carrier", after(600)))
        assert (row.state, row.waiting_reason, row.waiting_until, row.resolve_due_at) == (
            "waiting", "the carrier", after(600), None,
        )  # fmt: skip
        work.change_state(session, Target(number), ana(20), to="open", reason="they answered")
        work.change_state(session, Target(number), ana(30), to="resolved", resolution="New trunk password")
        work.change_state(session, Target(number), ana(40), to="closed")
    whole = seen(database, number)
    ticket = whole.ticket
    assert (ticket.title, ticket.description, ticket.skills) == (
        "Check the trunk", "<b>bold</b> it rings", ["cisco", "sip"],
    )  # fmt: skip
    assert (ticket.state, ticket.is_open, ticket.version, ticket.changed_by) == ("closed", False, 6, "ana@example.com")
    assert (ticket.owned_at, ticket.resolved_at, ticket.resolution) == (after(5), after(30), "New trunk password")
    assert (ticket.waiting_reason, ticket.waiting_until, ticket.due_at) == ("", None, None)
    assert actions(database, number) == ["created", "taken", "waiting", "resumed", "resolved", "closed"]
    assert [row.reason for row in whole.timeline][::-1] == ["", "", "the carrier", "they answered", "", ""]
    assert [(row.kind, row.reference, row.label) for row in whole.links] == [
        ("alert", str(about), "A-ABC"),
        ("call", "r1", ""),
    ]
    assert whole.watchers == ["lea@example.com"]
    told = [event for event, to in mails(database) if to == "lea@example.com"]
    assert told == ["opened", "waiting", "resumed", "resolved", "closed"]
    assert follows(database, number)
    with database.read() as session:
        assert data_version.current(session, DATA_VERSION)[0] >= 6


def test_the_same_key_makes_one_ticket_and_people_have_keys_of_their_own(database: Database) -> None:
    first = make(database, key="k1")
    assert make(database, "Another title", key="k1") == first
    assert make(database, key="k2") != first
    with database.write() as session:
        others = work.create(session, NewTicket("mine", key="k1"), actor="ben", at=NOON)
        by_watson = work.create(session, NewTicket("w", source="watson", key="k1"), actor="key 1", at=NOON)
        again = work.create(session, NewTicket("w", source="watson", key="k1"), actor="key 2", at=NOON)
    assert len({first, others, by_watson}) == 3
    assert again == by_watson
    assert actions(database, first) == ["created"]


def test_a_title_holds_only_what_is_seen(sqlite_database: Database) -> None:
    number = make(sqlite_database, "Bill\u202e gnp\x1b[31m\x85Bcc: all@example.com\u2028\x00")
    assert seen(sqlite_database, number).ticket.title == "Bill gnp [31m Bcc: all@example.com"
    with sqlite_database.write() as session, pytest.raises(InvalidInputError):
        work.create(session, NewTicket("\u202e\x07"), actor="ana", at=NOON)


def test_who_was_slower_changes_nothing(database: Database) -> None:
    number = make(database)
    with database.write() as session:
        work.prioritise(session, Target(number, 1), ana(1), priority="high", reason="many calls")
    with database.write() as session, pytest.raises(TicketChangedError) as told:
        work.assign(session, Target(number, 1), ana(2), operator_id=4)
    assert told.value.facts["version"] == 2
    with database.write() as session:
        work.comment(session, number, Actor("carl", ana(3).at), text="what is it about?")
    with database.write() as session, pytest.raises(TicketChangedError) as told:
        work.assign(session, Target(number, 1), ana(4), operator_id=4)
    assert (told.value.facts["who"], told.value.facts["when"]) == (ana(1).name, ana(1).at.isoformat())
    assert actions(database, number) == ["created", "prioritised", "commented"]
    with database.write() as session, pytest.raises(NotFoundError):
        work.take(session, Target(number + 99), ana(), operator_id=4)


@pytest.mark.parametrize(
    ("path", "then"),
    [((), "new"), (("open",), "new"), (("resolved",), "waiting"), (("closed",), "resolved"), (("waiting",), "waiting")],
)
def test_a_state_leads_only_where_it_may(sqlite_database: Database, path: tuple[str, ...], then: str) -> None:
    number = make(sqlite_database)
    for state in path:
        change(sqlite_database, number, 1, state, reason="because")
    with pytest.raises(TicketStateError):
        change(sqlite_database, number, 2, then, reason="because")
    assert len(actions(sqlite_database, number)) == 1 + len(path)


def test_a_wait_has_a_reason_and_an_end_that_comes(sqlite_database: Database) -> None:
    number = make(sqlite_database)
    for wrong in (Wait(), Wait("x", after(-1)), Wait("x", after(60 * 24 * 400))):
        with pytest.raises(InvalidInputError):
            change(sqlite_database, number, 1, "waiting", wait=wrong)
    assert seen(sqlite_database, number).ticket.state == "new"


def test_giving_it_away_is_told_and_owning_is_taking(sqlite_database: Database) -> None:
    number = make(sqlite_database)
    with sqlite_database.write() as session:
        work.assign(session, Target(number), ana(1), operator_id=4, reason="knows SIP", detail={"choice": "skill"})
        row = work.assign(session, Target(number), ana(2), operator_id=None)
        assert (row.operator_id, row.assigned_at, row.owned_at) == (None, None, None)
        row = work.take(session, Target(number), ana(3), operator_id=5)
        assert (row.state, row.owned_at) == ("open", after(3))
        row = work.take(session, Target(number), ana(4), operator_id=6)
    assert row.owned_at == after(3)
    whole = seen(sqlite_database, number)
    assert [(row.action, row.detail) for row in whole.timeline[::-1][1:3]] == [
        ("assigned", {"from": None, "to": 4, "choice": "skill"}),
        ("unassigned", {"from": 4, "to": None}),
    ]


def test_facts_are_edited_with_what_was_before(sqlite_database: Database) -> None:
    number = make(sqlite_database, texts={"title": {"en": "By rule", "es": "Por regla"}})
    with sqlite_database.write() as session:
        work.edit(session, Target(number), ana(1), Changes(title="A better title", client_id=8), reason="asked by mail")
        row = work.edit(session, Target(number), ana(2), Changes(title="A better title"))
        assert (row.version, row.texts, row.client_id) == (2, {}, 8)
        work.edit(session, Target(number), ana(3), Changes(client_id=0))
    newest, earlier, _ = seen(sqlite_database, number).timeline
    assert earlier.detail["before"] == {"title": "Check the trunk", "client_id": None}
    assert newest.detail["after"] == {"client_id": None}
    with sqlite_database.write() as session, pytest.raises(InvalidInputError):
        work.edit(session, Target(number), ana(4), Changes(title="x" * 201))
    assert follows(sqlite_database, number)


def test_a_comment_is_the_last_change_and_makes_nobody_slower(sqlite_database: Database) -> None:
    number = make(sqlite_database)
    with sqlite_database.write() as session:
        work.comment(session, number, ana(7), text="called them")
    row = seen(sqlite_database, number).ticket
    assert (row.changed_at, row.changed_by, row.version) == (ana(7).at, ana(7).name, 1)


def test_a_mail_calls_people_by_the_names_they_go_by(sqlite_database: Database) -> None:
    person(sqlite_database, "ana@example.com", display_name="Ana Rojas")
    number = make(sqlite_database, watchers=("lea@example.com",))
    with sqlite_database.read() as session:
        letter = session.scalars(select(OutboxMessage.content)).one()["letter"]
    assert letter["lead"] == f"{public_id(number)} was opened by Ana Rojas."


def test_words_links_and_watchers_come_and_go(sqlite_database: Database) -> None:
    number = make(sqlite_database)
    with sqlite_database.write() as session:
        work.comment(session, number, ana(1), text=" <script>alert(1)</script>\x00 ")
        assert work.link(session, number, ana(2), Link("journey", "j1", "A call"))
        assert not work.link(session, number, ana(2), Link("journey", "j1"))
        assert work.watch(session, number, ana(3), person="Ben@example.com")
        assert not work.watch(session, number, ana(3), person="ben@example.com")
        assert work.unwatch(session, number, ana(4), person="ben@example.com")
        assert not work.unwatch(session, number, ana(4), person="ben@example.com")
        assert work.unlink(session, number, ana(5), Link("journey", "j1"))
        for wrong in (Link("page", "x"), Link("call", " "), Link("ticket", str(number))):
            with pytest.raises(InvalidInputError):
                work.link(session, number, ana(6), wrong)
        with pytest.raises(InvalidInputError):
            work.comment(session, number, ana(6), text=" \x00")
    whole = seen(sqlite_database, number)
    assert whole.timeline[-2].comment == "<script>alert(1)</script>"
    assert actions(sqlite_database, number)[1:] == ["commented", "linked", "watched", "unwatched", "unlinked"]
    assert whole.ticket.version == 1


def test_a_merged_ticket_points_to_its_target_and_is_worked_there(database: Database) -> None:
    about = [str(alert(database, title)) for title in "abc"]
    kept, gone, third = (
        make(database, title, links=(Link("alert", one),), watchers=(f"{title}@example.com",))
        for title, one in zip("abc", about, strict=True)
    )
    with database.write() as session:
        work.merge(session, Target(gone, 1), ana(1), into=kept, reason="the same trunk")
    with database.write() as session:
        row = work.merge(session, Target(third), ana(2), into=gone)
        assert row.id == kept, "what was merged leads on"
    whole = seen(database, kept)
    assert {(row.kind, row.reference) for row in whole.links} == {
        *(("alert", one) for one in about), ("ticket", str(gone)), ("ticket", str(third)),
    }  # fmt: skip
    assert whole.watchers == ["a@example.com", "b@example.com", "c@example.com"]
    assert whole.merged == [gone, third]
    merged = seen(database, gone)
    assert (merged.ticket.state, merged.ticket.merged_into_id, merged.ticket.due_at) == ("merged", kept, None)
    assert (merged.links, merged.watchers) == ([], [])
    assert actions(database, kept) == ["created", "absorbed", "absorbed"]
    for into in (kept, gone, third):
        with database.write() as session, pytest.raises(MergeError):
            work.merge(session, Target(kept), ana(3), into=into)
    with database.write() as session, pytest.raises(MergedTicketError) as told:
        work.comment(session, gone, ana(3), text="still here?")
    assert told.value.facts["target"] == f"T-{kept}"
    change(database, kept, 4, "closed")
    late = make(database)
    with database.write() as session, pytest.raises(TicketStateError):
        work.merge(session, Target(late), ana(5), into=kept)
    with database.read() as session:
        assert [row.id for row in links.tickets_of(session, "alert", about[1:2])[about[1]]] == [kept]


def test_several_are_changed_each_for_itself(sqlite_database: Database) -> None:
    numbers = [make(sqlite_database) for _ in range(3)]
    change(sqlite_database, numbers[1], 1, "closed")
    outcomes = work.bulk(
        sqlite_database,
        [Target(number) for number in [*numbers, 999]],
        lambda session, target: work.change_state(session, target, ana(2), to="resolved"),
    )
    assert [one.error.code if one.error else "" for one in outcomes] == ["", "ticket_state", "", "not_found"]
    assert [seen(sqlite_database, number).ticket.state for number in numbers] == ["resolved", "closed", "resolved"]
    with pytest.raises(InvalidInputError):
        work.bulk(sqlite_database, [Target(1)] * 501, lambda session, target: None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": " "},
        {"title": "x" * 201},
        {"priority": "urgent"},
        {"source": "mail"},
        {"skills": [str(number) for number in range(21)]},
        {"links": (Link("page", "1"),)},
        {"links": (Link("call", "two words"),)},
        {"links": (Link("journey", "00000000-0000-0000-0000-000000000000"),)},
        {"watchers": ("",)},
    ],
)
def test_what_cannot_be_meant_makes_no_ticket(sqlite_database: Database, wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError), sqlite_database.write() as session:
        work.create(session, NewTicket(**{"title": "fine", **wrong}), actor="ana", at=NOON)  # type: ignore[arg-type]
    with pytest.raises(NotFoundError):
        seen(sqlite_database, 1)
