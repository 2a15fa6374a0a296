"""Migrations and table classes say the same, on both databases, up and down."""

import threading

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from core.store.engine import Database
from core.store.migrate import current_revision, downgrade, head_revision, upgrade
from core.store.models import Base
from tests.conftest import PythonRunner

VERSION_TABLE = "alembic_version"


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {VERSION_TABLE}


def test_the_migrated_database_is_what_the_table_classes_say(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_migration_goes_down_and_up_again(database: Database) -> None:
    assert current_revision(database) == head_revision(database)
    downgrade(database, "base")
    assert tables(database) == set()
    upgrade(database)
    assert tables(database) == set(Base.metadata.tables)
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_each_step_can_be_undone_alone(database: Database) -> None:
    while (revision := current_revision(database)) is not None:
        downgrade(database, "-1")
        upgrade(database, "+1")
        assert current_revision(database) == revision
        downgrade(database, "-1")


def test_processes_and_threads_that_start_together_migrate_once(
    database: Database, run_python: type[PythonRunner]
) -> None:
    downgrade(database, "base")
    program = (
        "import sys; from core.store.engine import Database; from core.store.migrate import upgrade;"
        " upgrade(Database(sys.argv[1]))"
    )
    children = [run_python("-c", program, database.url) for _ in range(2)]
    threads = [threading.Thread(target=upgrade, args=(database,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [child.finish() for child in children] == [(0, "")] * 2
    assert current_revision(database) == head_revision(database)
