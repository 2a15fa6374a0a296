"""What is meant to look odd: declared campaigns, destinations that may be called, days on which a site is closed."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.detection.policy import Allowed
from core.errors import InvalidInputError, NotFoundError
from core.store import audit, data_version
from core.store.models.detection import AllowedDestination, Campaign, DayOff

DATA_VERSION = "detection_tuning"
"""Name under which ``core.store.data_version`` counts what changes how detection judges."""

KINDS = ("country", "prefix", "number")
SCOPES = ("org", "location", "user")
LONGEST_CAMPAIGN = timedelta(days=366)
LONGEST_ALLOWANCE = timedelta(days=366)
MOST_USERS = 5000
_VALUES = {
    "country": re.compile(r"[A-Z]{2}"),
    "prefix": re.compile(r"\+[1-9]\d{0,13}"),
    "number": re.compile(r"\+[1-9]\d{5,14}"),
}


def plain_reason(text: str, longest: int = 500) -> str:
    """A reason on one line. Raises ``InvalidInputError`` when there is none."""
    return _plain("reason", text, longest)


def _plain(field: str, text: str, longest: int) -> str:
    plain = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    if not plain or len(plain) > longest:
        raise InvalidInputError(field=field, problem=f"1-{longest} characters")
    return plain


def declare_campaign(
    session: Session, *, name: str, users: Iterable[str], first_day: date, last_day: date, actor: str, at: datetime
) -> Campaign:
    """Declare that ``users`` (UUIDs) call a lot from ``first_day`` to ``last_day``. Raises ``InvalidInputError``."""
    people = sorted({user for user in users if user})
    if not 1 <= len(people) <= MOST_USERS or any(len(user) > 100 for user in people):
        raise InvalidInputError(field="users", problem=f"1-{MOST_USERS}")
    if not timedelta(0) <= last_day - first_day <= LONGEST_CAMPAIGN:
        raise InvalidInputError(field="last_day", problem=f"{first_day} – {last_day}")
    row = Campaign(
        name=_plain("name", name, 200),
        users=people,
        first_day=first_day,
        last_day=last_day,
        created_at=at,
        created_by=actor,
    )
    session.add(row)
    told = {"name": row.name, "users": len(people), "first_day": first_day, "last_day": last_day}
    _tell(session, "campaign.declared", row.name, told, actor, at)
    return row


def end_campaign(session: Session, campaign_id: int, *, actor: str, at: datetime) -> None:
    """Let a campaign end now. Raises ``NotFoundError`` when it has ended or never was."""
    row = session.get(Campaign, campaign_id)
    if row is None or row.ended_at is not None:
        raise NotFoundError(what=f"campaign {campaign_id}")
    row.ended_at = at
    _tell(session, "campaign.ended", row.name, {"campaign": campaign_id}, actor, at)


def campaigns(session: Session) -> list[dict[str, Any]]:
    """The declared campaigns in the shape of ``directory.json``; one ended early ends on that day."""
    return [
        {
            "users": row.users,
            "start": row.first_day.isoformat(),
            "end": min(row.last_day, row.ended_at.date() if row.ended_at else row.last_day).isoformat(),
        }
        for row in listed_campaigns(session)
        if row.ended_at is None or row.ended_at.date() > row.first_day
    ]


def listed_campaigns(session: Session) -> list[Campaign]:
    """Every campaign, the latest end first."""
    return list(session.scalars(select(Campaign).order_by(Campaign.last_day.desc(), Campaign.id.desc())))


@dataclass(frozen=True)
class Allowance:
    """A destination to be allowed; meanings as in ``core.detection.policy.Allowed``, ``expires_at`` aware."""

    kind: str
    value: str
    scope_kind: str
    scope: str
    reason: str
    expires_at: datetime


def allow(session: Session, wanted: Allowance, *, actor: str, at: datetime) -> AllowedDestination:
    """Allow a destination for a time. Raises ``InvalidInputError`` naming the field that cannot be used."""
    is_country = wanted.kind == "country"
    value = wanted.value.strip().upper() if is_country else re.sub(r"[ ()./-]", "", wanted.value)
    if wanted.kind not in KINDS or not _VALUES[wanted.kind].fullmatch(value):
        raise InvalidInputError(field="value", problem=value[:40])
    scope = "" if wanted.scope_kind == "org" else wanted.scope
    if wanted.scope_kind not in SCOPES or (wanted.scope_kind != "org" and not scope) or len(scope) > 100:
        raise InvalidInputError(field="scope", problem=wanted.scope_kind[:20])
    if not at < wanted.expires_at <= at + LONGEST_ALLOWANCE:
        raise InvalidInputError(field="expires_at", problem=wanted.expires_at.date().isoformat())
    told = {**asdict(wanted), "value": value, "scope": scope, "reason": plain_reason(wanted.reason)}
    row = AllowedDestination(**told, created_at=at, created_by=actor)
    session.add(row)
    _tell(session, "destination.allowed", value, told, actor, at)
    return row


def end_allowance(session: Session, allowed_id: int, *, actor: str, at: datetime) -> None:
    """Allow a destination no more. Raises ``NotFoundError`` when it has ended or never was."""
    row = session.get(AllowedDestination, allowed_id)
    if row is None or row.ended_at is not None:
        raise NotFoundError(what=f"allowed destination {allowed_id}")
    row.ended_at = at
    _tell(session, "destination.allowance_ended", row.value, {"entry": allowed_id}, actor, at)


def allowed_destinations(session: Session) -> tuple[Allowed, ...]:
    """Every allowed destination as the engine takes it, expired ones with their end."""
    return tuple(
        Allowed(
            row.kind,
            row.value,
            row.scope_kind,
            row.scope,
            min(row.expires_at, row.ended_at or row.expires_at).timestamp(),
        )
        for row in listed_allowances(session)
    )


def listed_allowances(session: Session) -> list[AllowedDestination]:
    """Every allowed destination, the latest end first."""
    order = (AllowedDestination.expires_at.desc(), AllowedDestination.id.desc())
    return list(session.scalars(select(AllowedDestination).order_by(*order)))


def add_day_off(session: Session, *, site_uuid: str, day: date, name: str, actor: str, at: datetime) -> DayOff:
    """Close a site (empty: every site) on ``day``. Raises ``InvalidInputError``; the same day twice is one."""
    if len(site_uuid) > 100:
        raise InvalidInputError(field="site", problem=site_uuid[:40])
    known = session.scalar(select(DayOff).where(DayOff.site_uuid == site_uuid, DayOff.day == day))
    if known is not None:
        return known
    row = DayOff(site_uuid=site_uuid, day=day, name=_plain("name", name, 200), created_at=at, created_by=actor)
    session.add(row)
    _tell(session, "day_off.added", day.isoformat(), {"site": site_uuid, "name": row.name}, actor, at)
    return row


def remove_day_off(session: Session, day_off_id: int, *, actor: str, at: datetime) -> None:
    """Take a day off back. Raises ``NotFoundError``."""
    row = session.get(DayOff, day_off_id)
    if row is None:
        raise NotFoundError(what=f"day off {day_off_id}")
    session.delete(row)
    _tell(session, "day_off.removed", row.day.isoformat(), {"site": row.site_uuid, "name": row.name}, actor, at)


def days_off(session: Session) -> list[dict[str, str]]:
    """The added days off in the shape of ``directory.json``: ``location`` (empty: every site) and ``day``."""
    return [{"location": row.site_uuid, "day": row.day.isoformat()} for row in listed_days_off(session)]


def listed_days_off(session: Session) -> list[DayOff]:
    """Every added day off, the latest first."""
    return list(session.scalars(select(DayOff).order_by(DayOff.day.desc(), DayOff.id.desc())))


def _tell(session: Session, action: str, subject: str, detail: dict[str, Any], actor: str, at: datetime) -> None:
    """What every change here leaves behind: an audit entry, and word to whoever keeps an engine."""
    data_version.bump(session, DATA_VERSION, at)
    audit.record(session, actor=actor, action=action, subject=subject, detail=detail, at=at)
