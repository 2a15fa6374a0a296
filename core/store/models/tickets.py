"""Tables: tickets, their policies and what happened to each."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Float, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.store.models.base import Base, Instant
from core.store.models.operations import AutoId
from core.store.models.timeline import TimelineColumns


class TicketRow(Base):
    """One ticket. ``version`` grows with each change; ``source_key`` keeps what made it from making it twice.

    ``is_open`` is true for new, open and waiting. ``title`` is what people search and sort; ``texts`` holds title
    and description in each language where a rule wrote them. What follows from the timeline by
    ``core.tickets.deadlines`` is stored beside: ``owned_at`` to ``due_at``. A due instant is ``None`` while its
    clock pauses and where the policy sets none; ``*_left_seconds`` are what is left of the working time then.
    ``due_at`` is the next unmet one. A ``merged`` ticket points to its target.
    """

    __tablename__ = "ticket"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    source_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    source: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    texts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    priority: Mapped[str] = mapped_column(String(10))
    priority_rank: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="new")
    is_open: Mapped[bool] = mapped_column(default=True)
    client_id: Mapped[int | None] = mapped_column(BigInteger)
    site: Mapped[str] = mapped_column(String(200), default="")
    skills: Mapped[list[str]] = mapped_column(JSON, default=list)
    requested_by: Mapped[str] = mapped_column(String(200), default="")
    operator_id: Mapped[int | None] = mapped_column(BigInteger)
    assigned_at: Mapped[datetime | None] = mapped_column(Instant)
    waiting_reason: Mapped[str] = mapped_column(String(300), default="")
    waiting_until: Mapped[datetime | None] = mapped_column(Instant, index=True)
    resolution: Mapped[str] = mapped_column(Text, default="")
    merged_into_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    owned_at: Mapped[datetime | None] = mapped_column(Instant)
    resolved_at: Mapped[datetime | None] = mapped_column(Instant)
    own_due_at: Mapped[datetime | None] = mapped_column(Instant)
    resolve_due_at: Mapped[datetime | None] = mapped_column(Instant)
    own_left_seconds: Mapped[int | None]
    resolve_left_seconds: Mapped[int | None]
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(String(200), default="")

    __table_args__ = (
        Index("ix_ticket_open_due", "is_open", "due_at", "id"),
        Index("ix_ticket_open_priority", "is_open", "priority_rank", "created_at", "id"),
        Index("ix_ticket_operator", "operator_id", "is_open", "id"),
        Index("ix_ticket_client", "client_id", "created_at"),
        Index("ix_ticket_created", "created_at", "id"),
        Index("ix_ticket_resolved_at", "resolved_at"),
    )


class TicketTimelineRow(TimelineColumns, Base):
    """One thing that happened to a ticket, written with it and never changed; deadlines follow from these alone."""

    __tablename__ = "ticket_timeline"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    from_state: Mapped[str] = mapped_column(String(10), default="")
    to_state: Mapped[str] = mapped_column(String(10), default="")
    comment: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (Index("ix_ticket_timeline_ticket_id_id", "ticket_id", "id"),)


class TicketLinkRow(Base):
    """What a ticket is about: kind alert, case, call, journey, recording, visit or ticket, and its reference."""

    __tablename__ = "ticket_link"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    kind: Mapped[str] = mapped_column(String(12))
    reference: Mapped[str] = mapped_column(String(200))
    label: Mapped[str] = mapped_column(String(200), default="")
    added_at: Mapped[datetime] = mapped_column(Instant)
    added_by: Mapped[str] = mapped_column(String(200))

    __table_args__ = (
        UniqueConstraint("ticket_id", "kind", "reference"),
        Index("ix_ticket_link_kind_reference", "kind", "reference"),
    )


class TicketWatcherRow(Base):
    """Somebody who is told of a ticket: the name they sign in with, or a mail address."""

    __tablename__ = "ticket_watcher"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    person: Mapped[str] = mapped_column(String(200))
    added_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (UniqueConstraint("ticket_id", "person"), Index("ix_ticket_watcher_person", "person"))


class TicketCalendarRow(Base):
    """When work is done: ``hours`` gives local minutes ``[[from, to], …]`` for each weekday ("0" = Monday).

    ``time_zone`` is an IANA name; the public holidays of ``country`` and ``closed_days`` (ISO 8601) are free.
    ``is_always`` means around the clock, whatever the rest says.
    """

    __tablename__ = "ticket_calendar"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    time_zone: Mapped[str] = mapped_column(String(60), default="UTC")
    country: Mapped[str] = mapped_column(String(2), default="")
    is_always: Mapped[bool] = mapped_column(default=False)
    hours: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    closed_days: Mapped[list[str]] = mapped_column(JSON, default=list)
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(String(200))


class TicketPolicyRow(Base):
    """What is promised for a priority to a client (0: every client without a policy of its own).

    Minutes are working minutes of the calendar; ``None`` promises nothing. ``steps`` is the way of escalation
    (``core.tickets.policies.Step``).
    """

    __tablename__ = "ticket_policy"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    priority: Mapped[str] = mapped_column(String(10))
    client_id: Mapped[int] = mapped_column(BigInteger, default=0)
    calendar_id: Mapped[int] = mapped_column(ForeignKey("ticket_calendar.id"))
    own_minutes: Mapped[int | None]
    resolve_minutes: Mapped[int | None]
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(String(200))

    __table_args__ = (UniqueConstraint("priority", "client_id"),)


class TicketRuleRow(Base):
    """Which alerts become tickets. Empty ``detectors`` and ``sites`` do not restrict; the first that fits decides.

    ``per`` is case (one ticket for all its alerts) or alert. An empty ``priority`` is that of the severity.
    """

    __tablename__ = "ticket_rule"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    position: Mapped[int]
    is_paused: Mapped[bool] = mapped_column(default=False)
    per: Mapped[str] = mapped_column(String(8), default="case")
    least_severity: Mapped[str] = mapped_column(String(10))
    detectors: Mapped[list[str]] = mapped_column(JSON, default=list)
    sites: Mapped[list[str]] = mapped_column(JSON, default=list)
    priority: Mapped[str] = mapped_column(String(10), default="")
    client_id: Mapped[int | None] = mapped_column(BigInteger)
    skills: Mapped[list[str]] = mapped_column(JSON, default=list)
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(String(200))


class TicketEscalationRow(Base):
    """Where a ticket stands on its way of escalation; follows from the timeline, ``held_until`` and ``failures`` aside.

    ``policy`` is the one in force when the clock started. A step belongs to a ``generation``: what was planned for
    an earlier one is stale. ``next_at`` is ``None`` when no step is to come or the clock pauses.
    """

    __tablename__ = "ticket_escalation"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True, autoincrement=False)
    generation: Mapped[int]
    policy: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    next_step: Mapped[int | None]
    next_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    held_until: Mapped[datetime | None] = mapped_column(Instant)
    failures: Mapped[int] = mapped_column(default=0)


class TicketModelRow(Base):
    """What past tickets taught about missing deadlines: weights by feature, and how well they told held-out ones."""

    __tablename__ = "ticket_model"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    trained_at: Mapped[datetime] = mapped_column(Instant)
    tickets: Mapped[int]
    missed: Mapped[int]
    auc: Mapped[float | None] = mapped_column(Float)
    weights: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class TicketPredictionRow(Base):
    """How likely an open ticket misses its deadline, 0 to 1, with the features that say so most."""

    __tablename__ = "ticket_prediction"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True, autoincrement=False)
    model_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Instant)
    probability: Mapped[float] = mapped_column(Float)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
