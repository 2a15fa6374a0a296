"""Everything that leaves: written with the change it tells of, sent at least once, the same id at each attempt.

A message is put into the caller's transaction, so that it exists exactly when what it tells is true. A sender takes
it by compare-and-set under a lease, hands it over and notes the outcome; ``attempts`` is the number of the claim and
fences an earlier one. A sender that dies between the receiver's yes and our note leaves the lease to run out, and
the message goes again: possibly doubled, never lost, and recognisable by its id.
"""

import hashlib
import random
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, Select, and_, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.dml import ReturningInsert

from core.clock import Clock
from core.errors import TransientError
from core.store.commands import backoff_seconds, describe
from core.store.crash_points import reached
from core.store.engine import Database, is_passing
from core.store.models.outbox import DeliveryAttempt, NotificationChannel, OutboxMessage

QUEUED, SENDING, SENT, DEAD = "queued", "sending", "sent", "dead"
COLLECTING, COLLECTED, DISCARDED = "collecting", "collected", "discarded"
"""Waiting for a digest; told in one; given up by a person."""
STATES = (QUEUED, SENDING, COLLECTING, SENT, COLLECTED, DEAD, DISCARDED)
WAITING = (QUEUED, SENDING, COLLECTING)
ATTEMPTS_BEFORE_DEAD = 18
"""With the waits of ``core.store.commands`` (30 s doubling to an hour) about half a day."""
LONGEST_ASKED_WAIT_SECONDS = 6 * 3600.0
LONGEST_ANSWER = 500
_LONGEST_KEY, _LONGEST_NAME = 200, 40


@dataclass(frozen=True)
class Parcel:
    """What is to leave. ``key`` is unique for ever; ``content`` holds JSON values and never a secret.

    Without ``channel_id`` it goes to ``recipients`` by ``kind`` as the settings say. ``state`` is ``QUEUED``, or
    ``COLLECTING`` for the digest that is due at ``not_before``. Of messages with the same ``newest_of`` only the newest
    leaves: one that waits when another is written is discarded instead of sent, so that nobody is told what was.
    """

    key: str
    kind: str
    subject: str
    subject_id: int
    event: str
    severity: str
    content: Mapping[str, Any]
    language: str = "en"
    recipients: Sequence[str] = ()
    channel_id: int | None = None
    rule_id: int | None = None
    site: str = ""
    not_before: datetime | None = None
    state: str = QUEUED
    most_attempts: int = ATTEMPTS_BEFORE_DEAD
    newest_of: str = ""


@dataclass(frozen=True)
class Claimed:
    """One message in the hands of one sender, as it stood when it was taken."""

    id: int
    key: str
    message_id: str
    channel_id: int | None
    kind: str
    recipients: tuple[str, ...]
    subject: str
    subject_id: int
    event: str
    severity: str
    site: str
    language: str
    content: Mapping[str, Any]
    created_at: datetime
    attempt: int
    most_attempts: int


@dataclass(frozen=True)
class Outcome:
    """What came of one attempt: the receiver's words, how long it took, and who of several was refused and why."""

    answer: str = ""
    seconds: float = 0.0
    refused: Mapping[str, Exception] = field(default_factory=dict)


def put(session: Session, parcel: Parcel, *, at: datetime) -> int | None:
    """Write a message in the caller's transaction; gives its id, or ``None`` when its key was written before."""
    written: int | None = session.execute(_inserting(session).values(**_row(parcel, at))).scalar_one_or_none()
    reached("outbox.written")
    return written


def put_all(session: Session, parcels: Sequence[Parcel], *, at: datetime) -> int:
    """Write several messages as ``put`` does, at once; gives how many were not written before."""
    if not parcels:
        return 0
    written = len(session.execute(_inserting(session), [_row(parcel, at) for parcel in parcels]).all())
    reached("outbox.written")
    return written


def _inserting(session: Session) -> ReturningInsert[tuple[Any]]:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    return insert(OutboxMessage).on_conflict_do_nothing(index_elements=[OutboxMessage.key]).returning(OutboxMessage.id)


def _row(parcel: Parcel, at: datetime) -> dict[str, Any]:
    return {
        "key": _fitting(parcel.key),
        "message_id": f"msg_{uuid.uuid4().hex}",
        "channel_id": parcel.channel_id,
        "rule_id": parcel.rule_id,
        "kind": parcel.kind,
        "recipients": list(parcel.recipients),
        "subject": parcel.subject[:_LONGEST_NAME],
        "subject_id": parcel.subject_id,
        "event": parcel.event[:_LONGEST_NAME],
        "severity": parcel.severity,
        "site": parcel.site[:_LONGEST_KEY],
        "language": parcel.language,
        "content": dict(parcel.content),
        "state": parcel.state,
        "created_at": at,
        "not_before": parcel.not_before or at,
        "attempts": 0,
        "most_attempts": parcel.most_attempts,
        "answer": "",
        "newest_of": _fitting(parcel.newest_of) or None,
    }


def claim(
    database: Database, clock: Clock, lease_seconds: float, *, without_channels: Collection[int] = (), limit: int = 1
) -> list[Claimed]:
    """Take up to ``limit`` due messages, those due longest first; nobody else gets the same ones.

    Paused channels and ``without_channels`` are left alone. What a dead sender held is taken again once its lease
    has run out; after its last permitted attempt it is dead.
    """
    now = clock.now()
    taken = (
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(_due(now, without_channels, limit).scalar_subquery()))
        .values(state=SENDING, attempts=OutboxMessage.attempts + 1, lease_until=now + timedelta(seconds=lease_seconds))
        .returning(OutboxMessage)
        .execution_options(synchronize_session=False)
    )
    with database.write() as session:
        _bury_abandoned(session, now)
        _discard_overtaken(session, now)
        rows = [_claimed(row) for row in session.scalars(taken)]
    reached("outbox.claimed")
    return sorted(rows, key=lambda row: row.id)


def delivered(database: Database, claimed: Claimed, clock: Clock, outcome: Outcome) -> bool:
    """Note that the receiver took it; ``False`` when another sender has it by now.

    Recipients who were refused get a message of their own with the same ``message_id``: tried again when the refusal
    may pass, dead when it will not. Nobody who has it gets it again.
    """
    now, answer = clock.now(), outcome.answer[:LONGEST_ANSWER]
    accepted = [name for name in claimed.recipients if name not in outcome.refused]
    with database.write() as session:
        values = {"state": SENT, "answer": answer, "error": None, "finished_at": now, "lease_until": None}
        if not _change(session, claimed, recipients=accepted, **values):
            return False
        _note(session, claimed, now, SENT, outcome)
        for recipient, error in outcome.refused.items():
            _split_off(session, claimed, recipient, error, now)
    reached("outbox.noted")
    return True


def failed(
    database: Database,
    claimed: Claimed,
    error: Exception,
    clock: Clock,
    chance: random.Random,
    outcome: Outcome | None = None,
) -> bool:
    """Note a failure: what passes (``is_passing``) is tried again after a growing wait, anything else is dead.

    So is a transient failure of the last permitted attempt. What may be tried only once nobody waits for: it is
    discarded and never dead. ``False`` as in ``delivered``.
    """
    now, outcome = clock.now(), outcome or Outcome()
    answer, described = outcome.answer[:LONGEST_ANSWER], describe(error)
    again = is_passing(error) and claimed.attempt < claimed.most_attempts
    ended = DEAD if claimed.most_attempts > 1 else DISCARDED
    with database.write() as session:
        if again:
            due = now + timedelta(seconds=_wait_seconds(claimed.attempt, error, chance))
            changed = _change(
                session, claimed, state=QUEUED, not_before=due, error=described, answer=answer, lease_until=None
            )
        else:
            changed = _change(
                session, claimed, state=ended, finished_at=now, error=described, answer=answer, lease_until=None
            )
        if changed:
            _note(session, claimed, now, QUEUED if again else ended, outcome, described)
    reached("outbox.noted")
    return changed


def hand_back(database: Database, claimed: Claimed, clock: Clock, delay_seconds: float = 0.0) -> bool:
    """Return a message unsent and uncounted: the sender is stopping, or the channel has no room at present."""
    due = clock.now() + timedelta(seconds=delay_seconds)
    with database.write() as session:
        return _change(
            session, claimed, state=QUEUED, not_before=due, lease_until=None, attempts=max(claimed.attempt - 1, 0)
        )


def counts(session: Session) -> dict[str, int]:
    """How many messages stand in each state."""
    statement = select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state)
    found: dict[str, int] = {row[0]: row[1] for row in session.execute(statement)}
    return {state: found.get(state, 0) for state in STATES}


def _fitting(key: str) -> str:
    """A key that fits its column; of a longer one the end stands as a hash, so that it stays unique."""
    if len(key) <= _LONGEST_KEY:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"{key[: _LONGEST_KEY - len(digest)]}{digest}"


def _due(now: datetime, without_channels: Collection[int], limit: int) -> Select[int]:
    paused = select(NotificationChannel.id).where(NotificationChannel.is_paused)
    closed = OutboxMessage.channel_id.in_(paused) | OutboxMessage.channel_id.in_(list(without_channels))
    return (
        select(OutboxMessage.id)
        .where(
            or_(and_(OutboxMessage.state == QUEUED, OutboxMessage.not_before <= now), _abandoned(now)),
            or_(OutboxMessage.channel_id.is_(None), ~closed),
        )
        .order_by(OutboxMessage.not_before, OutboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


def _abandoned(now: datetime) -> Any:
    return and_(OutboxMessage.state == SENDING, OutboxMessage.lease_until < now)


def _bury_abandoned(session: Session, now: datetime) -> None:
    session.execute(
        update(OutboxMessage)
        .where(_abandoned(now), OutboxMessage.attempts >= OutboxMessage.most_attempts)
        .values(state=DEAD, finished_at=now, lease_until=None, error={"code": "worker_died", "facts": {}})
        .execution_options(synchronize_session=False)
    )


def _discard_overtaken(session: Session, now: datetime) -> None:
    """Give up what waits although something newer of the same kind was written, also what a dead sender held."""
    newer = aliased(OutboxMessage)
    overtaken = select(newer.id).where(
        newer.newest_of == OutboxMessage.newest_of,
        newer.message_id != OutboxMessage.message_id,
        or_(
            newer.created_at > OutboxMessage.created_at,
            and_(newer.created_at == OutboxMessage.created_at, newer.id > OutboxMessage.id),
        ),
    )
    session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.newest_of.is_not(None),
            or_(OutboxMessage.state == QUEUED, _abandoned(now)),
            overtaken.exists(),
        )
        .values(state=DISCARDED, finished_at=now, lease_until=None, error={"code": "overtaken", "facts": {}})
        .execution_options(synchronize_session=False)
    )


def _claimed(row: OutboxMessage) -> Claimed:
    return Claimed(
        id=row.id,
        key=row.key,
        message_id=row.message_id,
        channel_id=row.channel_id,
        kind=row.kind,
        recipients=tuple(row.recipients),
        subject=row.subject,
        subject_id=row.subject_id,
        event=row.event,
        severity=row.severity,
        site=row.site,
        language=row.language,
        content=row.content,
        created_at=row.created_at,
        attempt=row.attempts,
        most_attempts=row.most_attempts,
    )


def _split_off(session: Session, claimed: Claimed, recipient: str, error: Exception, now: datetime) -> None:
    again = is_passing(error) and claimed.attempt < claimed.most_attempts
    wait = backoff_seconds(claimed.attempt, random.Random(claimed.id))
    whole = session.get_one(OutboxMessage, claimed.id)
    copied = (
        *("message_id", "channel_id", "rule_id", "kind", "subject", "subject_id", "event", "severity", "site"),
        *("language", "content", "created_at", "most_attempts", "newest_of"),
    )
    part = OutboxMessage(
        **{name: getattr(whole, name) for name in copied},
        key=_fitting(f"{claimed.id}:{claimed.attempt}:{recipient}"),
        recipients=[recipient],
        state=QUEUED if again else DEAD,
        not_before=now + timedelta(seconds=wait),
        attempts=claimed.attempt,
        finished_at=None if again else now,
        answer="",
        error=describe(error),
    )
    session.add(part)
    session.flush()
    row = DeliveryAttempt(outbox_id=part.id, at=now, attempt=claimed.attempt, outcome=part.state, seconds=0.0)
    row.answer, row.error = "", part.error
    session.add(row)


def _wait_seconds(attempt: int, error: Exception, chance: random.Random) -> float:
    asked = (error.retry_after_seconds or 0.0) if isinstance(error, TransientError) else 0.0
    return max(backoff_seconds(attempt, chance), min(asked, LONGEST_ASKED_WAIT_SECONDS))


def _note(
    session: Session,
    claimed: Claimed,
    now: datetime,
    outcome: str,
    told: Outcome,
    error: Mapping[str, Any] | None = None,
) -> None:
    session.add(
        DeliveryAttempt(
            outbox_id=claimed.id,
            at=now,
            attempt=claimed.attempt,
            outcome=outcome,
            seconds=told.seconds,
            answer=told.answer[:LONGEST_ANSWER],
            error=dict(error) if error else None,
        )
    )


def _change(session: Session, claimed: Claimed, **values: Any) -> bool:
    statement = (
        update(OutboxMessage)
        .where(
            OutboxMessage.id == claimed.id,
            OutboxMessage.state == SENDING,
            OutboxMessage.attempts == claimed.attempt,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return _rows(session.execute(statement)) == 1


def _rows(result: Any) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0
