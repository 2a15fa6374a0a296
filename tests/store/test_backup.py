"""Copies that are proven by restoring them, and copies that are broken."""

import gzip
import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from core.clock import SteppedClock
from core.store import audit, backup, commands
from core.store.backup import BackupBrokenError, RestoreTargetError
from core.store.engine import Database
from core.store.migrate import downgrade, head_revision
from core.store.models.operations import AuditEntry, Command
from tests.conftest import NOON


@pytest.fixture
def filled(database: Database) -> Database:
    with database.write() as session:
        for number in range(1200):
            commands.request(session, "run_job", {"job": "ñandú", "n": number}, "ana", NOON, f"key {number}")
        audit.record(session, actor="ana", action="calls.export", detail={"rows": 3, "none": None}, at=NOON)
        audit.record(session, actor="eva", action="sign_in", at=NOON)
    return database


def test_a_copy_is_proven_and_tells_what_it_holds(filled: Database, tmp_path: Path, clock: SteppedClock) -> None:
    checked = backup.back_up(filled, tmp_path / "b", clock, keep=3)
    assert (checked.rows, checked.audit_entries) == (1202, 2)
    assert backup.check(checked.path) == checked
    assert backup.taken_at(checked.path) == NOON
    manifest = json.loads((tmp_path / "b" / f"{checked.path.name}.manifest.json").read_text())
    assert (manifest["revision"], manifest["counts"]["command"]) == (head_revision(filled), 1200)
    assert checked.path.stat().st_mode & 0o077 == 0


def test_a_restored_copy_works_on(filled: Database, tmp_path: Path, clock: SteppedClock) -> None:
    path = backup.back_up(filled, tmp_path / "b", clock, keep=3).path
    target = Database(f"sqlite:///{tmp_path / 'restored.db'}")
    assert backup.restore(path, target)["command"] == 1200
    with target.write() as session:
        new = commands.request(session, "run_job", {}, "ana", NOON)
        audit.record(session, actor="ana", action="sign_in", at=NOON)
        found = session.get(Command, 7)
        assert found is not None
        assert found.arguments["job"] == "ñandú"
        assert found.requested_at == NOON
    assert new == 1201
    with target.read() as session:
        assert session.scalar(text("SELECT count(*) FROM command WHERE result IS NULL")) == 1201
    assert audit.verify(target).entries == 3
    assert audit.verify(target).intact
    with pytest.raises(RestoreTargetError):
        backup.restore(path, target)
    target.close()


def test_a_copy_moves_from_sqlite_to_postgresql(
    sqlite_database: Database, database: Database, tmp_path: Path, clock: SteppedClock
) -> None:
    with sqlite_database.write() as session:
        commands.request(session, "run_job", {"n": 1}, "ana", NOON)
        audit.record(session, actor="ana", action="sign_in", detail={"x": [1, 2]}, at=NOON)
    path = backup.back_up(sqlite_database, tmp_path / "b", clock, keep=1).path
    with pytest.raises(RestoreTargetError):
        backup.restore(path, database)
    if database.is_sqlite:
        return
    downgrade(database, "base")
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
    assert backup.restore(path, database)["audit_entry"] == 1
    assert audit.verify(database).intact
    with database.write() as session:
        assert commands.request(session, "run_job", {}, "ana", NOON) == 2


def test_only_the_newest_are_kept(sqlite_database: Database, tmp_path: Path, clock: SteppedClock) -> None:
    made = []
    for _ in range(4):
        made.append(backup.back_up(sqlite_database, tmp_path / "b", clock, keep=2).path)
        clock.step(3600)
    assert backup.copies(tmp_path / "b") == [made[3], made[2]]
    assert len(list((tmp_path / "b").iterdir())) == 4


def test_a_damaged_copy_is_found(filled: Database, tmp_path: Path, clock: SteppedClock) -> None:
    path = backup.back_up(filled, tmp_path / "b", clock, keep=3).path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(BackupBrokenError, match="not what was written"):
        backup.check(path)


def test_a_copy_without_its_manifest_is_not_trusted(filled: Database, tmp_path: Path, clock: SteppedClock) -> None:
    path = backup.back_up(filled, tmp_path / "b", clock, keep=3).path
    path.with_name(f"{path.name}.manifest.json").unlink()
    with pytest.raises(BackupBrokenError, match="manifest"):
        backup.check(path)


def test_rows_that_are_missing_after_a_restore_are_found(filled: Database, tmp_path: Path, clock: SteppedClock) -> None:
    path = backup.back_up(filled, tmp_path / "b", clock, keep=3).path
    manifest = path.with_name(f"{path.name}.manifest.json")
    told = json.loads(manifest.read_text())
    told["counts"]["command"] += 1
    manifest.write_text(json.dumps(told))
    with pytest.raises(BackupBrokenError, match="command"):
        backup.check(path)


def test_a_broken_audit_chain_makes_no_good_copy(
    sqlite_database: Database, tmp_path: Path, clock: SteppedClock
) -> None:
    with sqlite_database.write() as session:
        session.add(
            AuditEntry(at=NOON, actor="x", action="y", subject="", detail={}, previous_hash="0" * 64, hash="f" * 64)
        )
    with pytest.raises(BackupBrokenError, match="audit"):
        backup.back_up(sqlite_database, tmp_path / "b", clock, keep=3)
    assert list((tmp_path / "b").iterdir()) == []


def test_a_cut_dump_is_refused(tmp_path: Path, sqlite_database: Database) -> None:
    path = tmp_path / "state-20261120T170000000000Z.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"revision": "0001"}\n["command", [1, 2]]\n'))
    target = Database(f"sqlite:///{tmp_path / 'target.db'}")
    with pytest.raises(BackupBrokenError):
        backup.restore(path, target)
    target.close()


def test_taken_at_is_the_time_in_the_name(sqlite_database: Database, tmp_path: Path, clock: SteppedClock) -> None:
    clock.step(0.5)
    assert backup.taken_at(backup.back_up(sqlite_database, tmp_path, clock, keep=1).path) == NOON + timedelta(
        seconds=0.5
    )
