"""What client and operator hear of a visit, over real conversations with a mail server that is not always willing."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.clock import SteppedClock
from core.services import Services
from core.store.engine import Database
from core.store.models.visits import VisitRow
from core.visits import founding, mails, reminders, timeline, work
from core.visits.errors import VisitClashError, VisitStateError, VisitTimeError
from core.visits.work import Guest, Move, Target
from tests.conftest import NOON
from tests.notify.conftest import add_channel, add_rule, messages, send, services_over
from tests.notify.receivers import Mailman, body_of
from tests.visits.desk import SOON, grace, invitations, luisa, new_visit, scheduled
from tests.visits.operators import add_client, add_operator

CLIENT, LUISA, PEDRO = "gerencia@nandu.example", "luisa@example.com", "pedro@example.com"
HOUR = timedelta(hours=1)


def move(desk: Services, visit: VisitRow, **wanted: object) -> VisitRow:
    with desk.database.write() as session:
        return work.move(session, Target(visit.id), Move(**wanted), grace(desk.clock.now()))  # type: ignore[arg-type]


def cancel(desk: Services, visit: VisitRow, reason: str = "") -> VisitRow:
    with desk.database.write() as session:
        return work.cancel(session, Target(visit.id), grace(desk.clock.now()), reason=reason)


def told(mailman: Mailman, recipient: str) -> list[tuple[str, str, int]]:
    return [
        (method, str(event["UID"]), int(str(event["SEQUENCE"]))) for method, event in invitations(mailman, recipient)
    ]


def subjects(mailman: Mailman, recipient: str) -> list[str]:
    return [str(mail["Subject"]) for mail in mailman.mails() if mail["To"] == recipient]


def test_from_scheduling_to_cancelling_one_uid_and_a_growing_sequence(desk: Services, mailman: Mailman) -> None:
    visit = scheduled(desk.database, luisa(desk))
    assert send(desk) == {"sent": 2}
    move(desk, visit, starts_at=SOON + HOUR, reason="La clienta lo pidió")
    send(desk)
    cancel(desk, visit, "Llueve")
    send(desk)
    uid = visit.uid
    assert told(mailman, CLIENT) == [("REQUEST", uid, 0), ("REQUEST", uid, 1), ("CANCEL", uid, 2)]
    assert told(mailman, LUISA) == told(mailman, CLIENT)
    moved = invitations(mailman, CLIENT)[1][1]
    assert moved.decoded("DTSTART") == SOON + HOUR
    assert str(moved["ORGANIZER"]) == "mailto:tollwatch@desk.example.com"
    second = [mail for mail in mailman.mails() if mail["To"] == CLIENT][1]
    assert second["Reply-To"] == LUISA, "an answer reaches who comes"
    to_luisa = [mail["Reply-To"] for mail in mailman.mails() if mail["To"] == LUISA]
    assert to_luisa == [None] * 3, "an answer that quotes notes of the desk never reaches the client"
    text = body_of(second)
    assert "Antes: lunes 23 de noviembre de 2026, 12:00–13:00 (America/Bogota" in text
    assert "responda a este correo: le llega a Luisa Fernández" in text


def test_each_is_told_in_their_own_language_and_a_client_nothing_of_the_desk(desk: Services, mailman: Mailman) -> None:
    client = Guest("Hotel Costa", "hotel@example.com", "en")
    scheduled(desk.database, luisa(desk), client=client, notes="The code is 4711", title="Trunk <b>check</b>")
    send(desk)
    to_client, to_operator = sorted(mailman.mails(), key=lambda mail: str(mail["To"]))
    assert (to_client["Content-Language"], to_operator["Content-Language"]) == ("en", "es")
    assert to_client["Subject"] == "Visit: Trunk <b>check</b>"
    assert to_operator["Subject"] == "Nueva visita: Trunk <b>check</b> – Hotel Costa"
    read = {str(mail["To"]): body_of(mail, "html") for mail in mailman.mails()}
    assert "Monday, 23 November 2026, 12:00–13:00 (America/Bogota, UTC−05:00)" in read["hotel@example.com"]
    assert "lunes 23 de noviembre de 2026, 12:00–13:00" in read[LUISA]
    assert "4711" in read[LUISA]
    assert "https://desk.example.com/visits?visit=" in read[LUISA]
    for secret in ("4711", "desk.example.com/visits", "<b>"):
        assert secret not in read["hotel@example.com"]


def test_a_client_we_know_is_told_at_their_address(desk: Services, mailman: Mailman) -> None:
    number = add_client(desk.database, "Clínica San José", "clinica@example.com")
    visit = scheduled(desk.database, luisa(desk), client=Guest(id=number))
    assert (visit.client_name, visit.client_id) == ("Clínica San José", number)
    send(desk)
    assert len(invitations(mailman, "clinica@example.com")) == 1


def test_another_place_is_told_with_the_one_before(desk: Services, mailman: Mailman) -> None:
    visit = scheduled(desk.database, luisa(desk))
    move(desk, visit, place="Calle 94")
    send(desk)
    cancel(desk, visit, "Llueve")
    send(desk)
    bodies = [body_of(mail) for mail in mailman.mails()]
    assert len(bodies) == 4
    assert all("Antes era en: Calle 93" in body for body in bodies[:2])
    assert all("La invitación para su calendario va adjunta." in body for body in bodies[:2])
    assert all("El archivo adjunto retira la visita de su calendario." in body for body in bodies[2:])


def test_whoever_loses_a_visit_is_told_and_it_leaves_their_calendar(desk: Services, mailman: Mailman) -> None:
    visit = scheduled(desk.database, luisa(desk))
    send(desk)
    move(desk, visit, operator_id=add_operator(desk.database, "Pedro", PEDRO))
    send(desk)
    assert [entry[0] for entry in told(mailman, LUISA)] == ["REQUEST", "CANCEL"]
    assert told(mailman, PEDRO) == [("REQUEST", visit.uid, 1)]
    assert subjects(mailman, LUISA)[-1] == "Visita asignada a Pedro: Revisión – Comercial Ñandú"
    assert subjects(mailman, PEDRO) == ["New visit: Revisión – Comercial Ñandú"], "to whom it is given it is new"


@pytest.mark.parametrize("answer", ["451 greylisted, come again", "421 too busy"])
def test_a_move_after_a_mail_put_off_sends_how_it_stands_now(desk: Services, mailman: Mailman, answer: str) -> None:
    mailman.rcpt = {CLIENT: [answer]}
    visit = scheduled(desk.database, luisa(desk))
    send(desk)
    move(desk, visit, starts_at=SOON + HOUR)
    desk.clock.sleep(3600)
    send(desk)
    assert told(mailman, CLIENT) == [("REQUEST", visit.uid, 1)]
    assert [method for method, *_ in told(mailman, LUISA)][-1] == "REQUEST"
    with desk.database.read() as session:
        states = {(row.event, row.state) for row in mails.of_visit(session, visit.id) if row.recipients == [CLIENT]}
    assert states == {("scheduled", "discarded"), ("moved", "sent")}


def test_a_move_after_a_refusal_for_good_tries_the_client_again(desk: Services, mailman: Mailman) -> None:
    mailman.rcpt = {CLIENT: ["550 no such mailbox"]}
    visit = scheduled(desk.database, luisa(desk))
    assert send(desk) == {"given_up": 1, "sent": 1}
    move(desk, visit, place="Carrera 7")
    send(desk)
    assert told(mailman, CLIENT) == [("REQUEST", visit.uid, 1)]


def test_a_server_that_drops_after_the_content_makes_at_most_a_second_copy(desk: Services, mailman: Mailman) -> None:
    visit = scheduled(desk.database, luisa(desk))
    mailman.drops = 1
    send(desk)
    desk.clock.sleep(120)
    send(desk)
    copies = [mail for mail in mailman.mails() if mail["To"] == CLIENT] or mailman.mails()
    assert {entry[1:] for entry in told(mailman, CLIENT)} == {(visit.uid, 0)}
    assert len({mail["Message-ID"] for mail in copies}) == 1


def test_people_are_reminded_once_a_lead_by_the_present_invitation(desk: Services, mailman: Mailman) -> None:
    visit = scheduled(desk.database, luisa(desk))
    assert reminders.remind_due(desk) == 0
    desk.clock.sleep((SOON - NOON - timedelta(hours=23)).total_seconds())
    assert [reminders.remind_due(desk) for _ in range(3)] == [1, 0, 0]
    desk.clock.sleep(21.5 * 3600)
    assert [reminders.remind_due(desk) for _ in range(2)] == [1, 0]
    send(desk)
    assert subjects(mailman, CLIENT) == ["Recordatorio de su visita: Revisión"], "what waited gave way to the newest"
    assert told(mailman, CLIENT) == [("REQUEST", visit.uid, 0)]
    desk.clock.sleep(3 * 3600)
    assert reminders.remind_due(desk) == 0
    with desk.database.read() as session:
        assert [row.action for row in timeline.entries(session, visit.id)] == ["reminded", "reminded", "scheduled"]


def test_a_visit_moved_is_reminded_of_anew_and_one_called_off_never(desk: Services) -> None:
    operator = luisa(desk)
    visit = scheduled(desk.database, operator)
    gone = scheduled(desk.database, operator, starts_at=SOON + 2 * HOUR)
    cancel(desk, gone)
    soon = scheduled(desk.database, operator, starts_at=NOON + HOUR)
    assert reminders.remind_due(desk) == 0, "whoever was invited an hour before needs no reminder"
    assert soon.reminded_minutes == 120
    desk.clock.sleep((SOON - NOON - timedelta(hours=20)).total_seconds())
    assert reminders.remind_due(desk) == 1
    move(desk, visit, starts_at=SOON + timedelta(days=2))
    desk.clock.sleep(2 * 24 * 3600)
    assert reminders.remind_due(desk) == 1


def test_channels_hear_of_visits_when_a_rule_asks_for_them(desk: Services) -> None:
    add_rule(desk, add_channel(desk, language="es"), subjects=("visit",))
    visit = scheduled(desk.database, luisa(desk))
    cancel(desk, visit, "Llueve")
    to_channel = [row for row in messages(desk) if row.channel_id is not None]
    assert [row.event for row in to_channel] == ["scheduled", "cancelled"]
    assert to_channel[0].content["title"]["es"] == "Nueva visita: Revisión – Comercial Ñandú"
    assert to_channel[0].content["summary"]["es"].endswith("Calle 93")
    send(desk)


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.integers(0, 40)),
        st.tuples(st.just("give"), st.sampled_from((0, 1))),
        st.tuples(st.just("cancel"), st.just(0)),
        st.tuples(st.just("send"), st.just(0)),
        st.tuples(st.just("refuse"), st.integers(0, 2)),
        st.tuples(st.just("wait"), st.integers(1, 50)),
        st.tuples(st.just("remind"), st.just(0)),
    ),
    max_size=14,
)


def test_a_sequence_never_shrinks_whatever_happens(
    tmp_path_factory: pytest.TempPathFactory, migrated_file: Path, mailman: Mailman
) -> None:
    server = {"smtp_host": "127.0.0.1", "smtp_port": mailman.port, "smtp_security": "none"}

    @settings(max_examples=8, deadline=None, database=None)
    @given(_STEPS)
    def hold(steps: list[tuple[str, int]]) -> None:
        folder = tmp_path_factory.mktemp("visits")
        database = Database(f"sqlite:///{shutil.copy(migrated_file, folder / 'state.db')}")
        mailman.rcpt, mailman.taken = {}, []
        desk = services_over(database, SteppedClock(NOON), folder, **server)
        operators = (luisa(desk), add_operator(database, "Pedro", PEDRO))
        visit = scheduled(database, operators[0])
        for step, value in steps:
            _take(desk, mailman, visit, operators, step, value)
        mailman.rcpt = {}
        desk.clock.sleep(24 * 3600)
        send(desk)
        for recipient in (CLIENT, LUISA, PEDRO):
            heard = told(mailman, recipient)
            sequences = [sequence for _, _, sequence in heard]
            assert sequences == sorted(sequences)
            assert {uid for _, uid, _ in heard} <= {visit.uid}
        with database.read() as session:
            last = session.get_one(VisitRow, visit.id)
        database.close()
        method = "CANCEL" if last.state == "cancelled" else "REQUEST"
        assert told(mailman, CLIENT)[-1] == (method, visit.uid, last.sequence), "the last word is how it stands"

    hold()


def _take(desk: Services, mailman: Mailman, visit: VisitRow, operators: tuple[int, int], step: str, value: int) -> None:
    try:
        if step == "move":
            move(desk, visit, starts_at=SOON + value * HOUR)
        elif step == "give":
            move(desk, visit, operator_id=operators[value])
        elif step == "cancel":
            cancel(desk, visit)
    except (VisitStateError, VisitTimeError, VisitClashError):
        return
    if step == "send":
        send(desk)
    elif step == "refuse":
        mailman.rcpt = {address: ["451 later"] for address in (CLIENT, LUISA, PEDRO)[: value + 1]}
    elif step == "wait":
        desk.clock.sleep(value * 1800)
    elif step == "remind":
        reminders.remind_due(desk)


def test_nothing_leaves_when_the_change_is_rolled_back(desk: Services) -> None:
    operator = luisa(desk)

    def fail_after_scheduling() -> None:
        with desk.database.write() as session:
            work.schedule(session, new_visit(operator), grace())
            raise RuntimeError("the caller's transaction failed")

    with pytest.raises(RuntimeError):
        fail_after_scheduling()
    assert messages(desk) == []


def test_a_demonstration_begins_with_visits_once_it_has_operators(desk: Services, mailman: Mailman) -> None:
    assert founding.found_once(desk) == 0
    luisa(desk)
    add_operator(desk.database, "Pedro", PEDRO)
    number = founding.found_once(desk)
    assert number >= 4
    assert founding.found_once(desk) == 0
    with desk.database.read() as session:
        rows = list(session.scalars(select(VisitRow)))
    assert len(rows) == number
    assert {row.state for row in rows} == {"scheduled", "cancelled"}
    assert all(row.client_email.endswith(".invalid") for row in rows)
