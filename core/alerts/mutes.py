"""Mutes: what somebody decided not to hear of, for how long and why. What is muted is kept and counted."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.errors import InvalidInputError, NotFoundError
from core.store.models.alerts import AlertRow, MuteRow

LONGEST_MUTE = timedelta(days=90)
LONGEST_REASON = 300


@dataclass(frozen=True)
class MuteScope:
    """What a mute covers; an empty field means any, and at least one is set."""

    detector: str = ""
    entity_kind: str = ""
    entity: str = ""
    destination_group: str = ""


def add(
    session: Session, scope: MuteScope, *, expires_at: datetime, reason: str, actor: str, at: datetime, name: str = ""
) -> MuteRow:
    """Mute ``scope`` until ``expires_at``; ``name`` is how people call its entity. Raises ``InvalidInputError``."""
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise InvalidInputError(field="reason", problem=f"1-{LONGEST_REASON} characters")
    if not at < expires_at <= at + LONGEST_MUTE:
        raise InvalidInputError(field="expires_at", problem=f"<= {LONGEST_MUTE.days} d")
    if not (scope.detector or scope.entity):
        raise InvalidInputError(field="scope", problem="detector | entity")
    mute = MuteRow(
        detector=scope.detector,
        entity_kind=scope.entity_kind,
        entity=scope.entity,
        entity_name=name[:200],
        destination_group=scope.destination_group,
        reason=reason,
        created_at=at,
        created_by=actor[:200],
        expires_at=expires_at,
    )
    session.add(mute)
    session.flush()
    return mute


def covering(session: Session, alert: AlertRow, at: datetime) -> MuteRow | None:
    """The mute in force ``at`` that covers an alert, the longest one."""
    query = select(MuteRow).where(
        MuteRow.expires_at > at,
        or_(MuteRow.detector == "", MuteRow.detector == alert.detector),
        or_(MuteRow.entity == "", (MuteRow.entity == alert.entity) & (MuteRow.entity_kind == alert.entity_kind)),
        or_(MuteRow.destination_group == "", MuteRow.destination_group == alert.destination_group),
    )
    return session.scalars(query.order_by(MuteRow.expires_at.desc()).limit(1)).first()


def count_hit(mute: MuteRow, at: datetime) -> None:
    """Note that the mute kept something quiet."""
    mute.hits += 1
    mute.last_hit_at = at


def covered(session: Session, mute: MuteRow) -> list[AlertRow]:
    """The alerts not closed that a mute covers."""
    query = select(AlertRow).where(AlertRow.is_open, AlertRow.deleted_at.is_(None))
    if mute.detector:
        query = query.where(AlertRow.detector == mute.detector)
    if mute.entity:
        query = query.where(AlertRow.entity_kind == mute.entity_kind, AlertRow.entity == mute.entity)
    if mute.destination_group:
        query = query.where(AlertRow.destination_group == mute.destination_group)
    return list(session.scalars(query.order_by(AlertRow.id).limit(1000).with_for_update()))


def in_force(session: Session, at: datetime) -> list[MuteRow]:
    """The mutes in force, those that end first at the top."""
    return list(session.scalars(select(MuteRow).where(MuteRow.expires_at > at).order_by(MuteRow.expires_at)))


def lift(session: Session, mute_id: int, *, actor: str, at: datetime) -> MuteRow:
    """End a mute now. Raises ``NotFoundError``."""
    mute = session.get(MuteRow, mute_id, with_for_update=True)
    if mute is None or mute.expires_at <= at:
        raise NotFoundError(what="mute")
    mute.expires_at, mute.lifted_by = at, actor[:200]
    return mute


def hidden_by(session: Session, mute_id: int) -> list[AlertRow]:
    """The alerts that a mute hides."""
    return list(session.scalars(select(AlertRow).where(AlertRow.mute_id == mute_id).with_for_update()))
