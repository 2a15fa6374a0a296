"""Working visits: no operator is in two places, whoever asks at once; each change is told, versioned and kept."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from core.errors import InvalidInputError, NotFoundError
from core.operators import presence, roster
from core.operators.hours import Shift
from core.operators.presence import Absence
from core.operators.roster import OperatorForm
from core.store import data_version
from core.store.engine import Database
from core.store.models.outbox import OutboxMessage
from core.store.models.visits import VisitRow
from core.tickets import auditing
from core.tickets import work as tickets
from core.tickets.changing import Target as Ticket
from core.visits import availability, query, timeline, work
from core.visits.errors import VisitChangedError, VisitClashError, VisitStateError, VisitTimeError
from core.visits.vocabulary import DATA_VERSION, is_public_id
from core.visits.work import Guest, Move, Target
from tests.conftest import NOON
from tests.tickets.desk import ana, make, seen
from tests.visits.desk import SOON, grace, luisa, scheduled
from tests.visits.operators import add_operator

HOUR = timedelta(hours=1)


def actions(database: Database, visit_id: int) -> list[str]:
    with database.read() as session:
        return [entry.action for entry in timeline.entries(session, visit_id)][::-1]


def move(database: Database, visit: VisitRow, **wanted: Any) -> VisitRow:
    with database.write() as session:
        return work.move(session, Target(visit.id), Move(**wanted), grace())


def test_a_visit_is_scheduled_moved_and_closed_each_with_its_row(sqlite_database: Database) -> None:
    operator, ticket = luisa(sqlite_database), make(sqlite_database)
    visit = scheduled(sqlite_database, operator, ticket_id=ticket)
    assert is_public_id(visit.public_id)
    assert (visit.state, visit.version, visit.sequence, visit.operator_name) == ("scheduled", 1, 0, "Luisa Fernández")
    moved = move(sqlite_database, visit, starts_at=SOON + HOUR, reason="She asked")
    assert (moved.version, moved.sequence, moved.moves) == (2, 1, 1)
    assert moved.ends_at - moved.starts_at == HOUR, "its length stays"
    with sqlite_database.write() as session:
        done = work.finish(session, Target(visit.id, 2), grace(SOON + 2 * HOUR), outcome="Repaired")
    assert (done.state, done.outcome, done.ended_at, done.sequence) == ("done", "Repaired", SOON + 2 * HOUR, 1)
    assert actions(sqlite_database, visit.id) == ["scheduled", "moved", "done"]
    with sqlite_database.read() as session:
        changes = timeline.entries(session, visit.id)[1].detail["changes"]
        assert changes["starts_at"] == [SOON.isoformat(), (SOON + HOUR).isoformat()]
        assert [row.id for row in query.of_ticket(session, ticket)] == [visit.id]
        assert data_version.current(session, DATA_VERSION)[0] == 3


@pytest.mark.parametrize(
    ("minutes_later", "length", "clashes"),
    [(0, 60, True), (-30, 60, True), (30, 15, True), (-60, 180, True), (60, 30, False), (-60, 60, False)],
)
def test_an_operator_is_at_one_place_at_a_time(
    sqlite_database: Database, minutes_later: int, length: int, clashes: bool
) -> None:
    operator = luisa(sqlite_database)
    first = scheduled(sqlite_database, operator)
    other: dict[str, Any] = {"starts_at": SOON + timedelta(minutes=minutes_later), "minutes": length}
    if not clashes:
        assert scheduled(sqlite_database, operator, **other).state == "scheduled"
        return
    with pytest.raises(VisitClashError) as refused:
        scheduled(sqlite_database, operator, **other)
    assert refused.value.facts["what"] == first.public_id
    somebody_else = add_operator(sqlite_database, "Pedro", "pedro@example.com")
    assert scheduled(sqlite_database, somebody_else, **other).state == "scheduled"


def test_a_move_into_another_visit_is_refused_and_changes_nothing(sqlite_database: Database) -> None:
    operator = luisa(sqlite_database)
    scheduled(sqlite_database, operator)
    later = scheduled(sqlite_database, operator, starts_at=SOON + 2 * HOUR)
    with pytest.raises(VisitClashError):
        move(sqlite_database, later, starts_at=SOON + HOUR / 2)
    with sqlite_database.read() as session:
        row = query.one(session, str(later.id))
        assert (row.starts_at, row.version, row.sequence) == (SOON + 2 * HOUR, 1, 0)
        mails = session.scalar(select(func.count()).where(OutboxMessage.event == "moved"))
    assert mails == 0
    assert move(sqlite_database, later, minutes=90).version == 2, "a visit does not clash with itself"


def test_a_cancelled_visit_leaves_its_hour_free(sqlite_database: Database) -> None:
    operator = luisa(sqlite_database)
    visit = scheduled(sqlite_database, operator)
    with sqlite_database.write() as session:
        cancelled = work.cancel(session, Target(visit.id), grace(), reason="Rain")
    assert (cancelled.state, cancelled.sequence) == ("cancelled", 1)
    assert scheduled(sqlite_database, operator).state == "scheduled"
    with pytest.raises(VisitStateError), sqlite_database.write() as session:
        work.move(session, Target(visit.id), Move(minutes=30), grace())
    with pytest.raises(VisitStateError), sqlite_database.write() as session:
        work.cancel(session, Target(visit.id), grace(), reason="")
    with pytest.raises(VisitStateError), sqlite_database.write() as session:
        work.finish(session, Target(visit.id), grace(SOON + HOUR))


def test_of_two_who_ask_for_the_same_hour_at_once_one_gets_it(database: Database) -> None:
    operator, together = luisa(database), Barrier(6)

    def ask(number: int) -> str:
        together.wait(30)
        try:
            scheduled(database, operator, starts_at=SOON + timedelta(minutes=5 * number), title=f"Visit {number}")
        except VisitClashError:
            return "refused"
        return "scheduled"

    with ThreadPoolExecutor(6) as people:
        outcomes = sorted(people.map(ask, range(6)))
    assert outcomes == ["refused"] * 5 + ["scheduled"]
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(VisitRow)) == 1


def test_two_visits_moved_at_once_to_one_hour_do_not_meet(database: Database) -> None:
    operator, together = luisa(database), Barrier(2)
    visits = [scheduled(database, operator, starts_at=SOON + timedelta(hours=3 * place)) for place in (1, 2)]

    def ask(visit: VisitRow) -> str:
        together.wait(30)
        try:
            move(database, visit, starts_at=SOON)
        except VisitClashError:
            return "refused"
        return "moved"

    with ThreadPoolExecutor(2) as people:
        assert sorted(people.map(ask, visits)) == ["moved", "refused"]


def test_whoever_was_slower_is_told_by_whom_it_was_changed(database: Database) -> None:
    visit = scheduled(database, luisa(database))
    move(database, visit, place="Carrera 7")
    with pytest.raises(VisitChangedError) as refused, database.write() as session:
        work.cancel(session, Target(visit.id, 1), grace(), reason="")
    assert (refused.value.facts["who"], refused.value.facts["version"]) == ("grace@example", 2)


def test_the_same_request_again_gives_what_it_gave(database: Database) -> None:
    operator = luisa(database)
    first = scheduled(database, operator, grace(key="one"))
    assert scheduled(database, operator, grace(key="one")).id == first.id
    for _ in range(2):
        with database.write() as session:
            moved = work.move(session, Target(first.id, 1), Move(starts_at=SOON + HOUR), grace(key="two"))
            assert (moved.version, moved.sequence) == (2, 1)
    for _ in range(2):
        with database.write() as session:
            work.cancel(session, Target(first.id, 2), grace(key="three"), reason="Rain")
    assert actions(database, first.id) == ["scheduled", "moved", "cancelled"]
    assert move_without_change(database, operator)


def move_without_change(database: Database, operator: int) -> bool:
    visit = scheduled(database, operator)
    same = move(database, visit, starts_at=visit.starts_at, place=visit.place)
    return (same.version, same.sequence) == (1, 0)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"starts_at": NOON - 2 * HOUR}, "past"),
        ({"starts_at": NOON + timedelta(days=800)}, "far"),
        ({"minutes": 1}, "short"),
        ({"minutes": 1000}, "long"),
    ],
)
def test_times_that_cannot_be_meant_are_refused(sqlite_database: Database, given: dict[str, Any], problem: str) -> None:
    with pytest.raises(VisitTimeError) as refused:
        scheduled(sqlite_database, luisa(sqlite_database), **given)
    assert refused.value.facts["problem"] == problem


def test_a_visit_is_not_closed_before_it_began(sqlite_database: Database) -> None:
    visit = scheduled(sqlite_database, luisa(sqlite_database))
    with pytest.raises(VisitTimeError), sqlite_database.write() as session:
        work.finish(session, Target(visit.id), grace(), missed=True)
    with sqlite_database.write() as session:
        assert work.finish(session, Target(visit.id), grace(SOON), missed=True).state == "missed"


@pytest.mark.parametrize(
    "given",
    [
        {"title": "  "},
        {"title": "x" * 201},
        {"zone": "Mars/Olympus"},
        {"client": Guest("", "a@b.co")},
        {"client": Guest("Ana", "not an address")},
        {"client": Guest("Ana", "a@b.co, c@d.co")},
        {"starts_at": datetime(2026, 12, 1, 9)},  # noqa: DTZ001 - a begin without zone is the case
    ],
)
def test_what_cannot_be_kept_is_refused(sqlite_database: Database, given: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        scheduled(sqlite_database, luisa(sqlite_database), **given)


def test_who_and_what_nobody_knows_is_refused(sqlite_database: Database) -> None:
    luisa(sqlite_database)
    with pytest.raises(NotFoundError):
        scheduled(sqlite_database, 99)
    with pytest.raises(NotFoundError):
        scheduled(sqlite_database, 1, client=Guest(id=99))
    for ticket in (99, 0, -1, 10**30):
        with pytest.raises(NotFoundError):
            scheduled(sqlite_database, 1, ticket_id=ticket)
    with pytest.raises(NotFoundError), sqlite_database.write() as session:
        work.cancel(session, Target(99), grace(), reason="")
    with sqlite_database.read() as session:
        assert session.scalar(select(func.count()).select_from(VisitRow)) == 0


def test_the_ticket_tells_what_became_of_its_visits(database: Database) -> None:
    operator, ticket = luisa(database), make(database)
    visit = scheduled(database, operator, ticket_id=ticket)
    move(database, visit, starts_at=SOON + HOUR, reason="She asked")
    with database.write() as session:
        work.cancel(session, Target(visit.id), grace(), reason="Rain")
    other = scheduled(database, operator, ticket_id=ticket)
    with database.write() as session:
        work.finish(session, Target(other.id), grace(SOON), missed=True)
    newest_first = seen(database, ticket).timeline
    assert [(row.action, row.reason, row.detail["label"]) for row in reversed(newest_first[:-1])] == [
        ("visit_scheduled", "", visit.public_id),
        ("visit_moved", "She asked", visit.public_id),
        ("visit_cancelled", "Rain", visit.public_id),
        ("visit_scheduled", "", other.public_id),
        ("visit_missed", "", other.public_id),
    ]
    assert newest_first[3].detail["starts_at"] == (SOON + HOUR).isoformat()
    assert seen(database, ticket).ticket.version == 1, "nobody who works the ticket is held up"
    audited = auditing.audit(database, NOON, slices=1)
    assert (audited.replayed, audited.repaired) == (1, []), "its deadlines follow from its timeline as before"


def test_visits_for_a_merged_ticket_are_those_of_the_one_that_lives(database: Database) -> None:
    operator, gone, kept = luisa(database), make(database), make(database)
    before = scheduled(database, operator, ticket_id=gone)
    with database.write() as session:
        tickets.merge(session, Ticket(gone), ana(), into=kept)
    after = scheduled(database, operator, starts_at=SOON + 2 * HOUR, ticket_id=gone)
    move(database, before, place="Carrera 7")
    with database.read() as session:
        assert {row.id for row in query.of_ticket(session, kept)} == {before.id, after.id}
        assert query.of_ticket(session, gone) == []
    assert [row.action for row in seen(database, kept).timeline][:2] == ["visit_moved", "visit_scheduled"]


def test_who_looked_before_another_changed_is_refused_too(postgres_database: Database) -> None:
    visit = scheduled(postgres_database, luisa(postgres_database))
    with postgres_database.write() as session:
        looked_at = query.one(session, visit.public_id)
        move(postgres_database, visit, place="Carrera 7")
        with pytest.raises(VisitChangedError):
            work.cancel(session, Target(looked_at.id, looked_at.version), grace(), reason="")


def test_who_has_no_address_is_a_concern_and_nobody_writes_to_them(sqlite_database: Database) -> None:
    visit = scheduled(sqlite_database, luisa(sqlite_database), client=Guest("Doña Rosa"))
    assert visit.concerns == ["no_client_mail"]
    with sqlite_database.read() as session:
        assert [row.recipients for row in session.scalars(select(OutboxMessage))] == [["luisa@example.com"]]


def test_hours_off_shift_and_absence_are_said_and_not_refused(sqlite_database: Database) -> None:
    operator = luisa(sqlite_database)
    mornings = Shift(weekdays=(0, 1, 2, 3, 4), begins=8 * 60, ends=12 * 60, time_zone="America/Bogota")
    away = Absence(SOON - timedelta(days=1), SOON + timedelta(days=1), "training")
    with sqlite_database.write() as session:
        presence.set_shifts(session, operator, [mornings], actor="test", at=NOON)
        presence.add_absence(session, operator, away, actor="test", at=NOON)
    visit = scheduled(sqlite_database, operator)
    assert visit.concerns == ["outside_shift", "absent"]
    assert move(sqlite_database, visit, starts_at=SOON + timedelta(days=3) - 2 * HOUR).concerns == []


def test_what_became_awkward_after_a_visit_was_scheduled_is_said(sqlite_database: Database) -> None:
    operator = luisa(sqlite_database)
    visit = scheduled(sqlite_database, operator)
    with sqlite_database.write() as session:
        assert availability.concerns_now(session, visit, NOON) == []
        away = Absence(SOON - timedelta(days=1), SOON + timedelta(days=1), "training")
        presence.add_absence(session, operator, away, actor="test", at=NOON)
        assert availability.concerns_now(session, visit, NOON) == ["absent"]
        gone = OperatorForm("Luisa Fernández", email="luisa@example.com", is_active=False)
        roster.save(session, gone, actor="test", at=NOON, operator_id=operator)
        assert availability.concerns_now(session, visit, NOON) == ["retired", "absent"]
        assert availability.concerns_now(session, visit, SOON) == [], "it has begun"


def test_a_clock_time_of_the_place_is_meant_by_its_own_zone(sqlite_database: Database) -> None:
    begin = datetime(2027, 3, 28, 10, 0, tzinfo=ZoneInfo("Europe/Madrid"))
    visit = scheduled(sqlite_database, luisa(sqlite_database), starts_at=begin, zone="Europe/Madrid")
    assert visit.starts_at == begin
    assert visit.starts_at.utcoffset() == timedelta()


def test_notes_keep_their_lines_and_no_signs_that_calendars_must_not_hold(sqlite_database: Database) -> None:
    number = add_operator(sqlite_database, "Luisa", "luisa@example.com")
    visit = scheduled(sqlite_database, number, notes="Bring\r\nkeys\x1b[31m\rATTENDEE:x\x85y\u2028z\x00")
    assert visit.notes == "Bring\nkeys [31m\nATTENDEE:x y z"
