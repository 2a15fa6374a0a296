"""Tables: operators, their skills, shifts and absences, and the clients they work for."""

from datetime import date, datetime

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.store.models.base import Base, Instant
from core.store.models.operations import AutoId


class OperatorRow(Base):
    """Somebody tickets and visits are given to. ``person`` is the name they sign in with, ``None`` for who does not.

    ``skills`` are names in lower case, ``sites`` names of sites; no sites means all. ``capacity`` is how many open
    tickets they have at most when tickets are given without asking anybody; 0 sets no limit.
    """

    __tablename__ = "operator"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    person: Mapped[str | None] = mapped_column(String(200), unique=True)
    email: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    language: Mapped[str] = mapped_column(String(2), default="en")
    skills: Mapped[list[str]] = mapped_column(JSON, default=list)
    sites: Mapped[list[str]] = mapped_column(JSON, default=list)
    capacity: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(String(200))

    __table_args__ = (Index("ix_operator_name", "name", "id"),)


class ClientRow(Base):
    """Somebody work is done for. ``priority_class`` is standard, preferred or key."""

    __tablename__ = "client"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    contact: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    site: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(2), default="en")
    priority_class: Mapped[str] = mapped_column(String(10), default="standard")
    notes: Mapped[str] = mapped_column(Text, default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(String(200))


class SkillRow(Base):
    """Something that can be asked of an operator; ``name`` is in lower case."""

    __tablename__ = "skill"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    about: Mapped[str] = mapped_column(String(300), default="")
    added_at: Mapped[datetime] = mapped_column(Instant)
    added_by: Mapped[str] = mapped_column(String(200))


class OperatorShiftRow(Base):
    """When an operator works, by the clock on the wall of ``time_zone`` (IANA).

    ``weekdays`` are those a shift begins on, 0 = Monday; ``begins`` and ``ends`` are local minutes of the day, and an
    ``ends`` not after ``begins`` is on the next day. ``valid_until`` is the last day on which it begins.
    """

    __tablename__ = "operator_shift"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operator.id"), index=True)
    weekdays: Mapped[list[int]] = mapped_column(JSON, default=list)
    begins: Mapped[int]
    ends: Mapped[int]
    time_zone: Mapped[str] = mapped_column(String(60))
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)


class OperatorAbsenceRow(Base):
    """A span in which an operator is not there: reason holiday, sick, training or other."""

    __tablename__ = "operator_absence"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operator.id"))
    begins_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(String(300), default="")
    added_at: Mapped[datetime] = mapped_column(Instant)
    added_by: Mapped[str] = mapped_column(String(200))

    __table_args__ = (Index("ix_operator_absence_operator_id_ends_at", "operator_id", "ends_at"),)
