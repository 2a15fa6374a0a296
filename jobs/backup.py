"""The operational database is copied every night, and each copy is restored once to prove it."""

import argparse
from collections.abc import Mapping
from typing import Any

from core.services import Services
from core.store import backup
from core.store.backup import Checked
from jobs.registry import JobContext, job
from jobs.terminal import say


@job("backup", cron="20 2 * * *")
def back_up(context: JobContext) -> Mapping[str, Any]:
    """Copy, restore into a scratch database, compare, keep the newest ones."""
    checked = _back_up(context.services)
    return {"file": checked.path.name, "rows": checked.rows, "audit_entries": checked.audit_entries}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options: folder and number of copies are settings."""


def run(services: Services, _arguments: argparse.Namespace) -> int:
    """Make a copy now. Raises ``BackupBrokenError``."""
    checked = _back_up(services)
    say("jobs.backup.done", path=checked.path, rows=checked.rows, tables=checked.tables)
    return 0


def _back_up(services: Services) -> Checked:
    settings = services.settings
    return backup.back_up(services.database, settings.data_dir / backup.FOLDER, services.clock, settings.backup_keep)
