"""Cases: the alerts of one entity that came within a day of each other, worked as one thing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from core.alerts.vocabulary import public_id
from core.detection.finding import SEVERITIES
from core.errors import InvalidInputError, NotFoundError
from core.store.models.alerts import AlertRow, CaseRow

TOGETHER = timedelta(hours=24)
"""An alert joins a case of its entity whose last sign is at most this far away."""


@dataclass(frozen=True)
class Entity:
    """Whom alerts are about: kind user, location, org or number; ``site`` is the name of a location."""

    kind: str
    id: str
    name: str = ""
    site: str = ""


def join(session: Session, entity: Entity, at: datetime) -> CaseRow:
    """The case an alert of ``entity`` raised ``at`` belongs to, opened when there is none."""
    near = select(CaseRow).where(
        CaseRow.entity_kind == entity.kind,
        CaseRow.entity == entity.id,
        CaseRow.opened_at <= at + TOGETHER,
        CaseRow.last_at >= at - TOGETHER,
    )
    found = session.scalars(near.order_by(CaseRow.last_at.desc()).limit(1)).first()
    if found is not None:
        return found
    opened = CaseRow(
        public_id=public_id("C", f"{entity.kind}|{entity.id}|{at.isoformat()}"),
        entity_kind=entity.kind,
        entity=entity.id,
        entity_name=entity.name[:200],
        site=entity.site[:200],
        opened_at=at,
        last_at=at,
    )
    session.add(opened)
    session.flush()
    return opened


def refresh(session: Session, case_id: int) -> None:
    """Bring a case's state and figures in line with its alerts; those deleted do not count."""
    session.flush()
    is_untouched = case((AlertRow.state == "open", 1), else_=0)
    is_open = case((AlertRow.is_open, 1), else_=0)
    figures = session.execute(
        select(
            func.count(),
            func.sum(is_untouched),
            func.sum(is_open),
            func.max(AlertRow.severity_rank),
            func.sum(AlertRow.cost),
            func.min(AlertRow.emitted_at),
            func.max(AlertRow.emitted_at),
            func.max(AlertRow.last_seen),
        ).where(AlertRow.case_id == case_id, AlertRow.deleted_at.is_(None))
    ).one()
    count, untouched, still_open, worst, cost, first, emitted, seen = figures
    row = session.get_one(CaseRow, case_id)
    row.alerts = count
    row.state = _state(untouched or 0, still_open or 0, count)
    row.severity_rank = worst or 0
    row.severity = SEVERITIES[row.severity_rank]
    row.cost = cost or 0.0
    if count:
        row.opened_at, row.last_at = first, max(emitted, seen)


def _state(untouched: int, still_open: int, count: int) -> str:
    if not still_open:
        return "resolved"
    return "investigating" if untouched < count and untouched < still_open else "open"


def one(session: Session, reference: str) -> CaseRow:
    """A case by its number or its public id. Raises ``NotFoundError``."""
    asked = CaseRow.id == int(reference) if _is_number(reference) else CaseRow.public_id == reference
    found = session.scalars(select(CaseRow).where(asked)).one_or_none()
    if found is None or not found.alerts:
        raise NotFoundError(what="case")
    return found


def _is_number(reference: str) -> bool:
    return reference.isascii() and reference.isdigit() and len(reference) < 19


def listed(session: Session, *, only_open: bool = True, limit: int = 100, before: int | None = None) -> list[CaseRow]:
    """Cases, the newest sign first; ``before`` the number of the last of a page gives the next.

    Raises ``InvalidInputError`` when ``before`` is no case.
    """
    query = select(CaseRow).where(CaseRow.alerts > 0)
    if only_open:
        query = query.where(CaseRow.state != "resolved")
    if before is not None:
        mark = session.get(CaseRow, before)
        if mark is None:
            raise InvalidInputError(field="cursor", problem="unreadable")
        is_older = (CaseRow.last_at < mark.last_at) | ((CaseRow.last_at == mark.last_at) & (CaseRow.id < before))
        query = query.where(is_older)
    return list(session.scalars(query.order_by(CaseRow.last_at.desc(), CaseRow.id.desc()).limit(limit)))


def alerts_of(session: Session, case_id: int) -> list[AlertRow]:
    """The alerts of a case, oldest first, without those deleted."""
    query = select(AlertRow).where(AlertRow.case_id == case_id, AlertRow.deleted_at.is_(None))
    return list(session.scalars(query.order_by(AlertRow.emitted_at, AlertRow.id)))
