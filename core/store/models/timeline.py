"""What the timelines of alerts, tickets and visits have in common: the columns that say who did what, when and why."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from core.store.models.base import Instant
from core.store.models.operations import AutoId


class TimelineColumns:
    """One thing that happened, written with it and never changed; a table adds to what it happened, and the states."""

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(300), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
