"""Tables of what leaves: channels, routing rules, messages waiting or sent, and every attempt to send them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.store.models.base import Base, Instant
from core.store.models.operations import AutoId


class NotificationChannel(Base):
    """A way out: an address of one kind (``core/notify/channels/<kind>``) with its settings.

    ``secrets`` is encrypted JSON. ``per_minute`` is the most messages a minute.
    """

    __tablename__ = "notification_channel"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(2))
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    secrets: Mapped[str | None] = mapped_column(Text)
    is_paused: Mapped[bool] = mapped_column(Boolean, default=False)
    per_minute: Mapped[int] = mapped_column(Integer, default=30)
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime] = mapped_column(Instant)


class NotificationRule(Base):
    """What goes to a channel, and when. Empty lists do not restrict; ``hours`` is ``core.notify.hours.Hours``."""

    __tablename__ = "notification_rule"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("notification_channel.id", ondelete="CASCADE"), index=True)
    severities: Mapped[list[str]] = mapped_column(JSON, default=list)
    subjects: Mapped[list[str]] = mapped_column(JSON, default=list)
    events: Mapped[list[str]] = mapped_column(JSON, default=list)
    sites: Mapped[list[str]] = mapped_column(JSON, default=list)
    hours: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    delivery: Mapped[str] = mapped_column(String(10), default="now")
    repeat_hours: Mapped[int] = mapped_column(Integer, default=24)
    is_paused: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime] = mapped_column(Instant)


class OutboxMessage(Base):
    """One message to one channel, or to addresses of its own where ``channel_id`` is empty.

    ``key`` keeps an announcement from being written twice; ``message_id`` is what the receiver sees, the same at
    each attempt. ``content`` holds the facts from which the text is made when it is sent. Of the messages with the
    same ``newest_of`` only the newest leaves.
    """

    __tablename__ = "outbox_message"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    message_id: Mapped[str] = mapped_column(String(60), index=True)
    channel_id: Mapped[int | None] = mapped_column(BigInteger)
    rule_id: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(40))
    recipients: Mapped[list[str]] = mapped_column(JSON, default=list)
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    event: Mapped[str] = mapped_column(String(40))
    severity: Mapped[str] = mapped_column(String(10))
    site: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(2))
    content: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)
    not_before: Mapped[datetime] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    most_attempts: Mapped[int] = mapped_column(Integer)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    answer: Mapped[str] = mapped_column(Text, default="")
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    digest_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    newest_of: Mapped[str | None] = mapped_column(String(200), index=True)

    __table_args__ = (
        Index("ix_outbox_message_state_not_before", "state", "not_before"),
        Index("ix_outbox_message_subject", "subject", "subject_id", "channel_id"),
    )


class DeliveryAttempt(Base):
    """One attempt to hand a message over: how long it took, what the other side said, what went wrong."""

    __tablename__ = "delivery_attempt"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    outbox_id: Mapped[int] = mapped_column(BigInteger, index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    attempt: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str] = mapped_column(String(12))
    seconds: Mapped[float] = mapped_column(Float)
    answer: Mapped[str] = mapped_column(Text, default="")
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)
