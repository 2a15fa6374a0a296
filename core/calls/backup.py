"""Copies of the table of call records: one version of it, each a whole table that any reader of Delta Lake opens.

Files of the table are never changed once written, so a copy on the same file system holds them by hard links: it takes
seconds and no room, and keeps what a later compaction or retention removes. It guards against mistakes and a damaged
log, not against a lost disk. Elsewhere the files are copied.
"""

import json
import os
import re
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from core.calls import layout
from core.calls.errors import CallsTargetError
from core.calls.table import CallTable
from core.clock import Clock
from core.store.backup import BackupBrokenError

_PREFIX, _MANIFEST, _LOG = "calls-", ".manifest.json", "_delta_log"
_LOG_ENTRY = re.compile(r"(\d{20})\..*(json|parquet)$", re.ASCII)


@dataclass(frozen=True)
class CallsManifest:
    """What a copy holds: the table's version, its files, and its records."""

    created_at: str
    version: int
    files: int
    records: int


@dataclass(frozen=True)
class CallsChecked:
    """What a copy proved to hold when restored."""

    path: Path
    version: int
    files: int
    records: int


def back_up(table: CallTable, folder: Path, clock: Clock, keep: int) -> CallsChecked | None:
    """Copy the newest version of the table, prove it by restoring it, remove all but the newest ``keep`` copies.

    Gives ``None`` when no call was ever stored. Raises ``BackupBrokenError``, ``StorageFullError``; a copy that does
    not restore is removed, older ones stay.
    """
    if not table.exists():
        return None
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in folder.glob(f".{_PREFIX}*"):
        shutil.rmtree(left)
    now = clock.now()
    path = folder / f"{_PREFIX}{now.astimezone(UTC):%Y%m%dT%H%M%S%fZ}"
    draft = path.with_name(f".{path.name}.part")
    try:
        manifest = _copy_version(table, draft, now.isoformat())
        checked = _prove(draft, manifest, path)
        _manifest_path(path).write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
        draft.replace(path)
    except FileNotFoundError as error:
        raise BackupBrokenError(file=path.name, problem=f"the table lacks {Path(str(error.filename)).name}") from error
    except OSError as error:
        layout.raise_if_full(error, folder)
        raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    for old in copies(folder)[keep:]:
        _manifest_path(old).unlink(missing_ok=True)
        shutil.rmtree(old)
    return checked


def copies(folder: Path) -> list[Path]:
    """The finished copies of a folder, newest first."""
    return sorted((path for path in folder.glob(f"{_PREFIX}*") if path.is_dir()), reverse=True)


def shares_files(path: Path) -> bool:
    """Whether a copy holds files that something else on this disk holds too: the table, or another copy."""
    return any(file.stat().st_nlink > 1 for file in _files_below(path))


def check(path: Path) -> CallsChecked:
    """Restore a copy into a scratch folder, count its records and compare. Raises ``BackupBrokenError``."""
    try:
        manifest = CallsManifest(**json.loads(_manifest_path(path).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise BackupBrokenError(file=path.name, problem=f"manifest: {error}") from error
    return _prove(path, manifest, path)


def restore(path: Path, target: Path) -> int:
    """Make ``target`` the table that a copy holds; gives its records.

    Raises ``CallsTargetError`` for a folder that holds something, ``BackupBrokenError`` for a copy that is not whole.
    """
    manifest = check(path)
    if target.exists() and any(target.iterdir()):
        raise CallsTargetError(folder=str(target))
    for source in _files_below(path):
        _place(source, target / source.relative_to(path))
    return manifest.records


def _copy_version(table: CallTable, draft: Path, created_at: str) -> CallsManifest:
    """Writers wait only while the log is copied: files leave the disk a day after they left the table."""
    with table.writing() as delta:
        version = delta.version()
        files = table.live_files(delta)
        for entry in _log_until(table.path / _LOG, version):
            _place(entry, draft / _LOG / entry.name)
    root = table.path.resolve()
    for file in files:
        source = Path(file.path)
        _place(source, draft / source.relative_to(root))
    return CallsManifest(created_at, version, len(files), sum(file.rows for file in files))


def _log_until(log: Path, version: int) -> list[Path]:
    """The entries of a log up to a version; the hint of the last checkpoint, which is rewritten, is left out."""
    numbered = [(entry, _LOG_ENTRY.fullmatch(entry.name)) for entry in log.iterdir()]
    return [entry for entry, found in numbered if found and int(found[1]) <= version]


def _place(source: Path, target: Path) -> None:
    """Put a file there, by a hard link where the file system allows one."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _prove(path: Path, manifest: CallsManifest, named: Path) -> CallsChecked:
    scratch = path.with_name(f".{named.name}.restored")
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        for source in _files_below(path):
            _place(source, scratch / source.relative_to(path))
        files = _counted_files(scratch, named)
        found = CallsManifest(manifest.created_at, files[0], len(files[1]), sum(files[1]))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    for what in ("version", "files", "records"):
        if getattr(found, what) != getattr(manifest, what):
            problem = f"{what}: {getattr(found, what)} in place of {getattr(manifest, what)}"
            raise BackupBrokenError(file=named.name, problem=problem)
    return CallsChecked(named, found.version, found.files, found.records)


def _counted_files(folder: Path, named: Path) -> tuple[int, list[int]]:
    """The version of a restored table, and the records that are really in each of its files."""
    try:
        delta = DeltaTable(folder)
        listed = pa.table(delta.get_add_actions(flatten=True)).to_pylist()
        return delta.version(), [_records_in(folder / row["path"], row["size_bytes"]) for row in listed]
    except (DeltaError, OSError, pa.ArrowException) as error:
        raise BackupBrokenError(file=named.name, problem=f"{type(error).__name__}: {error}"[:300]) from error


def _records_in(file: Path, size: int) -> int:
    if file.stat().st_size != size:
        raise OSError(f"{file.name} is cut")
    return int(pq.read_metadata(file).num_rows)


def _files_below(path: Path) -> list[Path]:
    return [file for file in sorted(path.rglob("*")) if file.is_file()]


def _manifest_path(path: Path) -> Path:
    return path.with_name(path.name + _MANIFEST)
