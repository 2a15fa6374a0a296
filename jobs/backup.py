"""The operational database and the call records are copied every night, and each copy is restored once to prove it.

The database comes first: a cursor of its copy never stands behind records that the copy of the calls lacks.
"""

import argparse
from collections.abc import Mapping
from typing import Any

from core.calls import backup as calls_backup
from core.calls.backup import CallsChecked
from core.services import Services
from core.store import backup
from core.store.backup import Checked
from jobs.registry import JobContext, job
from jobs.terminal import say


@job("backup", cron="20 2 * * *")
def back_up(context: JobContext) -> Mapping[str, Any]:
    """Copy, restore aside, compare, keep the newest ones."""
    checked, calls = _back_up(context.services)
    told = {"file": checked.path.name, "rows": checked.rows, "audit_entries": checked.audit_entries}
    return told | ({"calls_file": calls.path.name, "legs": calls.records} if calls else {})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options: folder and numbers of copies are settings."""


def run(services: Services, _arguments: argparse.Namespace) -> int:
    """Make copies now. Raises ``BackupBrokenError``."""
    checked, calls = _back_up(services)
    say("jobs.backup.done", path=checked.path, rows=checked.rows, tables=checked.tables)
    if calls:
        how = "linked" if calls_backup.shares_files(calls.path) else "copied"
        say(f"jobs.backup.calls_{how}", path=calls.path, records=calls.records, version=calls.version)
    return 0


def _back_up(services: Services) -> tuple[Checked, CallsChecked | None]:
    settings, clock = services.settings, services.clock
    folder = settings.data_dir / backup.FOLDER
    checked = backup.back_up(services.database, folder, clock, settings.backup_keep)
    if not settings.backup_calls_keep:
        return checked, None
    return checked, calls_backup.back_up(services.calls, folder, clock, settings.backup_calls_keep)
