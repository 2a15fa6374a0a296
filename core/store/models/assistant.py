"""Tables: what the assistant said, and what it cost."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Float, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.store.models.base import Base, Instant
from core.store.models.operations import AutoId


class AssistantViewRow(Base):
    """One question about one subject in one language, and its answer once there is one.

    ``subject`` is alert or case; ``answer`` keeps the fields of ``core.assistant.form.AlertView`` with party names
    still replaced. ``facts_hash`` tells whether the same facts were asked about before.
    """

    __tablename__ = "assistant_view"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    subject: Mapped[str] = mapped_column(String(12))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    language: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(12))
    facts_hash: Mapped[str] = mapped_column(String(64), default="")
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    model: Mapped[str] = mapped_column(String(80), default="")
    prompt_version: Mapped[str] = mapped_column(String(20), default="")
    request_id: Mapped[str] = mapped_column(String(80), default="")
    input_tokens: Mapped[int] = mapped_column(default=0)
    output_tokens: Mapped[int] = mapped_column(default=0)
    cost: Mapped[float] = mapped_column(Float, default=0.0)
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime] = mapped_column(Instant)
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_facts: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    requested_by: Mapped[str] = mapped_column(String(200))
    requested_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        Index("ix_assistant_view_subject", "subject", "subject_id", "id"),
        Index("ix_assistant_view_state", "state", "not_before"),
    )


class AssistantSpendRow(Base):
    """One question sent, in US dollars: ``reserved`` before it leaves, ``cost`` once the answer told the tokens.

    A question whose answer never came stays at what was reserved: it may have been billed.
    """

    __tablename__ = "assistant_spend"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    month: Mapped[str] = mapped_column(String(7), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    model: Mapped[str] = mapped_column(String(80))
    reserved: Mapped[float] = mapped_column(Float)
    cost: Mapped[float | None] = mapped_column(Float)
    input_tokens: Mapped[int] = mapped_column(default=0)
    cached_tokens: Mapped[int] = mapped_column(default=0)
    output_tokens: Mapped[int] = mapped_column(default=0)
    request_id: Mapped[str] = mapped_column(String(80), default="")
