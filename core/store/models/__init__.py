"""All table classes, imported so that the metadata is whole for migrations."""

from core.store.models import access, calls, operations, webex
from core.store.models.base import Base

__all__ = ["Base", "access", "calls", "operations", "webex"]
