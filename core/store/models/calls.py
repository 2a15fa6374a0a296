"""Tables of what stands around the call records: quarantine, imports, saved views."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.store.models.base import Base, Instant
from core.store.models.operations import AutoId


class QuarantinedRecord(Base):
    """A record that could not be typed, kept with the reason until somebody retries or discards it."""

    __tablename__ = "quarantined_record"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    raw: Mapped[str] = mapped_column(Text)
    is_cut: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(String(12))
    origin: Mapped[str] = mapped_column(String(300))
    reason_code: Mapped[str] = mapped_column(String(40))
    detail: Mapped[str] = mapped_column(String(300), default="")
    first_seen: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(String(200), default="")

    __table_args__ = (Index("ix_quarantined_record_state_id", "state", "id"),)


class ImportBatch(Base):
    """One file or upload that was imported, with what became of its records."""

    __tablename__ = "import_batch"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    origin: Mapped[str] = mapped_column(String(300))
    source: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12), default="running")
    read: Mapped[int] = mapped_column(BigInteger, default=0)
    new: Mapped[int] = mapped_column(BigInteger, default=0)
    duplicate: Mapped[int] = mapped_column(BigInteger, default=0)
    replaced: Mapped[int] = mapped_column(BigInteger, default=0)
    quarantined: Mapped[int] = mapped_column(BigInteger, default=0)
    started_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    started_by: Mapped[str] = mapped_column(String(200), default="")
    problem: Mapped[str] = mapped_column(String(500), default="")

    __table_args__ = (Index("ix_import_batch_started_at", "started_at"),)


class SavedView(Base):
    """A filter a person keeps under a name: the query string of a page."""

    __tablename__ = "saved_view"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    owner: Mapped[str] = mapped_column(String(200))
    page: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(100))
    query: Mapped[str] = mapped_column(String(2000))
    saved_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (UniqueConstraint("owner", "page", "name"),)
