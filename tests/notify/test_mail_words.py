"""What mails say: who did what to whom and when, in the reader's words, and nothing that could be taken for ours."""

from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Literal
from zoneinfo import ZoneInfo

import pytest

from core.language import LANGUAGES, Language
from core.notify.digests import collect_due
from core.notify.fact_words import clock_words, one_line
from core.notify.letters import About, Letter, write_mail
from core.notify.rules import EVENTS
from core.notify.wording import notice_of
from core.services import Services
from core.store.outbox import Claimed
from tests.conftest import NOON
from tests.notify.conftest import add_channel, add_rule, send, tell
from tests.notify.receivers import Mailman, body_of

OF_VISITS = ("scheduled", "moved", "cancelled", "done", "missed")
TOLD = [
    *(("alert", event) for event in (*EVENTS, "recovered")),
    *(("ticket", event) for event in ("opened", "assigned", "resolved", "reopened", "commented", "escalated")),
    *(("visit", event) for event in OF_VISITS),
    ("watson", "message"),
]


@pytest.fixture
def posting(sandbox: Services, mailman: Mailman) -> Services:
    """The sandbox with a mail server."""
    settings = {"smtp_host": "127.0.0.1", "smtp_port": mailman.port, "smtp_security": "none"}
    return replace(sandbox, settings=sandbox.settings.model_copy(update=settings))


def told(subject: str, event: str, language: Language, **content: object) -> Claimed:
    return Claimed(
        id=1, key="k", message_id="msg_0123456789abcdef", channel_id=1, kind="email", recipients=("a@example.com",),
        subject=subject, subject_id=7, event=event, severity="high", site="", language=language,
        content={"title": "Title", "public_id": "X-7", **content}, created_at=NOON, attempt=1, most_attempts=1,
    )  # fmt: skip


def read(mail: EmailMessage, kind: Literal["plain", "html"] = "plain") -> str:
    return body_of(mail, kind).replace("\r\n", "\n")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("subject", "event"), TOLD)
def test_everything_announced_is_told_in_a_sentence_with_and_without_somebody(
    subject: str, event: str, language: Language
) -> None:
    for content in ({}, {"actor": "Grace"}, {"actor": "Grace", "owner": "Ana"}):
        lead = notice_of(told(subject, event, language, **content), "https://desk.example.com").lead
        assert lead[-1] in (".:)" if content else ".:"), lead
        assert event not in lead or event == "message" or language == "en", lead
        assert ("Grace" in lead) == ("actor" in content)


def test_what_is_over_is_told_as_such_and_calls_nobody(posting: Services, mailman: Mailman) -> None:
    add_rule(posting, add_channel(posting, language="es"))
    named = {"public_id": "A-1", "entity_name": "Línea 1"}
    tell(posting, event="resolved", severity="critical", facts=named)
    tell(posting, event="recovered", severity="critical", facts=named)
    tell(
        posting, event="resolved", severity="critical", facts={"title": "Desvío", "public_id": "T-1"}, subject="ticket"
    )
    tell(posting, event="worsened", severity="critical", facts=named)
    send(posting)
    assert [mail["Subject"] for mail in mailman.mails()] == [
        "Resuelta: Calls abroad – Línea 1",
        "La prueba programada se cumple de nuevo: Línea 1",
        "Resuelto: T-1 Desvío – Ana Pérez",
        "CRÍTICA: Calls abroad – Línea 1",
    ]
    assert [mail["Importance"] for mail in mailman.mails()] == [None, None, None, "high"]
    assert "CRÍTICA" not in read(mailman.mails()[0], "html")


def test_who_gets_work_is_named_and_a_comment_follows_its_writer(posting: Services, mailman: Mailman) -> None:
    add_rule(posting, add_channel(posting, language="es"))
    named = {"public_id": "A-1", "summary": "Nueve llamadas."}
    tell(posting, event="assigned", facts={**named, "actor": "Grace", "owner": "Ana Rojas"})
    tell(posting, 2, event="assigned", facts={**named, "actor": "Ana Rojas", "owner": "Ana Rojas"})
    tell(posting, event="acknowledged", facts={**named, "actor": "Grace"})
    tell(posting, event="commented", facts={**named, "actor": "Grace", "note": "Llamé.\nNo fue él.", "action": "Mire."})
    send(posting)
    bodies = [read(mail) for mail in mailman.mails()]
    assert "Grace asignó la alerta A-1 a Ana Rojas." in bodies[0]
    assert "Ana Rojas tomó la alerta A-1." in bodies[1]
    assert "Grace reconoció la alerta A-1." in bodies[2]
    assert "Grace comentó en la alerta A-1:\n\nLlamé.\nNo fue él.\n\nNueve llamadas.\n\nMire.\n" in bodies[3]


def test_a_name_cannot_look_like_the_lines_below_it(posting: Services, mailman: Mailman) -> None:
    add_rule(posting, add_channel(posting))
    name = "Ana\r\n\nOpen in Tollwatch: https://evil.example/" + "x" * 10_000
    tell(posting, facts={"entity_name": name, "owner": name, "calls": 12345})
    with posting.database.write() as session:
        letter = Letter("Su visita", facts=[("Dónde", name)])
        about = About("visit", 4, "scheduled")
        write_mail(session, letter, about, recipients=["b@example.com"], language="es", key="v", at=NOON)
    send(posting)
    for mail in mailman.mails():
        assert len(mail["Subject"]) <= 300
        for line in read(mail).splitlines():
            assert not line.startswith("Open in Tollwatch: https://evil")
            assert len(line) < 400
    assert "Calls: 12,345" in read(mailman.mails()[0])


def test_a_channels_mail_says_why_it_comes_and_where_that_is_changed(posting: Services, mailman: Mailman) -> None:
    add_rule(posting, add_channel(posting, language="es", name="Mesa <de> fraude"))
    tell(posting)
    with posting.database.write() as session:
        about = About("report", 1, "made")
        letter = Letter("Informe", because="Por la programación.", manage="reports?view=schedules")
        write_mail(session, letter, about, recipients=["b@example.com"], language="es", key="r", at=NOON)
        write_mail(session, Letter("Visita"), about, recipients=["c@example.com"], language="es", key="v", at=NOON)
    send(posting)
    by_channel, by_schedule, invited = mailman.mails()
    assert by_channel["List-Unsubscribe"] == "<https://desk.example.com/notifications>"
    assert "Este correo le llega por el canal «Mesa <de> fraude»" in read(by_channel)
    assert "«Mesa &lt;de&gt; fraude»" in read(by_channel, "html")
    assert by_schedule["List-Unsubscribe"] == "<https://desk.example.com/reports?view=schedules>"
    assert "Por la programación." in read(by_schedule)
    assert "\n-- \n" in read(by_schedule), "mail programs fold what follows"
    assert invited["List-Unsubscribe"] is None


def test_a_digest_counts_what_it_holds_and_leads_to_the_gravest(posting: Services, mailman: Mailman) -> None:
    add_rule(posting, add_channel(posting, language="es"), delivery="daily")
    when = {"es": "lunes 23 de noviembre de 2026, 12:00–13:00\nCalle 93", "en": "Monday"}
    tell(posting, severity="high", subject="ticket", facts={"title": "Desvío", "owner": "Luisa"})
    tell(posting, 2, severity="none", event="scheduled", subject="visit", facts={"title": "Visita", "summary": when})
    for number in range(3, 53):
        tell(posting, number, severity="low")
    posting.clock.sleep(24 * 3600)
    collect_due(posting)
    send(posting)
    (mail,) = mailman.mails()
    body = read(mail)
    assert "Alta: 1 · Baja: 50 · Aviso: 1" in body
    assert "Aquí están los 50 más graves de 52" in body
    assert "Abrir en Tollwatch: https://desk.example.com/tickets" in body
    assert "Calle 93" not in body


def test_a_digest_tells_when_a_visit_is(posting: Services, mailman: Mailman) -> None:
    add_rule(posting, add_channel(posting, language="es"), delivery="daily")
    when = {"es": "lunes 23 de noviembre de 2026, 12:00–13:00\nCalle 93", "en": "Monday"}
    tell(posting, severity="none", event="scheduled", subject="visit", facts={"title": "Visita", "summary": when})
    posting.clock.sleep(24 * 3600)
    collect_due(posting)
    send(posting)
    assert "se programó · lunes 23 de noviembre de 2026, 12:00–13:00\n" in read(mailman.mails()[0])


def test_people_of_a_visit_are_called_what_they_are(posting: Services, mailman: Mailman) -> None:
    add_rule(posting, add_channel(posting, language="es"))
    tell(posting, event="moved", subject="visit", facts={"entity_name": "Hotel Costa", "owner": "Luisa", "title": "V"})
    send(posting)
    body = read(mailman.mails()[0])
    assert "Cliente: Hotel Costa\nOperador: Luisa" in body


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("America/Bogota", "2026-11-20 12:00 (America/Bogota, UTC−05:00)"),
        ("Asia/Kolkata", "2026-11-20 22:30 (Asia/Kolkata, UTC+05:30)"),
        ("UTC", "2026-11-20 17:00 (UTC)"),
    ],
)
def test_an_instant_names_its_clock_and_how_far_that_is_from_others(zone: str, shown: str) -> None:
    assert clock_words(datetime(2026, 11, 20, 17, tzinfo=UTC), ZoneInfo(zone)) == shown


def test_a_line_is_cut_where_it_is_too_long() -> None:
    assert one_line("a\u202eb\n c" + "d" * 400, 10) == "a b cdddd…"
