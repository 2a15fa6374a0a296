"""What is well and what is not with mail and the outbox, as findings with a remedy."""

from datetime import timedelta

from core.doctor import Finding
from core.notify import channel_book, deliveries, mailbox
from core.notify.channels.email.conversation import security_of
from core.services import Services
from core.store import outbox

LATE = timedelta(minutes=15)
"""The sender runs twice a minute; this much later something holds it up."""
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def findings(services: Services) -> list[Finding]:
    """Whether mails can leave, whether any message is stuck, whether the sender keeps up."""
    with services.database.read() as session:
        counted = outbox.counts(session)
        overdue = deliveries.longest_overdue(session, services.clock.now())
        mailing = sum(row.kind == "email" and not row.is_paused for row in channel_book.listed(session))
    found = [_mail(services, mailing)]
    waiting = counted[outbox.QUEUED] + counted[outbox.SENDING] + counted[outbox.COLLECTING]
    dead = counted[outbox.DEAD]
    found.append(Finding("outbox", "warning" if dead else "ok", {"dead": dead, "waiting": waiting}))
    if overdue > LATE:
        found.append(Finding("outbox_late", "problem", {"minutes": round(overdue.total_seconds() / 60)}))
    return found


def _mail(services: Services, mailing: int) -> Finding:
    settings = services.settings
    if mailbox.is_used(settings):
        return Finding("mail_files", "ok", {"folder": settings.data_dir / mailbox.FOLDER})
    if not settings.smtp_host:
        return Finding("mail", "warning", {"count": mailing}) if mailing else Finding("mail_unused", "ok")
    security = security_of(settings)
    if security == "none" and settings.smtp_host not in _LOOPBACK:
        return Finding("mail_open", "warning", {"host": settings.smtp_host})
    return Finding("mail", "ok", {"host": settings.smtp_host, "port": settings.smtp_port, "security": security})
