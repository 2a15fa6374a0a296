"""``python -m jobs restore-check [FILE] [--into URL]``: prove that a copy restores, or do restore it."""

import argparse
from pathlib import Path

from core.errors import NotFoundError
from core.services import Services
from core.settings import load_settings
from core.store import backup
from core.store.engine import Database
from jobs.terminal import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Without a file: the newest copy of the data folder."""
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--into", metavar="DATABASE_URL", help="an empty database to restore into")


def run(services: Services, arguments: argparse.Namespace) -> int:
    """Raises ``NotFoundError``, ``BackupBrokenError`` or ``RestoreTargetError``."""
    path = arguments.file or _newest(services)
    if not path.is_file():
        raise NotFoundError(what=str(path))
    checked = backup.check(path)
    say("jobs.restore_check.intact", path=path, rows=checked.rows, tables=checked.tables, audit=checked.audit_entries)
    if arguments.into:
        target = Database(load_settings({"database_url": arguments.into}).database)
        counts = backup.restore(path, target)
        target.close()
        say("jobs.restore_check.restored", rows=sum(counts.values()))
    return 0


def _newest(services: Services) -> Path:
    folder = services.settings.data_dir / backup.FOLDER
    found = backup.copies(folder)
    if not found:
        raise NotFoundError(what=f"{folder}/state-*")
    return found[0]
