"""Copies of the operational database, each restored into a scratch database before it counts.

SQLite: ``VACUUM INTO``, a database file. PostgreSQL: a logical dump of one snapshot as compressed JSON lines, which
needs no client program of the server's version and restores into either kind of database. Beside each copy lies a
manifest with its row counts and SHA-256. Call records are not in it: they are in their own table of files.
"""

import gzip
import hashlib
import json
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile
from typing import Any

from sqlalchemy import JSON, Connection, LargeBinary, Table, func, inspect, null, select, text

from core.clock import Clock
from core.errors import PermanentError
from core.store import audit
from core.store.engine import Database
from core.store.migrate import current_revision, upgrade
from core.store.models import Base
from core.store.models.base import Instant

FOLDER = "backups"
_SQLITE, _DUMP, _MANIFEST = ".sqlite", ".jsonl.gz", ".manifest.json"
_ROWS_AT_ONCE = 500


class BackupBrokenError(PermanentError):
    """A copy does not restore to what was copied. Facts: ``file``, ``problem``."""

    code = "backup_broken"


class RestoreTargetError(PermanentError):
    """The database to restore into already holds tables. Facts: ``tables``."""

    code = "restore_target"
    http_status = 409


@dataclass(frozen=True)
class Manifest:
    """What a copy holds: schema revision, rows of each table, and the digest of its file."""

    created_at: str
    revision: str
    counts: dict[str, int]
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Checked:
    """What a copy proved to hold when restored."""

    path: Path
    rows: int
    tables: int
    audit_entries: int


def back_up(database: Database, folder: Path, clock: Clock, keep: int) -> Checked:
    """Make a copy in ``folder``, prove it by restoring it, remove all but the newest ``keep``.

    Raises ``BackupBrokenError``; a copy that does not restore is removed, older ones stay.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    now = clock.now()
    path = folder / f"state-{now.astimezone(UTC):%Y%m%dT%H%M%S%fZ}{_SQLITE if database.is_sqlite else _DUMP}"
    draft = path.with_name(f".{path.name}.part")
    try:
        revision = current_revision(database) or ""
        counts = _vacuum_into(database, draft) if database.is_sqlite else _dump(database, draft, revision)
        draft.chmod(0o600)
        manifest = Manifest(now.isoformat(), revision, counts, _digest(draft), draft.stat().st_size)
        checked = _prove(draft, manifest, path)
        _manifest_path(path).write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    for old in copies(folder)[keep:]:
        old.unlink(missing_ok=True)
        _manifest_path(old).unlink(missing_ok=True)
    return checked


def copies(folder: Path) -> list[Path]:
    """The finished copies of a folder, newest first."""
    found = [path for path in folder.glob("state-*") if path.name.endswith((_SQLITE, _DUMP))]
    return sorted(found, reverse=True)


def taken_at(path: Path) -> datetime:
    """When a copy was made, aware UTC, from its name."""
    stamp = path.name.removeprefix("state-").split(".")[0]
    return datetime.strptime(stamp, "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)


def check(path: Path) -> Checked:
    """Restore a copy into a scratch database and compare. Raises ``BackupBrokenError``."""
    try:
        manifest = Manifest(**json.loads(_manifest_path(path).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise BackupBrokenError(file=path.name, problem=f"manifest: {error}") from error
    return _prove(path, manifest, path)


def restore(path: Path, target: Database) -> dict[str, int]:
    """Fill an empty database from a copy; gives the rows of each table.

    Raises ``RestoreTargetError`` for a database that holds tables, ``BackupBrokenError`` for an unreadable copy.
    """
    present = inspect(target.engine).get_table_names()
    if present:
        raise RestoreTargetError(tables=", ".join(sorted(present)[:5]))
    try:
        if path.name.removesuffix(".part").endswith(_DUMP):
            _fill(target, _read_dump(path))
        else:
            with tempfile.TemporaryDirectory(prefix="tollwatch-restore-") as folder:
                _fill(target, _read_sqlite(path, Path(folder)))
    except (OSError, ValueError, KeyError) as error:
        raise BackupBrokenError(file=path.name, problem=type(error).__name__) from error
    with target.engine.connect() as connection:
        return _counts(connection)


def _prove(path: Path, manifest: Manifest, named: Path) -> Checked:
    if _digest(path) != manifest.sha256:
        raise BackupBrokenError(file=named.name, problem="its content is not what was written")
    with tempfile.TemporaryDirectory(prefix="tollwatch-restore-") as folder:
        scratch = Path(folder) / "scratch.db"
        if named.name.endswith(_SQLITE):
            copyfile(path, scratch)
        database = Database(f"sqlite:///{scratch}")
        try:
            if named.name.endswith(_DUMP):
                restore(path, database)
            return _inspect(database, manifest, named)
        finally:
            database.close()


def _inspect(database: Database, manifest: Manifest, named: Path) -> Checked:
    with database.engine.connect() as connection:
        integrity = connection.execute(text("PRAGMA integrity_check")).scalar_one()
        orphans = connection.execute(text("PRAGMA foreign_key_check")).first()
        found = _counts(connection)
    if integrity != "ok" or orphans is not None:
        raise BackupBrokenError(file=named.name, problem=f"integrity: {integrity}")
    differing = sorted(name for name in found | manifest.counts if found.get(name) != manifest.counts.get(name))
    if differing:
        raise BackupBrokenError(file=named.name, problem=f"other row counts in {', '.join(differing[:5])}")
    chain = audit.verify(database)
    if not chain.intact:
        raise BackupBrokenError(file=named.name, problem=f"audit chain broken at entry {chain.broken_at}")
    return Checked(named, sum(found.values()), len(found), chain.entries)


def _vacuum_into(database: Database, draft: Path) -> dict[str, int]:
    """Writers wait meanwhile, so that the counts are those of the copy; readers go on."""
    draft.unlink(missing_ok=True)
    with database.engine.connect() as writer, writer.begin():
        counts = _counts(writer)
        copier = database.engine.raw_connection()
        try:
            copier.cursor().execute("VACUUM INTO ?", (str(draft),))
        finally:
            copier.close()
    return counts


def _dump(database: Database, draft: Path, revision: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    with (
        database.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection,
        gzip.open(draft, "wt", encoding="utf-8") as file,
    ):
        file.write(json.dumps({"revision": revision}) + "\n")
        for table in _present_tables(connection):
            counts[table.name] = 0
            for row in connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(select(table)).mappings():
                values = [_encode(row[column]) for column in table.columns]
                file.write(json.dumps([table.name, values], ensure_ascii=False) + "\n")
                counts[table.name] += 1
    return counts


Row = tuple[str, dict[str, Any]]


def _read_dump(path: Path) -> Iterator[tuple[str, Row | None]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        revision: str = json.loads(next(file))["revision"]
        yield revision, None
        for line in file:
            name, values = json.loads(line)
            columns = Base.metadata.tables[name].columns
            row = {column.name: _decode(column, value) for column, value in zip(columns, values, strict=True)}
            yield revision, (name, row)


def _read_sqlite(path: Path, folder: Path) -> Iterator[tuple[str, Row | None]]:
    copyfile(path, folder / "copy.db")
    source = Database(f"sqlite:///{folder / 'copy.db'}")
    try:
        revision = current_revision(source) or ""
        yield revision, None
        with source.engine.connect() as connection:
            for table in _present_tables(connection):
                for row in connection.execute(select(table)).mappings():
                    yield revision, (table.name, dict(row))
    finally:
        source.close()


def _fill(target: Database, rows: Iterator[tuple[str, Row | None]]) -> None:
    revision, _ = next(rows)
    upgrade(target, revision)
    with target.engine.begin() as connection:
        waiting: list[dict[str, Any]] = []
        name = ""
        for _, item in rows:
            if item is None:
                continue
            if item[0] != name or len(waiting) >= _ROWS_AT_ONCE:
                _insert(connection, name, waiting)
                name, waiting = item[0], []
            waiting.append(item[1])
        _insert(connection, name, waiting)
        if not target.is_sqlite:
            _advance_sequences(connection)


def _insert(connection: Connection, name: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    table = Base.metadata.tables[name]
    optional = [column.name for column in table.columns if isinstance(column.type, JSON)]
    for row in rows:
        row |= {column: null() for column in optional if row[column] is None}
    connection.execute(table.insert(), rows)


def _advance_sequences(connection: Connection) -> None:
    """Rows came with their ids; the next new row must not meet one of them."""
    for table in _present_tables(connection):
        for column in table.primary_key.columns:
            if column.autoincrement and column.type.python_type is int:
                statement = select(
                    func.setval(
                        func.pg_get_serial_sequence(table.name, column.name),
                        select(func.coalesce(func.max(column), 0) + 1).scalar_subquery(),
                        False,
                    )
                )
                connection.execute(statement)


def _present_tables(connection: Connection) -> list[Table]:
    present = set(inspect(connection).get_table_names())
    return [table for table in Base.metadata.sorted_tables if table.name in present]


def _counts(connection: Connection) -> dict[str, int]:
    tables = _present_tables(connection)
    return {table.name: connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables}


def _encode(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value


def _decode(column: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, Instant):
        return datetime.fromisoformat(value)
    return b64decode(value) if isinstance(column.type, LargeBinary) else value


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _manifest_path(path: Path) -> Path:
    return path.with_name(path.name + _MANIFEST)
