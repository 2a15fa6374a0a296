"""The operational database: everything that changes state. SQLite by default, PostgreSQL by ``DATABASE_URL``."""

from core.store.engine import Database

__all__ = ["Database"]
