"""Tables: the dialling policy, whose turn it is to ask it, and the numbers people keep."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from core.store.models.base import Base, Instant


class DialingPolicyRow(Base):
    """The rules an administrator set; one row. ``version`` rises with each change."""

    __tablename__ = "dialing_policy"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    version: Mapped[int]
    rules: Mapped[dict[str, Any]] = mapped_column(JSON)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(String(200))


class DialingTurnRow(Base):
    """Held by the transaction that asks the policy for a person and stores their call: one at a time."""

    __tablename__ = "dialing_turn"

    person: Mapped[str] = mapped_column(String(200), primary_key=True)
    taken_at: Mapped[datetime] = mapped_column(Instant)


class FavoriteNumberRow(Base):
    """A number that a person keeps at hand on the dial pad."""

    __tablename__ = "favorite_number"

    person: Mapped[str] = mapped_column(String(200), primary_key=True)
    number: Mapped[str] = mapped_column(String(80), primary_key=True)
    label: Mapped[str] = mapped_column(String(60), default="")
    added_at: Mapped[datetime] = mapped_column(Instant)
