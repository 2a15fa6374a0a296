"""The delivery log: what left, what waits, what could not be delivered, and every attempt behind it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from core.calls.formulas import harmless
from core.errors import InvalidInputError, NotFoundError
from core.language import Language, is_text, translate
from core.notify import wording
from core.notify.channel_book import wake
from core.notify.kinds import kind_name
from core.store import audit, dead_letters, outbox
from core.store.engine import Database
from core.store.models.outbox import DeliveryAttempt, NotificationChannel, OutboxMessage

KEPT = timedelta(days=90)
"""How long ended messages stay in the log."""
MOST_ROWS = 200
_EXPORT_ROWS = 500
_COLUMNS = (
    "id",
    "created_at",
    "finished_at",
    "state",
    "channel",
    "recipients",
    "subject",
    "event",
    "severity",
    "title",
    "attempts",
    "answer",
    "error",
    "message_id",
)


@dataclass(frozen=True)
class DeliveryFilter:
    """Which messages to list; an empty field does not restrict."""

    states: tuple[str, ...] = ()
    channel_id: int | None = None
    subject: str = ""
    subject_id: int | None = None

    def to_query(self) -> dict[str, list[str]]:
        """As parameters of an address."""
        given = {
            "state": list(self.states),
            "channel": [str(self.channel_id)] if self.channel_id else [],
            "about": [self.subject] if self.subject else [],
            "number": [str(self.subject_id)] if self.subject_id else [],
        }
        return {name: values for name, values in given.items() if values}


def filter_from(query: Mapping[str, Sequence[str]]) -> DeliveryFilter:
    """The filter of an address's parameters. Raises ``InvalidInputError``."""
    states = tuple(query.get("state", ()))
    for state in states:
        if state not in outbox.STATES:
            raise InvalidInputError(field="state", problem=state[:40])
    return DeliveryFilter(
        states=states,
        channel_id=_number("channel", query),
        subject=next(iter(query.get("about", ())), "")[:40],
        subject_id=_number("number", query),
    )


def page(
    session: Session, wanted: DeliveryFilter, *, before: int | None = None, limit: int = MOST_ROWS
) -> list[OutboxMessage]:
    """Messages, newest first; ``before`` continues after the last id of a former page."""
    statement = _filtered(wanted).order_by(OutboxMessage.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(OutboxMessage.id < before)
    return list(session.scalars(statement))


def find(session: Session, outbox_id: int) -> OutboxMessage:
    """One message. Raises ``NotFoundError``."""
    row = session.get(OutboxMessage, outbox_id)
    if row is None:
        raise NotFoundError(what=f"message {outbox_id}")
    return row


def attempts(session: Session, outbox_id: int) -> list[DeliveryAttempt]:
    """Every attempt to hand a message over, oldest first."""
    statement = select(DeliveryAttempt).where(DeliveryAttempt.outbox_id == outbox_id).order_by(DeliveryAttempt.id)
    return list(session.scalars(statement))


def title(row: OutboxMessage, language: Language) -> str:
    """What a message is about, in a line."""
    if row.subject in (wording.DIGEST, wording.TEST):
        return wording.subject_name(row.subject, language)
    if wording.LETTER in row.content:
        return str(row.content[wording.LETTER].get("title", ""))[:300]
    return wording.headline(row.subject, row.severity, row.content, language)


def retry(session: Session, outbox_id: int, *, actor: str, at: datetime) -> None:
    """Send a dead or discarded message once more, audited. Raises ``NotFoundError``."""
    row = dead_letters.retry(session, outbox_id, at)
    wake(session, actor, at)
    _audit(session, "retried", row, actor, at)


def retry_all(session: Session, wanted: DeliveryFilter, *, actor: str, at: datetime) -> int:
    """Send every dead message of the filter once more: after the cause was removed. Gives how many."""
    statement = _filtered(wanted).where(OutboxMessage.state == outbox.DEAD).with_only_columns(OutboxMessage.id)
    dead = list(session.scalars(statement))
    for outbox_id in dead:
        dead_letters.retry(session, outbox_id, at)
    if dead:
        wake(session, actor, at)
        detail = {"messages": len(dead), **wanted.to_query()}
        audit.record(session, actor=actor, action="delivery.retried_all", detail=detail, at=at)
    return len(dead)


def discard(session: Session, outbox_id: int, *, actor: str, at: datetime) -> None:
    """Give up a message that waits or is dead, audited. Raises ``NotFoundError``."""
    _audit(session, "discarded", dead_letters.discard(session, outbox_id, at), actor, at)


def last_sent(session: Session) -> dict[int, datetime]:
    """When each channel last took a message."""
    statement = (
        select(OutboxMessage.channel_id, func.max(OutboxMessage.finished_at))
        .where(OutboxMessage.state == outbox.SENT, OutboxMessage.channel_id.is_not(None))
        .group_by(OutboxMessage.channel_id)
    )
    return {channel: at for channel, at in session.execute(statement) if channel is not None and at is not None}


def dead_by_channel(session: Session) -> dict[int, int]:
    """How many messages of each channel could not be delivered."""
    statement = (
        select(OutboxMessage.channel_id, func.count())
        .where(OutboxMessage.state == outbox.DEAD, OutboxMessage.channel_id.is_not(None))
        .group_by(OutboxMessage.channel_id)
    )
    return {channel: number for channel, number in session.execute(statement) if channel is not None}


def longest_overdue(session: Session, now: datetime) -> timedelta:
    """How long the oldest message of a channel that is not paused has been due and not sent."""
    paused = select(NotificationChannel.id).where(NotificationChannel.is_paused)
    oldest = session.scalar(
        select(func.min(OutboxMessage.not_before)).where(
            OutboxMessage.state.in_((outbox.QUEUED, outbox.COLLECTING)),
            OutboxMessage.channel_id.is_(None) | OutboxMessage.channel_id.not_in(paused),
        )
    )
    return max(now - oldest, timedelta()) if oldest else timedelta()


def prune(session: Session, before: datetime) -> int:
    """Remove ended messages and their attempts that ended before that instant; gives how many messages."""
    old = select(OutboxMessage.id).where(
        OutboxMessage.state.in_((outbox.SENT, outbox.COLLECTED, outbox.DEAD, outbox.DISCARDED)),
        OutboxMessage.finished_at < before,
    )
    ids = list(session.scalars(old))
    for start in range(0, len(ids), _EXPORT_ROWS):
        part = ids[start : start + _EXPORT_ROWS]
        session.execute(delete(DeliveryAttempt).where(DeliveryAttempt.outbox_id.in_(part)))
        session.execute(delete(OutboxMessage).where(OutboxMessage.id.in_(part)))
    return len(ids)


def export_rows(database: Database, wanted: DeliveryFilter, language: Language) -> Iterator[list[str]]:
    """The log as rows of a table with a row of titles, newest first; safe to open in a spreadsheet."""
    yield [translate(f"notify.csv.{column}", language) for column in _COLUMNS]
    with database.read() as session:
        names = {row.id: row.name for row in session.scalars(select(NotificationChannel))}
    before: int | None = None
    while True:
        with database.read() as session:
            rows = page(session, wanted, before=before, limit=_EXPORT_ROWS)
        yield from (_harmless(_cells(row, names, language)) for row in rows)
        if len(rows) < _EXPORT_ROWS:
            return
        before = rows[-1].id


def _cells(row: OutboxMessage, names: Mapping[int, str], language: Language) -> list[str]:
    return [
        str(row.id),
        _utc(row.created_at),
        _utc(row.finished_at),
        translate(f"notify.states.{row.state}", language),
        names.get(row.channel_id or 0) or kind_name(row.kind, language),
        ", ".join(row.recipients),
        wording.subject_name(row.subject, language),
        wording.event_name(row.event, language),
        wording.severity_name(row.severity, language),
        title(row, language),
        str(row.attempts),
        row.answer,
        _error(row.error, language),
        row.message_id,
    ]


def _harmless(cells: list[str]) -> list[str]:
    safe: list[str] = harmless(pa.array(cells, pa.string())).to_pylist()
    return safe


def _error(stored: Mapping[str, Any] | None, language: Language) -> str:
    if not stored:
        return ""
    key = f"errors.{stored.get('code')}.message"
    if not is_text(key):
        return str(stored.get("code", ""))
    try:
        return translate(key, language, **(stored.get("facts") or {}))
    except (KeyError, IndexError):
        return str(stored.get("code", ""))


def _filtered(wanted: DeliveryFilter) -> Select[OutboxMessage]:
    statement = select(OutboxMessage)
    if wanted.states:
        statement = statement.where(OutboxMessage.state.in_(wanted.states))
    if wanted.channel_id is not None:
        statement = statement.where(OutboxMessage.channel_id == wanted.channel_id)
    if wanted.subject:
        statement = statement.where(OutboxMessage.subject == wanted.subject)
    if wanted.subject_id is not None:
        statement = statement.where(OutboxMessage.subject_id == wanted.subject_id)
    return statement


def _number(name: str, query: Mapping[str, Sequence[str]]) -> int | None:
    text = next(iter(query.get(name, ())), "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise InvalidInputError(field=name, problem=text[:40])
    return int(text)


def _utc(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def _audit(session: Session, action: str, row: OutboxMessage, actor: str, at: datetime) -> None:
    detail = {"channel": row.channel_id, "about": row.subject, "number": row.subject_id, "event": row.event}
    audit.record(session, actor=actor, action=f"delivery.{action}", subject=f"message {row.id}", detail=detail, at=at)
