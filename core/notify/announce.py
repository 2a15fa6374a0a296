"""Announcing that something happened: the routing rules decide which channels hear of it, and when.

``announce`` only writes rows, in the transaction of whoever changed something: what is rolled back is not told, what
is committed is told even if the process dies a moment later. Texts are made when a message is sent.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access import people
from core.notify import rules
from core.notify.hours import Place, next_daily, next_full_hour, zone_of
from core.notify.places import place_of
from core.notify.rules import GOING_ON, Rule
from core.notify.severities import NONE, rank
from core.store import outbox
from core.store.models.outbox import NotificationChannel, OutboxMessage
from core.store.outbox import COLLECTING, DEAD, DISCARDED, QUEUED, Parcel

DIGEST_MINUTE = 8 * 60
"""Local minute of the day at which daily digests leave."""
FACTS = (
    "title",
    "summary",
    "detector",
    "public_id",
    "entity_name",
    "destination",
    "origin",
    "calls",
    "cost",
    "first_seen",
    "last_seen",
    "owner",
    "actor",
    "note",
    "verdict",
    "action",
    "path",
    "own_due",
    "resolve_due",
)
"""What an announcement may tell; anything else in ``facts`` stays here. See ``announce``."""
ESCALATED = "escalated"
_LONGEST_TEXT = 2000
_KNOWN, _PEOPLE = "notification_rules", "people_called"


@dataclass(frozen=True)
class Announcement:
    """One thing that happened, and where."""

    subject: str
    subject_id: int
    event: str
    severity: str
    place: Place
    at: datetime


def announce(  # noqa: PLR0913 - what happened to what, how grave, where and when: all of it is one announcement
    session: Session,
    *,
    subject: str,
    subject_id: int,
    event: str,
    severity: str = NONE,
    site: str = "",
    facts: Mapping[str, Any],
    at: datetime,
) -> int:
    """Write outbox rows for everybody whom a rule names; gives how many. Call it in the transaction of the change.

    ``subject`` is alert, case, ticket, …; ``event`` one of ``rules.EVENTS`` or another word; ``site`` a site's uuid
    or name. Of ``facts`` those in ``FACTS`` are told: ``title`` and ``summary`` may be a text or one for each language
    (``{"en": …, "es": …}``), ``detector`` a detector's id, ``calls`` a number, ``cost`` US dollars,
    ``first_seen``, ``last_seen``, ``own_due`` and ``resolve_due`` instants (ISO 8601 or aware), ``path`` the page's
    address below ``BASE_URL``, ``actor`` and ``owner`` people by their sign-in names, told by the names they go by.
    They may come from outside: each channel escapes them. The same subject, event and ``at`` again writes nothing;
    ``facts["muted"]`` true writes nothing at all.
    """
    if facts.get("muted"):
        return 0
    told = Announcement(subject, subject_id, event, severity or NONE, place_of(session, site), at)
    routes = list(_routes(session, told))
    if not routes:
        return 0
    content = _content({**facts, **_people(session, facts)}, told.place)
    parcels = [_parcel(told, rule, channel, due, content) for rule, channel, due in routes]
    return outbox.put_all(session, parcels, at=at)


def _routes(session: Session, told: Announcement) -> Iterator[tuple[Rule, NotificationChannel, datetime]]:
    """The rule by which each channel hears of it soonest, and when."""
    best: dict[int, tuple[tuple[bool, datetime], Rule, NotificationChannel, datetime]] = {}
    for rule, channel in _in_force(session):
        if not rule.takes(
            subject=told.subject, event=told.event, severity=told.severity, site=told.place.uuid or told.place.name
        ):
            continue
        due = rule.hours.due(told.at, told.place)
        if due is None or _is_repetition(session, told, rule):
            continue
        urgency = (rule.delivery != "now", due)
        if channel.id not in best or urgency < best[channel.id][0]:
            best[channel.id] = (urgency, rule, channel, due)
    for _, rule, channel, due in best.values():
        yield rule, channel, due


def _in_force(session: Session) -> Sequence[tuple[Rule, NotificationChannel]]:
    """Asked once in a session, as places are: whoever tells many things tells all of them by the same rules."""
    known: Sequence[tuple[Rule, NotificationChannel]] | None = session.info.get(_KNOWN)
    if known is None:
        known = session.info[_KNOWN] = rules.in_force(session)
    return known


def _is_repetition(session: Session, told: Announcement, rule: Rule) -> bool:
    """Whether the channel was told of the same within the rule's hours, at no lesser severity.

    A step of escalation never is: each says that the one before brought nobody.
    """
    if rule.repeat_hours == 0 or told.event == ESCALATED:
        return False
    alike = GOING_ON if told.event in GOING_ON else (told.event,)
    earlier = session.scalars(
        select(OutboxMessage.severity).where(
            OutboxMessage.channel_id == rule.channel_id,
            OutboxMessage.subject == told.subject,
            OutboxMessage.subject_id == told.subject_id,
            OutboxMessage.event.in_(alike),
            OutboxMessage.created_at > told.at - timedelta(hours=rule.repeat_hours),
            OutboxMessage.state.not_in((DEAD, DISCARDED)),
        )
    )
    return any(rank(severity) >= rank(told.severity) for severity in earlier)


def _parcel(
    told: Announcement, rule: Rule, channel: NotificationChannel, due: datetime, content: Mapping[str, Any]
) -> Parcel:
    is_digest = rule.delivery != "now"
    moment = told.at.isoformat(timespec="microseconds")
    return Parcel(
        key=f"{told.subject}:{told.subject_id}:{told.event}:{moment}:{channel.id}",
        kind=channel.kind,
        subject=told.subject,
        subject_id=told.subject_id,
        event=told.event,
        severity=told.severity,
        content=content,
        language=channel.language,
        recipients=list(channel.settings.get("recipients") or ()),
        channel_id=channel.id,
        rule_id=rule.id,
        site=told.place.uuid or told.place.name,
        not_before=_digest_time(rule, due, told.place) if is_digest else due,
        state=COLLECTING if is_digest else QUEUED,
    )


def _digest_time(rule: Rule, due: datetime, place: Place) -> datetime:
    if rule.delivery == "hourly":
        return next_full_hour(due)
    return next_daily(due, DIGEST_MINUTE, zone_of(rule.hours.zone or place.zone))


def _content(facts: Mapping[str, Any], place: Place) -> dict[str, Any]:
    content = {name: _storable(facts[name]) for name in FACTS if facts.get(name) not in (None, "", {})}
    return content | {"site_name": place.name, "zone": place.zone}


def _people(session: Session, facts: Mapping[str, Any]) -> dict[str, str]:
    """The people among the facts by the names they go by; read once in a session, as the rules are."""
    told = {name: str(facts[name]) for name in ("actor", "owner") if facts.get(name)}
    if not told:
        return {}
    known: Mapping[str, str] | None = session.info.get(_PEOPLE)
    if known is None:
        known = session.info[_PEOPLE] = people.called(session)
    return {name: known.get(value, value) for name, value in told.items()}


def _storable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _storable(inner) for name, inner in value.items()}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bool | int | float):
        return value
    return str(value).replace("\x00", "")[:_LONGEST_TEXT]
