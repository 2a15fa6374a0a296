"""Tables: calling settings as polled, administrators' audit events, blocks and their undoing."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.store.models.base import Base, Instant
from core.store.models.operations import AutoId


class SettingSnapshot(Base):
    """A person's setting as Webex last told it, whole. ``value`` is null while it could never be read.

    ``setting`` is outgoing_permission, call_forwarding or call_intercept; ``error_code`` why the last reading failed.
    """

    __tablename__ = "call_setting"

    person_uuid: Mapped[str] = mapped_column(String(100), primary_key=True)
    setting: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    tried_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime | None] = mapped_column(Instant)
    error_code: Mapped[str] = mapped_column(String(60), default="")

    __table_args__ = (Index("ix_call_setting_setting_tried_at", "setting", "tried_at"),)


class SettingChange(Base):
    """A setting that was found other than before. It changed after ``read_before`` and by ``seen_at``.

    ``changed_at`` is the best known instant; ``actor_*`` is filled when an administrator's audit event fits.
    """

    __tablename__ = "call_setting_change"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    person_uuid: Mapped[str] = mapped_column(String(100))
    setting: Mapped[str] = mapped_column(String(20))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    read_before: Mapped[datetime | None] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant, index=True)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    actor_uuid: Mapped[str] = mapped_column(String(100), default="")
    actor_name: Mapped[str] = mapped_column(String(300), default="")
    audit_event_id: Mapped[str] = mapped_column(String(120), default="")
    is_ours: Mapped[bool] = mapped_column(Boolean, default=False)

    __table_args__ = (Index("ix_call_setting_change_person_uuid_id", "person_uuid", "id"),)


class AdminAuditEvent(Base):
    """What an administrator did in Webex, as its audit tells; UUIDs are bare, ``setting`` set for calling settings."""

    __tablename__ = "admin_audit_event"

    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    setting: Mapped[str] = mapped_column(String(20), default="")
    actor_uuid: Mapped[str] = mapped_column(String(100), default="")
    actor_name: Mapped[str] = mapped_column(String(300), default="")
    actor_email: Mapped[str] = mapped_column(String(320), default="")
    actor_address: Mapped[str] = mapped_column(String(60), default="")
    category: Mapped[str] = mapped_column(String(100), default="")
    description: Mapped[str] = mapped_column(String(300), default="")
    action: Mapped[str] = mapped_column(String(300), default="")
    target_uuid: Mapped[str] = mapped_column(String(100), default="")
    target_name: Mapped[str] = mapped_column(String(300), default="")
    stored_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (Index("ix_admin_audit_event_target_uuid_at", "target_uuid", "at"),)


class ResponseRow(Base):
    """One answer to an alert that an administrator consented to: some changes, applied and perhaps undone together.

    ``state``: applying, applied, failed (some or all of it), undoing, undone. ``is_working`` while the sidecar has
    something to do for it; ``undo_forced`` when somebody chose to overwrite what was changed meanwhile.
    """

    __tablename__ = "response"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    alert_id: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(12))
    is_working: Mapped[bool] = mapped_column(Boolean, default=True, index=True)
    idempotency_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    requested_by: Mapped[str] = mapped_column(String(200))
    requested_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    undo_by: Mapped[str] = mapped_column(String(200), default="")
    undo_at: Mapped[datetime | None] = mapped_column(Instant)
    undo_forced: Mapped[bool] = mapped_column(Boolean, default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    command_id: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_response_alert_id_id", "alert_id", "id"),)


class ResponseChange(Base):
    """One setting of one person changed by a response.

    ``before`` is what Webex held, whole, saved before anything was sent; ``intended`` what is sent; ``found`` what
    was read last where that differs from both. ``under_way`` names person and setting while a change is being made,
    so that no two are made at once. States: proposed, applying, applied, failed, undoing, undone.
    """

    __tablename__ = "response_change"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    response_id: Mapped[int] = mapped_column(ForeignKey("response.id"))
    action: Mapped[str] = mapped_column(String(30))
    setting: Mapped[str] = mapped_column(String(20))
    person_uuid: Mapped[str] = mapped_column(String(100))
    person_name: Mapped[str] = mapped_column(String(300), default="")
    call_types: Mapped[list[str]] = mapped_column(JSON, default=list)
    state: Mapped[str] = mapped_column(String(12))
    under_way: Mapped[str | None] = mapped_column(String(130), unique=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    intended: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    found: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    saved_at: Mapped[datetime | None] = mapped_column(Instant)
    applied_at: Mapped[datetime | None] = mapped_column(Instant)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    __table_args__ = (
        Index("ix_response_change_response_id_id", "response_id", "id"),
        Index("ix_response_change_person_uuid", "person_uuid"),
    )
