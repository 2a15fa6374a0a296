"""Tables: outbound calls, what happened to each, and the connection to Asterisk."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Float, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.store.models.base import Base, Instant
from core.store.models.operations import AutoId


class OutboundCallRow(Base):
    """One outbound call, stored before Asterisk hears of it. Every moment is by our own clock.

    ``call_id`` is what people and programs name it by, ``channel_id`` what Asterisk knows it by. ``status`` and
    ``detail`` are those of ``core.asterisk.call_state``; ``is_open`` is true until the status is final.
    ``placing_at`` is written before the request leaves: from then on it may have reached Asterisk and is never sent
    again. ``answer_done_at`` says that what happens after the answer was set going, ``cleared_at`` that nothing of the
    call is left at Asterisk. ``hangup_by`` is who ended it: a person, or ``limit`` for its longest length. ``policy``
    holds what the dialling policy found when it was asked for, ``test_id`` the scheduled test it belongs to.
    """

    __tablename__ = "outbound_call"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    call_id: Mapped[str] = mapped_column(String(40), unique=True)
    channel_id: Mapped[str] = mapped_column(String(60), unique=True)
    idempotency_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    source: Mapped[str] = mapped_column(String(12))
    number: Mapped[str] = mapped_column(String(80))
    endpoint: Mapped[str] = mapped_column(String(250))
    context: Mapped[str] = mapped_column(String(80), default="")
    extension: Mapped[str] = mapped_column(String(80), default="")
    priority: Mapped[int]
    after_answer: Mapped[str] = mapped_column(String(10))
    media: Mapped[str] = mapped_column(String(200), default="")
    bridge_endpoint: Mapped[str] = mapped_column(String(250), default="")
    caller_id: Mapped[str] = mapped_column(String(120), default="")
    ring_seconds: Mapped[int]
    max_seconds: Mapped[int]
    recording_name: Mapped[str] = mapped_column(String(80), default="")
    reason: Mapped[str] = mapped_column(String(500), default="")
    policy: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    test_id: Mapped[int | None] = mapped_column(BigInteger)
    requested_by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Instant)
    status: Mapped[str] = mapped_column(String(10))
    detail: Mapped[str] = mapped_column(String(20), default="")
    is_open: Mapped[bool]
    placing_at: Mapped[datetime | None] = mapped_column(Instant)
    dialed_at: Mapped[datetime | None] = mapped_column(Instant)
    ringing_at: Mapped[datetime | None] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answer_done_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    cleared_at: Mapped[datetime | None] = mapped_column(Instant)
    hangup_requested_at: Mapped[datetime | None] = mapped_column(Instant)
    hangup_by: Mapped[str] = mapped_column(String(200), default="")
    last_dial_word: Mapped[str] = mapped_column(String(40), default="")
    cause: Mapped[int | None]
    sip_code: Mapped[int | None]
    digits: Mapped[str] = mapped_column(String(64), default="")
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    __table_args__ = (
        Index("ix_outbound_call_created", "created_at", "id"),
        Index("ix_outbound_call_number", "number", "created_at"),
        Index("ix_outbound_call_open", "is_open", "cleared_at", "id"),
        Index("ix_outbound_call_person", "requested_by", "created_at"),
        Index("ix_outbound_call_test", "test_id", "created_at"),
    )


class OutboundCallStepRow(Base):
    """One thing that happened to an outbound call, by our clock; ``word`` is the kind, ``facts`` fill its text."""

    __tablename__ = "outbound_call_step"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    outbound_call_id: Mapped[int] = mapped_column(ForeignKey("outbound_call.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    word: Mapped[str] = mapped_column(String(30))
    status: Mapped[str] = mapped_column(String(10))
    actor: Mapped[str] = mapped_column(String(200), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    __table_args__ = (Index("ix_outbound_call_step_call", "outbound_call_id", "id"),)


class AsteriskConnectionRow(Base):
    """How the listener stands with Asterisk, written by it alone: what pages and health checks read.

    ``state`` is one of ``core.dialer.connection.STATES``; ``beat_at`` says that the listener lives, ``since`` when the
    state began. ``reconnect_requested_at`` is a person's wish to try again after another program took the name over.
    """

    __tablename__ = "asterisk_connection"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    since: Mapped[datetime] = mapped_column(Instant)
    beat_at: Mapped[datetime] = mapped_column(Instant)
    application: Mapped[str] = mapped_column(String(80), default="")
    version: Mapped[str] = mapped_column(String(40), default="")
    round_trip_ms: Mapped[float | None] = mapped_column(Float)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    reconnect_requested_at: Mapped[datetime | None] = mapped_column(Instant)
