"""Tables: requests of Watson Orchestrate and the sessions they belong to."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.store.models.base import Base, Instant
from core.store.models.operations import AutoId


class WatsonSessionRow(Base):
    """A conversation of one caller: what is being asked for, the facts so far, and which fact is waited for.

    ``name`` is what the caller calls it; nobody else's request joins it. ``awaiting`` empty: nothing is open.
    """

    __tablename__ = "watson_session"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    caller: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(100))
    language: Mapped[str] = mapped_column(String(2))
    intent: Mapped[str] = mapped_column(String(30), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    awaiting: Mapped[str] = mapped_column(String(30), default="")
    requests: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime] = mapped_column(Instant)
    last_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        UniqueConstraint("caller", "name", name="uq_watson_session_caller_name"),
        Index("ix_watson_session_last_at_id", "last_at", "id"),
    )


class WatsonRequestRow(Base):
    """One message as it came and what was answered; the same ``key`` of the same caller is answered from here.

    ``body_hash`` is the SHA-256 of the body: the same key with another body is refused.
    """

    __tablename__ = "watson_request"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    caller: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(String(200))
    body_hash: Mapped[str] = mapped_column(String(64))
    session_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    intent: Mapped[str] = mapped_column(String(30), default="")
    state: Mapped[str] = mapped_column(String(16))
    answer: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    received_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        UniqueConstraint("caller", "key", name="uq_watson_request_caller_key"),
        Index("ix_watson_request_received_at_id", "received_at", "id"),
    )


class WatsonActivityRow(Base):
    """One step of one request, written with it and never changed; without a request: one refused at the door."""

    __tablename__ = "watson_activity"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    request_id: Mapped[int | None] = mapped_column(BigInteger)
    session_id: Mapped[int | None] = mapped_column(BigInteger)
    caller: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(Instant)
    step: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(16))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    error_code: Mapped[str] = mapped_column(String(60), default="")

    __table_args__ = (
        Index("ix_watson_activity_request_id_id", "request_id", "id"),
        Index("ix_watson_activity_session_id_id", "session_id", "id"),
        Index("ix_watson_activity_at_id", "at", "id"),
    )
