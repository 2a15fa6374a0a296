"""Tables: scheduled tests of numbers and trunks, and each run of one."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Float, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.store.models.base import Base, Instant
from core.store.models.operations import AutoId


class NumberTestRow(Base):
    """A test as somebody set it up; ``version`` grows with each change by a person.

    ``endpoint`` is how the number is rung, such as ``PJSIP/{number}@trunk-b``, empty for the usual way. Slots up to
    ``resumed_at`` are not dialled. ``misses_in_a_row`` counts up to the next pass; ``alert_key`` and ``alert_id`` are
    of the alert that those misses raised last.
    """

    __tablename__ = "number_test"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    number: Mapped[str] = mapped_column(String(80))
    endpoint: Mapped[str] = mapped_column(String(120), default="")
    site: Mapped[str] = mapped_column(String(300), default="")
    caller_id: Mapped[str] = mapped_column(String(120), default="")
    expects: Mapped[str] = mapped_column(String(12))
    within_seconds: Mapped[int]
    hold_seconds: Mapped[int]
    media: Mapped[str] = mapped_column(String(200), default="")
    weekdays: Mapped[list[int]] = mapped_column(JSON)
    first_hour: Mapped[int]
    last_hour: Mapped[int]
    time_zone: Mapped[str] = mapped_column(String(60))
    every_minutes: Mapped[int]
    is_enabled: Mapped[bool]
    resumed_at: Mapped[datetime] = mapped_column(Instant)
    misses_in_a_row: Mapped[int] = mapped_column(default=0)
    alert_key: Mapped[str] = mapped_column(String(120), default="")
    alert_id: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(String(200))


class NumberTestRunRow(Base):
    """One run: of a slot of the schedule, or asked for by ``asked_by``. A slot is run once, whoever gets to it.

    ``number``, ``expects`` and ``within_seconds`` are the test's when it was dialled. ``outcome`` and ``reason`` are
    those of ``core.number_tests.judging``, ``facts`` fill the reason's text. ``answered_after`` is in seconds from
    dialling to the answer.
    """

    __tablename__ = "number_test_run"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    test_id: Mapped[int] = mapped_column(ForeignKey("number_test.id"))
    slot: Mapped[datetime] = mapped_column(Instant)
    asked_by: Mapped[str] = mapped_column(String(200), default="")
    number: Mapped[str] = mapped_column(String(80))
    expects: Mapped[str] = mapped_column(String(12))
    within_seconds: Mapped[int]
    call_id: Mapped[str | None] = mapped_column(String(40))
    began_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(20), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    answered_after: Mapped[float | None] = mapped_column(Float)
    alert_id: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        UniqueConstraint("test_id", "slot"),
        Index("ix_number_test_run_outcome", "outcome", "id"),
        Index("ix_number_test_run_slot", "slot"),
    )
