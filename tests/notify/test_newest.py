"""Of mails that replace each other only the newest leaves, whatever became of the earlier ones."""

import random

from core.notify.errors import MailDeferredError
from core.notify.letters import About, Letter, write_mail
from core.services import Services
from core.store import outbox
from tests.notify.conftest import messages, send
from tests.notify.receivers import Mailman

GROUP = "visit:4:client:ana@example.com"


def write(services: Services, title: str, newest_of: str = GROUP, recipient: str = "ana@example.com") -> None:
    with services.database.write() as session:
        write_mail(
            session,
            Letter(title),
            About("visit", 4, "moved", newest_of=newest_of),
            recipients=[recipient],
            language="en",
            key=title,
            at=services.clock.now(),
        )


def states(services: Services) -> list[str]:
    return [row.state for row in messages(services)]


def subjects(mailman: Mailman) -> list[str]:
    return [str(mail["Subject"]) for mail in mailman.mails()]


def test_what_waits_for_another_try_gives_way_to_what_was_written_since(mailing: Services, mailman: Mailman) -> None:
    mailman.rcpt = {"ana@example.com": ["451 later"]}
    write(mailing, "at nine")
    assert send(mailing) == {"put_off": 1}
    write(mailing, "at ten")
    write(mailing, "another visit", "visit:5:client:ana@example.com")
    mailing.clock.sleep(3600)
    assert send(mailing) == {"sent": 2}
    assert subjects(mailman) == ["at ten", "another visit"]
    assert states(mailing) == ["discarded", "sent", "sent"]
    assert messages(mailing)[0].error == {"code": "overtaken", "facts": {}}


def test_two_of_one_instant_and_mails_without_a_group_keep_their_order(mailing: Services, mailman: Mailman) -> None:
    for title, group in (("first", GROUP), ("second", GROUP), ("plain", ""), ("plain too", "")):
        write(mailing, title, group)
    assert send(mailing) == {"sent": 3}
    assert subjects(mailman) == ["second", "plain", "plain too"]


def test_what_a_dead_sender_held_is_not_sent_after_something_newer(mailing: Services, mailman: Mailman) -> None:
    write(mailing, "at nine")
    assert len(outbox.claim(mailing.database, mailing.clock, 300.0)) == 1
    mailing.clock.sleep(60)
    write(mailing, "at ten")
    assert send(mailing) == {"sent": 1}
    mailing.clock.sleep(600)
    assert send(mailing) == {}
    assert subjects(mailman) == ["at ten"]


def test_what_fails_after_something_newer_was_written_is_given_up(mailing: Services, mailman: Mailman) -> None:
    write(mailing, "at nine")
    (held,) = outbox.claim(mailing.database, mailing.clock, 300.0)
    mailing.clock.sleep(1)
    write(mailing, "at ten")
    error = MailDeferredError(host="mail", status=451, detail="later")
    assert outbox.failed(mailing.database, held, error, mailing.clock, random.Random(1))
    mailing.clock.sleep(3600)
    assert send(mailing) == {"sent": 1}
    assert subjects(mailman) == ["at ten"]
