"""``python -m jobs restore-check [FILE] [--into URL]``: prove that a copy restores, or do restore it."""

import argparse
from pathlib import Path

from core.calls import backup as calls_backup
from core.errors import NotFoundError
from core.services import Services
from core.settings import load_settings
from core.store import backup
from core.store.engine import Database
from jobs.terminal import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Without a file: the newest copies of the data folder."""
    parser.add_argument("file", nargs="?", type=Path, help="a copy of the database, or the folder of one of the calls")
    parser.add_argument("--into", metavar="TARGET", help="an empty database (URL), or for calls an empty folder")


def run(services: Services, arguments: argparse.Namespace) -> int:
    """Raises ``NotFoundError``, ``BackupBrokenError``, ``RestoreTargetError`` or ``CallsTargetError``."""
    if arguments.file is None:
        _database(_newest(services), arguments.into)
        for path in calls_backup.copies(services.settings.data_dir / backup.FOLDER)[:1]:
            _calls(path, None)
    elif arguments.file.is_dir():
        _calls(arguments.file, arguments.into)
    else:
        _database(arguments.file, arguments.into)
    return 0


def _database(path: Path, into: str | None) -> None:
    if not path.is_file():
        raise NotFoundError(what=str(path))
    checked = backup.check(path)
    say("jobs.restore_check.intact", path=path, rows=checked.rows, tables=checked.tables, audit=checked.audit_entries)
    if into:
        target = Database(load_settings({"database_url": into}).database)
        counts = backup.restore(path, target)
        target.close()
        say("jobs.restore_check.restored", rows=sum(counts.values()))


def _calls(path: Path, into: str | None) -> None:
    checked = calls_backup.check(path)
    say("jobs.restore_check.calls_intact", path=path, records=checked.records, version=checked.version)
    if into:
        say("jobs.restore_check.calls_restored", records=calls_backup.restore(path, Path(into)), folder=into)


def _newest(services: Services) -> Path:
    folder = services.settings.data_dir / backup.FOLDER
    found = backup.copies(folder)
    if not found:
        raise NotFoundError(what=f"{folder}/state-*")
    return found[0]
