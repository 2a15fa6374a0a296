"""Tables: visits: scheduled, moved, cancelled, done, and what happened to each."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.store.models.base import Base, Instant
from core.store.models.operations import AutoId
from core.store.models.timeline import TimelineColumns


class VisitRow(Base):
    """An operator's appointment with a client at a place. ``version`` grows with each change.

    ``uid`` and ``organizer`` (a mail address) never change, ``sequence`` only grows (RFC 5545 §3.8.7.4). ``zone`` is
    the IANA time zone of the place. Names and addresses are those the invitations went to. ``reminded_minutes`` is
    the shortest lead that needs no reminder any more. ``concerns`` are codes of what was known to be awkward.
    """

    __tablename__ = "visit"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    idempotency_key: Mapped[str | None] = mapped_column(String(400), unique=True)
    uid: Mapped[str] = mapped_column(String(120), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    organizer: Mapped[str] = mapped_column(String(254))
    state: Mapped[str] = mapped_column(String(12), default="scheduled")
    title: Mapped[str] = mapped_column(String(200))
    notes: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[str] = mapped_column(String(300), default="")
    site: Mapped[str] = mapped_column(String(200), default="")
    zone: Mapped[str] = mapped_column(String(60))
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    operator_id: Mapped[int] = mapped_column(BigInteger)
    operator_name: Mapped[str] = mapped_column(String(200))
    operator_email: Mapped[str] = mapped_column(String(254), default="")
    operator_language: Mapped[str] = mapped_column(String(2), default="en")
    client_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    client_name: Mapped[str] = mapped_column(String(200))
    client_email: Mapped[str] = mapped_column(String(254), default="")
    client_language: Mapped[str] = mapped_column(String(2), default="en")
    ticket_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    concerns: Mapped[list[str]] = mapped_column(JSON, default=list)
    outcome: Mapped[str] = mapped_column(Text, default="")
    moves: Mapped[int] = mapped_column(default=0)
    reminded_minutes: Mapped[int | None]
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(String(200))

    __table_args__ = (
        Index("ix_visit_operator_id_starts_at", "operator_id", "starts_at"),
        Index("ix_visit_state_starts_at_id", "state", "starts_at", "id"),
        Index("ix_visit_starts_at_id", "starts_at", "id"),
    )


class VisitTimelineRow(TimelineColumns, Base):
    """One thing that happened to a visit, written with it and never changed."""

    __tablename__ = "visit_timeline"

    visit_id: Mapped[int] = mapped_column(BigInteger)
    from_state: Mapped[str] = mapped_column(String(12), default="")
    to_state: Mapped[str] = mapped_column(String(12), default="")

    __table_args__ = (Index("ix_visit_timeline_visit_id_id", "visit_id", "id"),)
