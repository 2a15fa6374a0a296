"""Bringing the operational database to the present shape, and back."""

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from core.store.engine import Database

_FOLDER = Path(__file__).parent / "migrations"
# Alembic keeps the migration under way in module globals: two threads of one process must not run it together.
_ONE_THREAD = threading.Lock()


def _config(database: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["engine"] = database.engine
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Run the migrations up to ``revision``; safe to call by several processes and threads at once."""
    with _ONE_THREAD:
        command.upgrade(_config(database), revision)


def downgrade(database: Database, revision: str) -> None:
    """Run the migrations back to ``revision`` (``base`` = nothing)."""
    with _ONE_THREAD:
        command.downgrade(_config(database), revision)


def current_revision(database: Database) -> str | None:
    """The revision the database is at; ``None`` for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head_revision(database: Database) -> str | None:
    """The newest revision this product knows."""
    return ScriptDirectory.from_config(_config(database)).get_current_head()
