"""``python -m jobs`` is the sidecar; ``python -m jobs COMMAND …`` one command, then the end.

Each command is a module of this package with ``add_arguments(parser)`` and ``run(services, arguments) -> int``.
"""

import argparse
import importlib
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType

from core import logs
from core.calls.table import CallTable
from core.clock import SystemClock
from core.errors import TollwatchError, TransientError
from core.language import Language, translate
from core.services import Services, keep_private, open_services
from core.settings import Settings, load_settings
from core.store.engine import Database
from jobs.terminal import terminal_language

FAILED, USAGE, TRY_AGAIN, INTERRUPTED = 1, 2, 75, 130
"""Exit codes: 75 is "try again" among BSD's sysexits, 130 as shells give for Ctrl-C."""


@dataclass(frozen=True)
class Command:
    """A command's name on the line, its module, whether it needs the stores opened and migrated first, and whether it
    stores or reads secrets and so needs a ``SECRET_KEY``."""

    name: str
    module: str
    opens_stores: bool = True
    needs_secret_key: bool = True


COMMANDS = (
    Command("serve", "jobs.serve"),
    Command("web", "jobs.web"),
    Command("import", "jobs.import_calls", needs_secret_key=False),
    Command("export-calls", "jobs.export_calls", needs_secret_key=False),
    Command("ingest", "jobs.ingest", needs_secret_key=False),
    Command("journeys", "jobs.rebuild_journeys", needs_secret_key=False),
    Command("detect", "jobs.detect", needs_secret_key=False),
    Command("doctor", "jobs.doctor", opens_stores=False, needs_secret_key=False),
    Command("backup", "jobs.backup"),
    Command("restore-check", "jobs.restore_check", opens_stores=False),
    Command("user add", "jobs.user_add"),
    Command("rotate-keys", "jobs.rotate_keys"),
    Command("migrate", "jobs.migrate", opens_stores=False),
    Command("audit verify", "jobs.audit_verify"),
    Command("backtest", "jobs.backtest", opens_stores=False, needs_secret_key=False),
    Command("evaluate", "jobs.evaluate", opens_stores=False, needs_secret_key=False),
)


def main(arguments: Sequence[str]) -> int:
    """Run what the line asks for; gives the exit code."""
    language = terminal_language()
    try:
        if not arguments:
            return _run_sidecar()
        if arguments[0] in ("-h", "--help", "help"):
            sys.stdout.write(_overview(language))
            return 0
        return _run_command(arguments, language)
    except TollwatchError as error:
        sys.stderr.write(f"{error.message(language)}\n{error.remedy(language)}\n")
        return TRY_AGAIN if isinstance(error, TransientError) else FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        sys.stdout = None
        return FAILED


def find_command(arguments: Sequence[str]) -> tuple[Command, Sequence[str]] | None:
    """The command that a line begins with, and the rest of the line."""
    for command in COMMANDS:
        words = command.name.split()
        if list(arguments[: len(words)]) == words:
            return command, arguments[len(words) :]
    return None


def _run_command(arguments: Sequence[str], language: Language) -> int:
    found = find_command(arguments)
    if found is None:
        sys.stderr.write(translate("jobs.commands.unknown", language, name=arguments[0]) + "\n" + _overview(language))
        return USAGE
    command, rest = found
    module = importlib.import_module(command.module)
    parser = argparse.ArgumentParser(
        prog=f"python -m jobs {command.name}", description=translate(_help_key(command), language)
    )
    module.add_arguments(parser)
    parsed = parser.parse_args(rest)
    settings = load_settings(secret_key_required=command.needs_secret_key)
    logs.configure(settings, process=command.name)
    code: int = module.run(_open(settings, command), parsed)
    return code


def _open(settings: Settings, command: Command) -> Services:
    if command.opens_stores:
        return open_services(settings)
    return Services(settings, SystemClock(), Database(settings.database), CallTable(settings.calls_path))


def _run_sidecar() -> int:
    from jobs.schedule import JOBS
    from jobs.sidecar import Sidecar

    settings = load_settings()
    logs.configure(settings, process="sidecar")
    sidecar = Sidecar(open_services(settings), JOBS)

    def stop(_number: int, _frame: FrameType | None) -> None:
        sidecar.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    sidecar.run()
    return 0


def _overview(language: Language) -> str:
    width = max(len(command.name) for command in COMMANDS) + 2
    lines = [f"  {command.name:<{width}}{translate(_help_key(command), language)}" for command in COMMANDS]
    return translate("jobs.commands.overview", language) + "\n" + "\n".join(lines) + "\n"


def _help_key(command: Command) -> str:
    return f"jobs.commands.{command.name.replace(' ', '_').replace('-', '_')}"


if __name__ == "__main__":
    keep_private()
    sys.exit(main(sys.argv[1:]))
