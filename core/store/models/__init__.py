"""All table classes, imported so that the metadata is whole for migrations."""

from core.store.models import (
    access,
    alerts,
    assistant,
    calls,
    detection,
    dialer,
    dialing_policy,
    operations,
    operators,
    outbox,
    recordings,
    reports,
    responses,
    tickets,
    visits,
    watson,
    webex,
)
from core.store.models.base import Base

__all__ = [
    "Base",
    "access",
    "alerts",
    "assistant",
    "calls",
    "detection",
    "dialer",
    "dialing_policy",
    "operations",
    "operators",
    "outbox",
    "recordings",
    "reports",
    "responses",
    "tickets",
    "visits",
    "watson",
    "webex",
]
