"""Alembic's entry: runs the migrations on the engine that ``core.store.migrate`` passes in."""

from alembic import context
from sqlalchemy import Engine, text

from core.store.models import Base

ADVISORY_LOCK = 7_463_001


def run() -> None:
    """Run the migrations in one transaction, alone: by lock on PostgreSQL, by BEGIN IMMEDIATE on SQLite."""
    engine: Engine = context.config.attributes["engine"]
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
            context.run_migrations()


run()
