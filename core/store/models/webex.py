"""Tables of the Webex connection: tokens, consents under way, cursors, the sync log, the directory."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.store.models.base import Base, Instant
from core.store.models.operations import AutoId


class WebexConnection(Base):
    """Who Tollwatch acts as in Webex, one row a kind: ``admin``, ``compliance``, or ``by_hand`` (no tokens kept).

    Tokens are encrypted; ``refresh_epoch`` grows with each new pair, ``refreshing_until`` is the one refresher's
    claim. ``state`` is connected, needs_authorisation or disconnected.
    """

    __tablename__ = "webex_connection"

    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    state: Mapped[str] = mapped_column(String(20), default="disconnected")
    access_token: Mapped[str | None] = mapped_column(Text)
    refresh_token: Mapped[str | None] = mapped_column(Text)
    access_expires_at: Mapped[datetime | None] = mapped_column(Instant)
    refresh_expires_at: Mapped[datetime | None] = mapped_column(Instant)
    refreshed_at: Mapped[datetime | None] = mapped_column(Instant)
    refresh_epoch: Mapped[int] = mapped_column(BigInteger, default=0)
    refreshing_until: Mapped[datetime | None] = mapped_column(Instant)
    scopes_asked: Mapped[str] = mapped_column(Text, default="")
    scopes_granted: Mapped[str | None] = mapped_column(Text)
    person_id: Mapped[str] = mapped_column(String(300), default="")
    person_name: Mapped[str] = mapped_column(String(300), default="")
    person_email: Mapped[str] = mapped_column(String(320), default="")
    org_id: Mapped[str] = mapped_column(String(300), default="")
    org_name: Mapped[str] = mapped_column(String(300), default="")
    analytics_url: Mapped[str | None] = mapped_column(String(300))
    connected_at: Mapped[datetime | None] = mapped_column(Instant)
    connected_by: Mapped[str] = mapped_column(String(200), default="")
    last_error_code: Mapped[str | None] = mapped_column(String(60))
    last_error_facts: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    last_error_at: Mapped[datetime | None] = mapped_column(Instant)


class OAuthState(Base):
    """One consent under way: single use, short lived, bound to the browser that began it."""

    __tablename__ = "oauth_state"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    code_verifier: Mapped[str] = mapped_column(Text)
    scopes: Mapped[str] = mapped_column(Text)
    next_path: Mapped[str] = mapped_column(String(500))
    browser_hash: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(200))
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class SyncCursor(Base):
    """How far one kind of synchronisation has stored everything; ``detail`` holds what else it must remember."""

    __tablename__ = "sync_cursor"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    watermark: Mapped[datetime | None] = mapped_column(Instant)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class SyncLogEntry(Base):
    """What one window of call history or one directory sync asked for and got; pruned after some weeks."""

    __tablename__ = "sync_log"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    kind: Mapped[str] = mapped_column(String(20))
    since: Mapped[datetime | None] = mapped_column(Instant)
    until: Mapped[datetime | None] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(12))
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_facts: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    __table_args__ = (Index("ix_sync_log_at_id", "at", "id"),)


class WebexOrganisation(Base):
    """An organisation the connected person sees."""

    __tablename__ = "webex_organisation"

    uuid: Mapped[str] = mapped_column(String(100), primary_key=True)
    webex_id: Mapped[str] = mapped_column(String(300))
    name: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime | None] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    is_removed: Mapped[bool] = mapped_column(Boolean, default=False)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)


class WebexLocation(Base):
    """A site; ``uuid`` equals the records' Site UUID, ``time_zone`` is an IANA name or empty."""

    __tablename__ = "webex_location"

    uuid: Mapped[str] = mapped_column(String(100), primary_key=True)
    webex_id: Mapped[str] = mapped_column(String(300))
    name: Mapped[str] = mapped_column(String(300), default="", index=True)
    time_zone: Mapped[str] = mapped_column(String(60), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    city: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(400), default="")
    preferred_language: Mapped[str] = mapped_column(String(20), default="")
    org_uuid: Mapped[str] = mapped_column(String(100), default="")
    changed_at: Mapped[datetime] = mapped_column(Instant)
    is_removed: Mapped[bool] = mapped_column(Boolean, default=False)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)


class WebexPerson(Base):
    """A person of the organisation; ``uuid`` equals the records' User UUID."""

    __tablename__ = "webex_person"

    uuid: Mapped[str] = mapped_column(String(100), primary_key=True)
    webex_id: Mapped[str] = mapped_column(String(300))
    name: Mapped[str] = mapped_column(String(300), default="", index=True)
    email: Mapped[str] = mapped_column(String(320), default="")
    department: Mapped[str] = mapped_column(String(200), default="")
    title: Mapped[str] = mapped_column(String(200), default="")
    manager_uuid: Mapped[str] = mapped_column(String(100), default="")
    location_uuid: Mapped[str] = mapped_column(String(100), default="", index=True)
    work_number: Mapped[str] = mapped_column(String(40), default="")
    extension: Mapped[str] = mapped_column(String(20), default="")
    numbers: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    status: Mapped[str] = mapped_column(String(30), default="")
    org_uuid: Mapped[str] = mapped_column(String(100), default="")
    changed_at: Mapped[datetime] = mapped_column(Instant)
    is_removed: Mapped[bool] = mapped_column(Boolean, default=False)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
