"""Mails against real mail servers: what they take, put off, refuse, and leave unsaid."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.clock import SteppedClock
from core.notify.channels.email.conversation import hand_over
from core.notify.digests import collect_due
from core.notify.errors import MailServerTrustError
from core.notify.letters import About, Letter, write_mail
from core.notify.notice import Attachment
from core.notify.wording import headline
from core.services import Services
from core.store.engine import Database
from tests.notify.conftest import add_channel, add_rule, messages, send, services_over, tell
from tests.notify.receivers import Mailman, body_of, mail_server

THREE = "ana@example.com, ben@example.com, eva@example.com"


def test_a_mail_arrives_as_text_and_html_with_a_link_and_an_id(mailing: Services, mailman: Mailman) -> None:
    add_rule(mailing, add_channel(mailing))
    assert tell(mailing, 7, site="", facts={"public_id": "A-ABCDEFGH", "cost": 123.5, "calls": 9}) == 1
    assert send(mailing) == {"sent": 1}
    (mail,) = mailman.mails()
    (row,) = messages(mailing)
    assert (row.state, row.attempts, row.answer) == ("sent", 1, "127.0.0.1: 1/1")
    assert mail["To"] == "desk@example.com"
    assert mail["Subject"] == "HIGH: Calls abroad – Ana Pérez"
    assert mail["Message-ID"] == f"<{row.message_id}@desk.example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["In-Reply-To"] == mail["References"] == "<alert-7.tollwatch@desk.example.com>"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    for body in (text.get_content(), html.get_content()):
        assert "https://desk.example.com/alerts?alert=7" in body
        assert "US$ 123.50" in body
        assert "Alert A-ABCDEFGH was opened." in body
    assert "HIGH: " not in html.get_content().partition("<h1")[2], "the severity stands beside the heading"


def test_a_channel_is_told_in_its_own_language(mailing: Services, mailman: Mailman) -> None:
    add_rule(mailing, add_channel(mailing, language="es"))
    tell(mailing, facts={"title": "", "detector": "international_calls", "cost": 1234.5})
    send(mailing)
    (mail,) = mailman.mails()
    assert mail["Subject"] == "ALTA: Llamadas inusuales al exterior – Ana Pérez"
    assert mail["Content-Language"] == "es"
    text = mail.get_body(("plain",))
    assert text is not None
    assert "US$ 1.234,50" in text.get_content()


@pytest.mark.parametrize(
    ("event", "actor", "told"),
    [
        ("resolved", "ana", "ana resolvió la alerta A-1."),
        ("extended", "", "Continúa la alerta A-1."),
        ("worsened", "ana", "Se agravó la alerta A-1. (ana)"),
        ("bent", "ana", "Alerta A-1: bent (ana)"),
    ],
)
def test_what_happened_is_told_in_a_sentence(
    sandbox: Services, event: str, actor: str, told: str, mailman: Mailman
) -> None:
    settings = {"smtp_host": "127.0.0.1", "smtp_port": mailman.port, "smtp_security": "none"}
    mailing = replace(sandbox, settings=sandbox.settings.model_copy(update=settings))
    add_rule(mailing, add_channel(mailing, language="es"))
    tell(mailing, event=event, facts={"public_id": "A-1", "actor": actor})
    send(mailing)
    (mail,) = mailman.mails()
    assert told in body_of(mail)


def test_a_digest_begins_with_what_is_gravest(mailing: Services, mailman: Mailman) -> None:
    add_rule(mailing, add_channel(mailing), delivery="daily")
    for number, severity in enumerate(("low", "critical", "medium"), start=1):
        tell(mailing, number, severity=severity, facts={"title": f"Number {number}"})
    mailing.clock.sleep(24 * 3600)
    collect_due(mailing)
    send(mailing)
    (mail,) = mailman.mails()
    assert mail["Subject"] == "Tollwatch digest: 3 announcements"
    body = body_of(mail)
    assert [body.index(f"alert={number}") for number in (2, 3, 1)] == sorted(
        body.index(f"alert={number}") for number in (1, 2, 3)
    )


@pytest.mark.parametrize("site", ["Bogotá", "Medellín El Poblado Centro Comercial Ñandú", "李小龍 – 東京"])
def test_a_subject_arrives_as_it_was_written(mailing: Services, mailman: Mailman, site: str) -> None:
    add_rule(mailing, add_channel(mailing, language="es"))
    tell(mailing, site=site, facts={"title": "Cambio de desvío", "entity_name": "María José Ñáñez de la Torre"})
    send(mailing)
    (mail,) = mailman.mails()
    assert mail["Subject"] == f"ALTA: Cambio de desvío – María José Ñáñez de la Torre · {site}"
    assert all(line.isascii() and len(line) < 998 for line in mailman.letters()[0].split(b"\r\n"))


def test_hostile_names_are_text_and_make_no_header(mailing: Services, mailman: Mailman) -> None:
    add_rule(mailing, add_channel(mailing))
    name = "<script>alert(1)</script>\r\nBcc: all@example.com"
    tell(mailing, facts={"entity_name": name})
    assert send(mailing) == {"sent": 1}
    (mail,) = mailman.mails()
    html = mail.get_body(("html",))
    assert html is not None
    assert "<script>alert" not in html.get_content()
    assert mail["Bcc"] is None
    assert "Bcc: all@example.com" in mail["Subject"]


def test_of_several_recipients_only_the_refused_are_tried_again_or_dead(mailing: Services, mailman: Mailman) -> None:
    add_rule(mailing, add_channel(mailing, recipients=THREE))
    mailman.rcpt = {"ben@example.com": ["451 greylisted"], "eva@example.com": ["550 no such user"]}
    tell(mailing)
    send(mailing)
    states = {tuple(row.recipients): row.state for row in messages(mailing)}
    assert states == {("ana@example.com",): "sent", ("ben@example.com",): "queued", ("eva@example.com",): "dead"}
    assert len({row.message_id for row in messages(mailing)}) == 1
    mailing.clock.sleep(60)
    assert send(mailing) == {"sent": 1}
    assert [envelope.rcpt_tos for envelope in mailman.taken] == [["ana@example.com"], ["ben@example.com"]]
    assert len({mail["Message-ID"] for mail in mailman.mails()}) == 1
    dead = next(row for row in messages(mailing) if row.state == "dead")
    assert dead.error == {
        "code": "notify_mail_refused",
        "facts": {"host": "127.0.0.1", "status": "550", "detail": "no such user"},
    }


@pytest.mark.parametrize(
    ("answer", "state", "code"),
    [("451 later", "queued", "notify_mail_deferred"), ("554 spam", "dead", "notify_mail_refused")],
)
def test_a_refused_content_is_tried_again_or_dead_by_its_number(
    mailing: Services, mailman: Mailman, answer: str, state: str, code: str
) -> None:
    add_rule(mailing, add_channel(mailing))
    mailman.data = [answer]
    tell(mailing)
    send(mailing)
    (row,) = messages(mailing)
    assert (row.state, (row.error or {})["code"]) == (state, code)


def test_all_recipients_refused_for_now_are_all_tried_again(mailing: Services, mailman: Mailman) -> None:
    add_rule(mailing, add_channel(mailing, recipients="ana@example.com"))
    mailman.rcpt = {"ana@example.com": ["450 busy"]}
    tell(mailing)
    assert send(mailing) == {"put_off": 1}
    mailing.clock.sleep(60)
    assert send(mailing) == {"sent": 1}


def test_a_server_that_drops_after_the_content_gets_it_again_with_the_same_id(
    mailing: Services, mailman: Mailman
) -> None:
    add_rule(mailing, add_channel(mailing))
    mailman.drops = 1
    tell(mailing)
    assert send(mailing) == {"put_off": 1}
    mailing.clock.sleep(60)
    assert send(mailing) == {"sent": 1}
    assert len(mailman.taken) == 2
    assert len({mail["Message-ID"] for mail in mailman.mails()}) == 1
    assert len(set(mailman.letters())) == 1


def test_a_server_that_is_not_there_is_waited_for(
    sqlite_database: Database, clock: SteppedClock, tmp_path: Path
) -> None:
    down = services_over(sqlite_database, clock, tmp_path, smtp_host="127.0.0.1", smtp_port=9, smtp_security="none")
    add_rule(down, add_channel(down))
    tell(down, 1)
    tell(down, 2)
    assert send(down) == {"put_off": 1}, "a server that does not answer is asked once a run"


def test_without_a_server_outside_the_sandbox_it_says_so(
    sqlite_database: Database, clock: SteppedClock, tmp_path: Path
) -> None:
    bare = services_over(sqlite_database, clock, tmp_path, sandbox=False)
    add_rule(bare, add_channel(bare))
    tell(bare)
    assert send(bare) == {"given_up": 1}
    (row,) = messages(bare)
    assert (row.error or {})["code"] == "notify_mail_not_configured"


def test_an_open_line_never_carries_a_password(sqlite_database: Database, clock: SteppedClock, tmp_path: Path) -> None:
    with mail_server() as mailman:
        values = {"smtp_port": mailman.port, "smtp_user": "desk", "smtp_password": "a-mail-password-of-a-test"}
        open_line = services_over(sqlite_database, clock, tmp_path, smtp_host="127.0.0.1", **values)
        add_rule(open_line, add_channel(open_line))
        tell(open_line)
        send(open_line)
        (row,) = messages(open_line)
        assert (row.state, (row.error or {})["code"]) == ("dead", "notify_mail_trust"), "no STARTTLS, no mail"
        named = open_line.settings.model_copy(update={"smtp_security": "none", "smtp_host": "0.0.0.0"})  # noqa: S104
        with pytest.raises(MailServerTrustError):
            hand_over(named, b"Subject: x\r\n\r\nx", ["ana@example.com"])


@pytest.mark.parametrize("limit", [None, 20_000])
def test_files_too_large_for_the_server_are_left_out_and_named(sandbox: Services, limit: int | None) -> None:
    file = Attachment("calls-20261120.csv", "text/csv", b"a,b\n" * 10_000)
    with mail_server(data_size_limit=limit) as mailman:
        settings = {"smtp_host": "127.0.0.1", "smtp_port": mailman.port, "smtp_security": "none"}
        mailing = replace(sandbox, settings=sandbox.settings.model_copy(update=settings))
        with mailing.database.write() as session:
            write_mail(
                session,
                Letter("Informe", path="reports?view=history&run=1", attachments=[file]),
                About("report", 1, "made"),
                recipients=["jefe@example.com"],
                language="es",
                key="report:1",
                at=mailing.clock.now(),
            )
        if limit is None:
            mailman.data = ["552 5.3.4 message too big"]
        assert send(mailing) == {"sent": 1}
    (mail,) = mailman.mails()
    assert list(mail.iter_attachments()) == []
    text = body_of(mail)
    assert "Descargue estos archivos desde la página: calls-20261120.csv." in " ".join(text.split())
    assert "/reports?view=history&run=1" in text


def test_signs_that_turn_what_stands_beside_them_are_not_passed_on(mailing: Services, mailman: Mailman) -> None:
    add_rule(mailing, add_channel(mailing))
    tell(mailing, facts={"entity_name": "ana\u202egpj.exe\u2066", "note": "one\ntwo\u200f\x07"})
    send(mailing)
    (mail,) = mailman.mails()
    for text in (body_of(mail), body_of(mail, "html")):
        assert not set(text) & set("\u202e\u2066\u200f\x07")
        assert "gpj.exe" in text


def test_a_letter_with_an_invitation_reaches_its_own_addresses(mailing: Services, mailman: Mailman) -> None:
    invitation = Attachment("visit.ics", "text/calendar; method=REQUEST", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    letter = Letter("Su visita", "El martes a las 9.", path="visits?visit=4", attachments=[invitation])
    with mailing.database.write() as session:
        for _ in range(2):
            write_mail(
                session,
                letter,
                About("visit", 4, "scheduled"),
                recipients=["cliente@example.com"],
                language="es",
                key="visit:4:1",
                at=mailing.clock.now(),
            )
    assert send(mailing) == {"sent": 1}
    (mail,) = mailman.mails()
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content_type(), file.get_param("method")) == (
        "visit.ics",
        "application/ics",
        "REQUEST",
    )
    beside_the_text = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    assert [part.get_param("method") for part in beside_the_text] == ["REQUEST"], "where mail programs look for it"
    assert file.get_content() == beside_the_text[0].get_content().replace("\n", "\r\n").encode()
    assert mail.get_body(("plain",)) is not None


@pytest.mark.parametrize("title", ["Calls abroad – Ana Pérez – Bogotá", "Calls abroad – Bogotá"])
def test_a_subject_names_nobody_and_no_place_twice(title: str) -> None:
    content = {"title": title, "entity_name": "Ana Pérez", "site_name": "Bogotá"}
    told = headline("alert", "high", content, "en")
    assert (told.count("Ana Pérez"), told.count("Bogotá")) == (1, 1)
