"""What the tests of the sidecar share: a small installation and a sidecar process with jobs made for tests."""

from pathlib import Path

from core.calls.table import CallTable
from core.clock import SystemClock
from core.services import Services
from core.settings import load_settings
from core.store import commands
from core.store.engine import Database
from core.store.models.operations import Command
from tests.conftest import PythonRunner

PROGRAM = str(Path(__file__).parent / "sidecar_process.py")


def services_of(database: Database, data_dir: Path) -> Services:
    """Services over a test's database, on the machine's clock as a sidecar has it."""
    settings = load_settings({"data_dir": data_dir})
    return Services(settings, SystemClock(), database, CallTable(settings.calls_path))


def start_sidecar(database: Database, data_dir: Path, name: str, **environment: str) -> PythonRunner:
    """A sidecar in a process of its own; it writes ``<name>:<job>`` lines into ``data_dir/done``."""
    return PythonRunner("-m", "tests.jobs.sidecar_process", database.url, str(data_dir), name, **environment)


def done(data_dir: Path) -> list[str]:
    """What sidecars noted as done so far."""
    path = data_dir / "done"
    return path.read_text().splitlines() if path.exists() else []


def ask(database: Database, job: str, **arguments: object) -> int:
    """Ask for a run of ``job``; gives the command's id."""
    with database.write() as session:
        return commands.request(session, "run_job", {"job": job, **arguments}, "test", SystemClock().now())


def command(database: Database, command_id: int) -> Command:
    """A command as it stands."""
    with database.read() as session:
        return commands.find(session, command_id)
