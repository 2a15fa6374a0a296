"""Calling settings as last read, and the history of what was found changed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, delete, or_, select
from sqlalchemy.orm import Session

from core.store.models.responses import AdminAuditEvent, SettingChange, SettingSnapshot
from core.store.models.webex import WebexPerson
from core.webex.call_settings import Setting
from core.webex.call_settings_shape import same

NO_CALLING_AGAIN = timedelta(hours=24)
"""Somebody without Webex Calling is asked about once a day: a licence may be given."""

MARGIN = timedelta(minutes=2)
"""How far Webex's clock and ours may be apart when an act is tied to a change."""

KEPT = timedelta(days=400)


@dataclass(frozen=True)
class Reading:
    """A setting as Webex told it. ``asked_at`` is before, ``read_at`` after the answer; both aware.

    ``is_ours`` for what was read back after a change of our own.
    """

    person: str
    setting: Setting
    value: dict[str, Any]
    asked_at: datetime
    read_at: datetime
    is_ours: bool = False


def keep(session: Session, reading: Reading) -> SettingChange | None:
    """Store a reading in the caller's transaction; gives the row of the change when it differs from the last one.

    A reading that was asked for before a later one was stored is out of date and left aside. The first reading of a
    person teaches what was there and is no change.
    """
    row = session.get(SettingSnapshot, (reading.person, reading.setting), with_for_update=True)
    if row is None:
        row = SettingSnapshot(person_uuid=reading.person, setting=reading.setting, tried_at=reading.read_at)
        session.add(row)
    elif row.read_at is not None and row.read_at > reading.asked_at:
        return None
    before, read_before = row.value, row.read_at
    row.value, row.read_at, row.tried_at, row.error_code = reading.value, reading.read_at, reading.read_at, ""
    if before is None or same(reading.setting, before, reading.value):
        return None
    row.changed_at = reading.read_at
    change = SettingChange(
        person_uuid=reading.person,
        setting=reading.setting,
        before=before,
        after=reading.value,
        read_before=read_before,
        seen_at=reading.read_at,
        changed_at=reading.read_at,
        is_ours=reading.is_ours,
    )
    session.add(change)
    session.flush()
    return change


def note_failure(session: Session, person: str, setting: Setting, code: str, at: datetime) -> None:
    """Remember that a setting could not be read, and why."""
    row = session.get(SettingSnapshot, (person, setting), with_for_update=True)
    if row is None:
        row = SettingSnapshot(person_uuid=person, setting=setting)
        session.add(row)
    row.tried_at, row.error_code = at, code


def snapshot(session: Session, person: str, setting: Setting) -> SettingSnapshot | None:
    """A setting as last read, if it ever was."""
    row = session.get(SettingSnapshot, (person, setting))
    return row if row is not None and row.value is not None else None


def differs(session: Session, reading: Reading) -> bool:
    """Whether a reading is other than the last one stored of the same person and setting."""
    known = snapshot(session, reading.person, reading.setting)
    return known is not None and not same(reading.setting, known.value or {}, reading.value)


def history(session: Session, person: str, limit: int = 50) -> list[SettingChange]:
    """What was found changed of a person's settings, newest first."""
    query = select(SettingChange).where(SettingChange.person_uuid == person)
    return list(session.scalars(query.order_by(SettingChange.id.desc()).limit(limit)))


def longest_unread(session: Session, now: datetime, limit: int) -> list[str]:
    """Whose forwarding is to be read next: those never read, then those read longest ago."""
    query = _readable(now).order_by(SettingSnapshot.tried_at.nulls_first(), WebexPerson.uuid)
    return list(session.scalars(query.limit(limit)))


def readable(session: Session, people: Collection[str], now: datetime) -> set[str]:
    """Which of these are people of the organisation whose settings can be read."""
    return set(session.scalars(_readable(now).where(WebexPerson.uuid.in_(people))))


def _readable(now: datetime) -> Select[str]:
    forwarding = and_(SettingSnapshot.person_uuid == WebexPerson.uuid, SettingSnapshot.setting == "call_forwarding")
    has_none = and_(SettingSnapshot.error_code == "webex_not_found", SettingSnapshot.tried_at > now - NO_CALLING_AGAIN)
    return (
        select(WebexPerson.uuid)
        .outerjoin(SettingSnapshot, forwarding)
        .where(WebexPerson.is_removed.is_(False), or_(SettingSnapshot.person_uuid.is_(None), ~has_none))
    )


def tried_since(session: Session, people: Collection[str], setting: Setting, since: datetime) -> set[str]:
    """Which of these people had this setting read, or tried to be read, since an instant."""
    query = select(SettingSnapshot.person_uuid).where(
        SettingSnapshot.person_uuid.in_(people),
        SettingSnapshot.setting == setting,
        SettingSnapshot.tried_at >= since,
    )
    return set(session.scalars(query))


def told_of(session: Session, since: datetime) -> dict[str, datetime]:
    """Whose settings an administrator changed since an instant, and when last."""
    query = (
        select(AdminAuditEvent.target_uuid, AdminAuditEvent.at)
        .where(AdminAuditEvent.at >= since, AdminAuditEvent.setting != "", AdminAuditEvent.target_uuid != "")
        .order_by(AdminAuditEvent.at)
    )
    return {row.target_uuid: row.at for row in session.execute(query)}


def act_behind(session: Session, change: SettingChange) -> AdminAuditEvent | None:
    """The newest act of an administrator that can have made a change: that person's setting, in that time."""
    since = (change.read_before or change.seen_at - timedelta(days=1)) - MARGIN
    query = (
        select(AdminAuditEvent)
        .where(
            AdminAuditEvent.target_uuid == change.person_uuid,
            AdminAuditEvent.setting == change.setting,
            AdminAuditEvent.at.between(since, change.seen_at + MARGIN),
        )
        .order_by(AdminAuditEvent.at.desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def prune(session: Session, now: datetime) -> None:
    """Forget changes and acts from before last year."""
    session.execute(delete(SettingChange).where(SettingChange.seen_at < now - KEPT))
    session.execute(delete(AdminAuditEvent).where(AdminAuditEvent.at < now - KEPT))
