"""Tables: alerts, their evidence and timeline, cases, mutes, and how far detection has read."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Float, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.store.models.base import Base, Instant
from core.store.models.operations import AutoId
from core.store.models.timeline import TimelineColumns


class CaseRow(Base):
    """Alerts of one entity that came within a day of each other; ``state`` follows from theirs."""

    __tablename__ = "alert_case"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    entity_kind: Mapped[str] = mapped_column(String(12))
    entity: Mapped[str] = mapped_column(String(200))
    entity_name: Mapped[str] = mapped_column(String(200), default="")
    site: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(14), default="open")
    severity: Mapped[str] = mapped_column(String(10), default="low")
    severity_rank: Mapped[int] = mapped_column(default=0)
    alerts: Mapped[int] = mapped_column(default=0)
    cost: Mapped[float] = mapped_column(Float, default=0.0)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    last_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        Index("ix_alert_case_entity", "entity_kind", "entity", "last_at"),
        Index("ix_alert_case_last_at_id", "last_at", "id"),
    )


class AlertRow(Base):
    """One alert. ``dedupe_key`` is its identity, ``version`` grows with each change by a person.

    ``is_open`` is true for every state but resolved, ``muted_until`` set while a mute hides it. ``site`` is the
    location's name. ``emitted_at`` is when it was raised; ``first_seen`` and ``last_seen`` bound its evidence.
    """

    __tablename__ = "alert"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    dedupe_key: Mapped[str] = mapped_column(String(400), unique=True)
    detector: Mapped[str] = mapped_column(String(40), default="")
    alert_type: Mapped[str] = mapped_column(String(60))
    severity: Mapped[str] = mapped_column(String(10))
    severity_rank: Mapped[int]
    state: Mapped[str] = mapped_column(String(14), default="open")
    is_open: Mapped[bool] = mapped_column(default=True)
    entity_kind: Mapped[str] = mapped_column(String(12))
    entity: Mapped[str] = mapped_column(String(200))
    entity_name: Mapped[str] = mapped_column(String(200), default="")
    site: Mapped[str] = mapped_column(String(200), default="")
    destination_group: Mapped[str] = mapped_column(String(120), default="")
    local_day: Mapped[str] = mapped_column(String(10), default="")
    title: Mapped[str] = mapped_column(String(200), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    explanation: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    evidence_count: Mapped[int] = mapped_column(default=0)
    cost: Mapped[float] = mapped_column(Float, default=0.0)
    first_seen: Mapped[datetime] = mapped_column(Instant)
    last_seen: Mapped[datetime] = mapped_column(Instant)
    emitted_at: Mapped[datetime] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    owner: Mapped[str] = mapped_column(String(200), default="")
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant)
    acknowledged_by: Mapped[str] = mapped_column(String(200), default="")
    resolved_at: Mapped[datetime | None] = mapped_column(Instant)
    resolved_by: Mapped[str] = mapped_column(String(200), default="")
    verdict: Mapped[str] = mapped_column(String(20), default="")
    resolution_notes: Mapped[str] = mapped_column(Text, default="")
    case_id: Mapped[int] = mapped_column(ForeignKey("alert_case.id"), index=True)
    mute_id: Mapped[int | None] = mapped_column(ForeignKey("alert_mute.id"))
    muted_until: Mapped[datetime | None] = mapped_column(Instant)
    is_manual: Mapped[bool] = mapped_column(default=False)
    is_backfilled: Mapped[bool] = mapped_column(default=False)
    announced_at: Mapped[datetime | None] = mapped_column(Instant)
    announced_rank: Mapped[int] = mapped_column(default=-1)
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(String(200), default="")
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        Index("ix_alert_open_severity", "is_open", "severity_rank", "emitted_at", "id"),
        Index("ix_alert_open_emitted", "is_open", "emitted_at", "id"),
        Index("ix_alert_emitted", "emitted_at", "id"),
        Index("ix_alert_severity", "severity_rank", "emitted_at", "id"),
        Index("ix_alert_entity", "entity_kind", "entity", "emitted_at"),
        Index("ix_alert_open_cost", "is_open", "cost", "id"),
        Index("ix_alert_detector", "detector", "emitted_at"),
        Index("ix_alert_alert_type", "alert_type"),
        Index("ix_alert_site", "site", "emitted_at"),
        Index("ix_alert_owner", "owner", "is_open", "emitted_at"),
        Index("ix_alert_resolved_at", "resolved_at"),
    )


class EvidenceRow(Base):
    """A call record an alert rests on; ``day`` (UTC, ISO 8601) and the ids lead to the record and its journey."""

    __tablename__ = "alert_evidence"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"))
    report_id: Mapped[str] = mapped_column(String(200), index=True)
    correlation_id: Mapped[str] = mapped_column(String(200), default="", index=True)
    started_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (UniqueConstraint("alert_id", "report_id"),)


class TimelineRow(TimelineColumns, Base):
    """One thing that happened to an alert, written with it and never changed."""

    __tablename__ = "alert_timeline"

    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"))
    from_state: Mapped[str] = mapped_column(String(14), default="")
    to_state: Mapped[str] = mapped_column(String(14), default="")
    comment: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (Index("ix_alert_timeline_alert_id_id", "alert_id", "id"),)


class MuteRow(Base):
    """What raises nothing until ``expires_at``; an empty scope field means any. ``hits`` counts what it kept quiet."""

    __tablename__ = "alert_mute"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    detector: Mapped[str] = mapped_column(String(40), default="")
    entity_kind: Mapped[str] = mapped_column(String(12), default="")
    entity: Mapped[str] = mapped_column(String(200), default="")
    entity_name: Mapped[str] = mapped_column(String(200), default="")
    destination_group: Mapped[str] = mapped_column(String(120), default="")
    reason: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str] = mapped_column(String(200))
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    lifted_by: Mapped[str] = mapped_column(String(200), default="")
    hits: Mapped[int] = mapped_column(default=0)
    last_hit_at: Mapped[datetime | None] = mapped_column(Instant)


class DetectionCursor(Base):
    """Up to which instant of storing the call records were judged, with what they raised committed.

    What was emitted before ``began_at`` is history from before detection first ran here.
    """

    __tablename__ = "detection_cursor"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    watermark: Mapped[datetime] = mapped_column(Instant)
    began_at: Mapped[datetime] = mapped_column(Instant)
