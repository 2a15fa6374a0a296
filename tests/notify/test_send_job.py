"""The jobs that send and tidy, and the mailbox a newcomer finds."""

from datetime import timedelta

from core.notify import channel_book, mailbox, rules
from core.notify.doctor import findings
from core.services import Services
from core.store import dead_letters, job_runs
from core.store.models.outbox import DeliveryAttempt
from jobs.prune_outbox import prune_outbox
from jobs.registry import JobContext
from jobs.runner import run_job
from jobs.send_outbox import send_outbox
from tests.notify.conftest import add_channel, add_rule, messages, tell


def levels(services: Services) -> dict[str, str]:
    return {finding.code: finding.level for finding in findings(services)}


def test_the_first_run_in_the_sandbox_makes_a_mailbox_with_rules_once(services: Services) -> None:
    send_outbox(JobContext(services))
    with services.database.read() as session:
        (channel,) = channel_book.listed(session)
        assert [(rule.severities, rule.delivery) for rule in rules.listed(session)] == [
            (("high", "critical"), "now"),
            (("low", "medium"), "daily"),
        ]
    channel_book.remove(services, channel.id, actor="ana")
    send_outbox(JobContext(services))
    with services.database.read() as session:
        assert channel_book.listed(session) == [], "whoever removes it does not get it again"


def test_an_alert_reaches_the_mailbox_by_one_run_of_the_job(services: Services) -> None:
    send_outbox(JobContext(services))
    assert tell(services, severity="critical") == 1
    assert tell(services, 2, severity="low") == 1
    ended = run_job(services, send_outbox, "schedule", {})
    assert (ended.state, ended.outcome) == (job_runs.DONE, {"digests": 0, "sent": 1})
    (mail,) = mailbox.kept(services.settings)
    assert (mail.subject, mail.to) == ("CRITICAL: Calls abroad – Ana Pérez", "fraud-desk@sandbox.invalid")
    assert "Ana Pérez" in mail.html
    services.clock.sleep(24 * 3600)
    send_outbox(JobContext(services))
    assert mailbox.kept(services.settings)[0].subject == "Tollwatch digest: 1 announcement"


def test_a_job_that_is_asked_to_stop_leaves_the_rest_waiting(services: Services) -> None:
    add_rule(services, add_channel(services))
    for number in range(3):
        tell(services, number)
    asked = iter([False, True])
    send_outbox(JobContext(services, stopping=lambda: next(asked)))
    assert sorted(row.state for row in messages(services)) == ["queued", "queued", "sent"]


def test_ended_messages_are_forgotten_after_months_and_waiting_ones_never(services: Services) -> None:
    channel = add_channel(services)
    add_rule(services, channel)
    tell(services, 1)
    send_outbox(JobContext(services))
    tell(services, 2)
    channel_book.pause(services, channel, paused=True, actor="ana")
    services.clock.sleep(timedelta(days=91).total_seconds())
    assert prune_outbox(JobContext(services)) == {"messages": 1}
    assert [row.subject_id for row in messages(services)] == [2]
    with services.database.read() as session:
        assert session.query(DeliveryAttempt).count() == 0


def test_the_doctor_tells_what_is_stuck(services: Services) -> None:
    assert levels(services) == {"mail_files": "ok", "outbox": "ok"}
    add_rule(services, add_channel(services))
    tell(services)
    services.clock.sleep(3600)
    assert levels(services)["outbox_late"] == "problem"
    with services.database.write() as session:
        dead_letters.discard(session, messages(services)[0].id, services.clock.now())
    assert levels(services) == {"mail_files": "ok", "outbox": "ok"}
