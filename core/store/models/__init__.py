"""All table classes, imported so that the metadata is whole for migrations."""

from core.store.models import access, alerts, assistant, calls, detection, operations, outbox, responses, webex
from core.store.models.base import Base

__all__ = [
    "Base",
    "access",
    "alerts",
    "assistant",
    "calls",
    "detection",
    "operations",
    "outbox",
    "responses",
    "webex",
]
