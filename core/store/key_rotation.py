"""After ``SECRET_KEY`` changed: every stored secret is written anew under the present key."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from core.clock import Clock
from core.store import audit
from core.store.encryption import SecretUnreadableError, Vault
from core.store.engine import Database
from core.store.models.outbox import NotificationChannel
from core.store.models.webex import WebexConnection

SECRET_COLUMNS: tuple[InstrumentedAttribute[Any], ...] = (
    WebexConnection.access_token,
    WebexConnection.refresh_token,
    NotificationChannel.secrets,
)
"""Where ``Vault.encrypt`` writes to stay; a consent under way lives for minutes and is not worth it."""


@dataclass(frozen=True)
class Rotated:
    """How many secrets are now under the present key, and how many no configured key opens."""

    rotated: int
    unreadable: int


def rotate_keys(database: Database, vault: Vault, clock: Clock, *, actor: str) -> Rotated:
    """Write every stored secret under the present key, all in one transaction; unreadable ones stay as they are."""
    rotated = unreadable = 0
    with database.write() as session:
        for column in SECRET_COLUMNS:
            for row in session.scalars(select(column.class_).where(column.is_not(None)).with_for_update()):
                try:
                    setattr(row, column.key, vault.rotate(getattr(row, column.key)))
                    rotated += 1
                except SecretUnreadableError:
                    unreadable += 1
        detail = {"rotated": rotated, "unreadable": unreadable}
        audit.record(session, actor=actor, action="keys.rotated", detail=detail, at=clock.now())
    return Rotated(rotated, unreadable)
