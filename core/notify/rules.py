"""Routing rules as data: which announcements go to which channel, when, and how often."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import Clock
from core.detection.finding import SEVERITIES
from core.errors import InvalidInputError, NotFoundError
from core.notify.hours import Hours, hours_from
from core.store import audit
from core.store.engine import Database
from core.store.models.outbox import NotificationChannel, NotificationRule

DeliveryMode = Literal["now", "hourly", "daily"]
DELIVERIES: tuple[DeliveryMode, ...] = get_args(DeliveryMode)
EVENTS = (
    "opened",
    "worsened",
    "reopened",
    "extended",
    "escalated",
    "acknowledged",
    "assigned",
    "investigating",
    "resolved",
    "commented",
)
"""The events a rule can be made for; others are announced too, to rules without events."""
SUBJECTS = ("alert", "ticket", "visit", "report")
"""What is announced; a case is by its alerts."""
GOING_ON = ("opened", "worsened", "reopened", "extended")
"""Events that say that something goes on; of these one is enough within ``repeat_hours``, unless it got worse."""
WORTH_KNOWING = (*GOING_ON, "escalated")
"""The events a new rule is for unless somebody chooses others."""
LONGEST_REPEAT_HOURS = 24 * 14
_MOST_CHOICES = 200


@dataclass(frozen=True)
class Rule:
    """One rule. Empty ``severities``, ``subjects``, ``events`` or ``sites`` do not restrict; sites are uuids."""

    channel_id: int
    severities: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    hours: Hours = field(default_factory=Hours)
    delivery: DeliveryMode = "now"
    repeat_hours: int = 24
    is_paused: bool = False
    id: int = 0

    def takes(self, *, subject: str, event: str, severity: str, site: str) -> bool:
        """Whether an announcement of that kind is for this rule, the hour aside."""
        wanted = (
            (self.severities, severity),
            (self.subjects, subject),
            (self.events, event),
            (self.sites, site),
        )
        return not self.is_paused and all(not choices or value in choices for choices, value in wanted)


def listed(session: Session, *, channel_id: int | None = None) -> list[Rule]:
    """All rules, or those of one channel, oldest first."""
    statement = select(NotificationRule).order_by(NotificationRule.id)
    if channel_id is not None:
        statement = statement.where(NotificationRule.channel_id == channel_id)
    return [_rule(row) for row in session.scalars(statement)]


def in_force(session: Session) -> list[tuple[Rule, NotificationChannel]]:
    """The rules that act now, with their channels; neither is paused."""
    statement = (
        select(NotificationRule, NotificationChannel)
        .join(NotificationChannel, NotificationChannel.id == NotificationRule.channel_id)
        .where(NotificationRule.is_paused.is_(False), NotificationChannel.is_paused.is_(False))
        .order_by(NotificationRule.id)
    )
    return [(_rule(row), channel) for row, channel in session.execute(statement)]


def add(database: Database, clock: Clock, rule: Rule, *, actor: str) -> int:
    """Keep a new rule, audited; gives its id. Raises ``InvalidInputError``, ``NotFoundError`` for its channel."""
    now, values = clock.now(), _checked(rule)
    with database.write() as session:
        _channel(session, rule.channel_id)
        row = NotificationRule(**values, created_at=now, created_by=actor[:200], changed_at=now)
        session.add(row)
        session.flush()
        _audit(session, "added", row, actor, now)
        return row.id


def change(database: Database, clock: Clock, rule: Rule, *, actor: str) -> None:
    """Replace what the rule with that id says, audited. Raises ``InvalidInputError``, ``NotFoundError``."""
    now, values = clock.now(), _checked(rule)
    with database.write() as session:
        row = _row(session, rule.id)
        _channel(session, rule.channel_id)
        for name, value in values.items():
            setattr(row, name, value)
        row.changed_at = now
        _audit(session, "changed", row, actor, now)


def pause(database: Database, clock: Clock, rule_id: int, *, paused: bool, actor: str) -> None:
    """Stop a rule for a while, or let it act again. Raises ``NotFoundError``."""
    now = clock.now()
    with database.write() as session:
        row = _row(session, rule_id)
        row.is_paused, row.changed_at = paused, now
        _audit(session, "paused" if paused else "resumed", row, actor, now)


def remove(database: Database, clock: Clock, rule_id: int, *, actor: str) -> None:
    """Remove a rule; what it has already put into the outbox is still sent. Raises ``NotFoundError``."""
    with database.write() as session:
        row = _row(session, rule_id)
        _audit(session, "removed", row, actor, clock.now())
        session.delete(row)


def _rule(row: NotificationRule) -> Rule:
    return Rule(
        channel_id=row.channel_id,
        severities=tuple(row.severities),
        subjects=tuple(row.subjects),
        events=tuple(row.events),
        sites=tuple(row.sites),
        hours=hours_from(row.hours),
        delivery=row.delivery if row.delivery in DELIVERIES else "now",
        repeat_hours=row.repeat_hours,
        is_paused=row.is_paused,
        id=row.id,
    )


def _checked(rule: Rule) -> dict[str, Any]:
    _all_known("severities", rule.severities, SEVERITIES)
    _all_known("subjects", rule.subjects, SUBJECTS)
    _all_known("events", rule.events, EVENTS)
    _all_known("delivery", (rule.delivery,), DELIVERIES)
    if len(rule.sites) > _MOST_CHOICES:
        raise InvalidInputError(field="sites", problem=f"> {_MOST_CHOICES}")
    if not 0 <= rule.repeat_hours <= LONGEST_REPEAT_HOURS:
        raise InvalidInputError(field="repeat_hours", problem=f"0-{LONGEST_REPEAT_HOURS}")
    values = asdict(rule)
    values.pop("id")
    lists = {name: list(values[name]) for name in ("severities", "subjects", "events", "sites")}
    return {**values, **lists, "hours": hours_from(rule.hours.to_json()).to_json()}


def _all_known(field: str, values: Sequence[str], known: Sequence[str]) -> None:
    for value in values:
        if value not in known:
            raise InvalidInputError(field=field, problem=value[:60])


def _row(session: Session, rule_id: int) -> NotificationRule:
    row = session.get(NotificationRule, rule_id, with_for_update=True)
    if row is None:
        raise NotFoundError(what=f"rule {rule_id}")
    return row


def _channel(session: Session, channel_id: int) -> NotificationChannel:
    row = session.get(NotificationChannel, channel_id)
    if row is None:
        raise NotFoundError(what=f"channel {channel_id}")
    return row


def _audit(session: Session, action: str, row: NotificationRule, actor: str, at: datetime) -> None:
    names = ("severities", "subjects", "events", "sites", "hours", "delivery", "repeat_hours", "is_paused")
    detail = {"rule": row.id, **{name: getattr(row, name) for name in names}}
    subject = _channel(session, row.channel_id).name
    audit.record(session, actor=actor, action=f"notification_rule.{action}", subject=subject, detail=detail, at=at)
