"""Who is there when: shifts and absences of operators.

An operator without shifts is there at any hour; absences hold in any case.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.errors import InvalidInputError, NotFoundError
from core.operators import hours, roster
from core.operators.hours import Shift
from core.operators.vocabulary import ABSENCE_REASONS, DATA_VERSION, LONGEST_NOTE, one_line, one_of
from core.store import audit, data_version
from core.store.models.operators import OperatorAbsenceRow, OperatorRow, OperatorShiftRow

MOST_SHIFTS = 50
LONGEST_ABSENCE = timedelta(days=732)
OUTSIDE_SHIFT, ABSENT = "outside_shift", "absent"


@dataclass(frozen=True)
class Presence:
    """Where an operator stands at an instant; ``until`` is when an absence ends, ``next_at`` when a shift begins."""

    state: Literal["on_shift", "off_shift", "absent"]
    until: datetime | None = None
    next_at: datetime | None = None
    reason: str = ""

    @property
    def is_there(self) -> bool:
        """Whether work may be given to them now."""
        return self.state == "on_shift"


def shifts_of(session: Session, operator_ids: Iterable[int]) -> dict[int, list[Shift]]:
    """The shifts of some operators, by operator."""
    ids = list(operator_ids)
    found: dict[int, list[Shift]] = {number: [] for number in ids}
    query = select(OperatorShiftRow).where(OperatorShiftRow.operator_id.in_(ids)).order_by(OperatorShiftRow.id)
    for row in session.scalars(query):
        found[row.operator_id].append(
            Shift(tuple(row.weekdays), row.begins, row.ends, row.time_zone, row.valid_from, row.valid_until)
        )
    return found


def set_shifts(session: Session, operator_id: int, shifts: Sequence[Shift], *, actor: str, at: datetime) -> None:
    """Give an operator these shifts in place of those before, audited. Raises ``InvalidInputError``."""
    data_version.bump(session, DATA_VERSION, at)
    operator = _held(session, operator_id)
    wanted = [shift.checked() for shift in shifts]
    if len(wanted) > MOST_SHIFTS:
        raise InvalidInputError(field="shifts", problem=f"<= {MOST_SHIFTS}")
    session.execute(delete(OperatorShiftRow).where(OperatorShiftRow.operator_id == operator_id))
    session.add_all(
        OperatorShiftRow(
            operator_id=operator_id,
            weekdays=list(shift.weekdays),
            begins=shift.begins,
            ends=shift.ends,
            time_zone=shift.time_zone,
            valid_from=shift.valid_from,
            valid_until=shift.valid_until,
        )
        for shift in wanted
    )
    detail = {"operator": operator_id, "shifts": [told(shift) for shift in wanted]}
    audit.record(session, actor=actor, action="operator.shifts", subject=operator.name, detail=detail, at=at)


def told(shift: Shift) -> dict[str, object]:
    """A shift as JSON: clock times as ``HH:MM``, days ISO 8601."""
    return {
        "weekdays": list(shift.weekdays),
        "begins": clock_time(shift.begins),
        "ends": clock_time(shift.ends),
        "time_zone": shift.time_zone,
        "valid_from": shift.valid_from.isoformat() if shift.valid_from else None,
        "valid_until": shift.valid_until.isoformat() if shift.valid_until else None,
    }


def clock_time(minute: int) -> str:
    """A minute of the day as ``HH:MM``."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


@dataclass(frozen=True)
class Absence:
    """A span (aware) in which somebody is not there, and why: one of ``ABSENCE_REASONS``."""

    begins_at: datetime
    ends_at: datetime
    reason: str = "holiday"
    note: str = ""

    def checked(self) -> "Absence":
        """The absence as it is kept. Raises ``InvalidInputError``."""
        if not self.begins_at < self.ends_at <= self.begins_at + LONGEST_ABSENCE:
            raise InvalidInputError(field="ends_at", problem=self.ends_at.isoformat())
        one_of("reason", self.reason, ABSENCE_REASONS)
        return replace(self, note=one_line("note", self.note, LONGEST_NOTE))


def add_absence(session: Session, operator_id: int, absence: Absence, *, actor: str, at: datetime) -> int:
    """Note that an operator is not there for a span, audited; gives the absence's number."""
    data_version.bump(session, DATA_VERSION, at)
    operator, wanted = _held(session, operator_id), absence.checked()
    row = OperatorAbsenceRow(
        operator_id=operator_id,
        begins_at=wanted.begins_at,
        ends_at=wanted.ends_at,
        reason=wanted.reason,
        note=wanted.note,
        added_at=at,
        added_by=actor[:200],
    )
    session.add(row)
    session.flush()
    audit.record(session, actor=actor, action="operator.absent", subject=operator.name, detail=_span_told(row), at=at)
    return row.id


def remove_absence(session: Session, absence_id: int, *, actor: str, at: datetime) -> None:
    """Take an absence back, audited. Raises ``NotFoundError``."""
    data_version.bump(session, DATA_VERSION, at)
    row = session.get(OperatorAbsenceRow, absence_id, with_for_update=True)
    if row is None:
        raise NotFoundError(what="absence")
    operator = roster.one(session, row.operator_id)
    session.delete(row)
    audit.record(
        session, actor=actor, action="operator.absence_removed", subject=operator.name, detail=_span_told(row), at=at
    )


def _span_told(row: OperatorAbsenceRow) -> dict[str, object]:
    return {
        "absence": row.id,
        "begins_at": row.begins_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
        "reason": row.reason,
    }


def absences(session: Session, since: datetime, operator_ids: Iterable[int] | None = None) -> list[OperatorAbsenceRow]:
    """Absences that end after ``since``, the first to begin first; of some operators or of all."""
    query = select(OperatorAbsenceRow).where(OperatorAbsenceRow.ends_at > since)
    if operator_ids is not None:
        query = query.where(OperatorAbsenceRow.operator_id.in_(list(operator_ids)))
    return list(session.scalars(query.order_by(OperatorAbsenceRow.begins_at, OperatorAbsenceRow.id)))


def at_instant(session: Session, operator_ids: Sequence[int], at: datetime) -> dict[int, Presence]:
    """Where some operators stand at an instant, by operator."""
    away: dict[int, OperatorAbsenceRow] = {}
    for row in absences(session, at, operator_ids):
        if row.begins_at <= at and (row.operator_id not in away or away[row.operator_id].ends_at < row.ends_at):
            away[row.operator_id] = row
    shifts = shifts_of(session, operator_ids)
    return {number: _presence(shifts[number], away.get(number), at) for number in operator_ids}


def _presence(shifts: Sequence[Shift], away: OperatorAbsenceRow | None, at: datetime) -> Presence:
    if away is not None:
        return Presence("absent", until=away.ends_at, reason=away.reason)
    if not shifts or hours.is_on(shifts, at):
        return Presence("on_shift")
    return Presence("off_shift", next_at=hours.next_begin(shifts, at))


def concerns(session: Session, operator_id: int, starts_at: datetime, ends_at: datetime) -> list[str]:
    """What speaks against work of an operator in a span: ``outside_shift``, ``absent``."""
    shifts = shifts_of(session, [operator_id])[operator_id]
    found = [OUTSIDE_SHIFT] if shifts and not hours.covers(shifts, starts_at, ends_at) else []
    if any(row.begins_at < ends_at for row in absences(session, starts_at, [operator_id])):
        found.append(ABSENT)
    return found


def _held(session: Session, operator_id: int) -> OperatorRow:
    row = session.get(OperatorRow, operator_id, with_for_update=True)
    if row is None:
        raise NotFoundError(what="operator")
    return row
