"""A new SECRET_KEY takes over what the former one wrote."""

from pathlib import Path

import pytest

from core.clock import SteppedClock
from core.settings import Settings, load_settings
from core.store import audit
from core.store.encryption import SecretUnreadableError, Vault
from core.store.engine import Database
from core.store.key_rotation import Rotated, rotate_keys
from core.store.models.webex import WebexConnection
from tests.conftest import PythonRunner

FORMER, PRESENT = "0123456789abcdefghijklmnopqrstuvwxyzABCDEF", "zyxwvutsrqponmlkjihgfedcba9876543210FEDCBA"


def keyed(folder: Path, key: str, previous: str = "") -> Settings:
    return load_settings({"data_dir": folder, "secret_key": key, "secret_key_previous": previous})


def connect(database: Database, vault: Vault) -> None:
    with database.write() as session:
        tokens = {"access_token": vault.encrypt("access"), "refresh_token": vault.encrypt("refresh")}
        session.add(WebexConnection(kind="admin", **tokens))
        session.add(WebexConnection(kind="by_hand"))


def stored(database: Database) -> list[str]:
    with database.read() as session:
        row = session.get_one(WebexConnection, "admin")
        return [str(row.access_token), str(row.refresh_token)]


def test_after_a_rotation_the_former_key_is_needed_no_more(
    database: Database, clock: SteppedClock, tmp_path: Path
) -> None:
    connect(database, Vault(keyed(tmp_path, FORMER), clock))
    present = Vault(keyed(tmp_path, PRESENT), clock)
    with pytest.raises(SecretUnreadableError):
        present.decrypt(stored(database)[0])

    both = Vault(keyed(tmp_path, PRESENT, previous=FORMER), clock)
    assert rotate_keys(database, both, clock, actor="ana") == Rotated(rotated=2, unreadable=0)

    assert [present.decrypt(secret) for secret in stored(database)] == ["access", "refresh"]
    with database.read() as session:
        assert [entry.action for entry in audit.entries(session).entries] == ["keys.rotated"]


def test_what_no_key_opens_stays_and_is_counted(database: Database, clock: SteppedClock, tmp_path: Path) -> None:
    connect(database, Vault(keyed(tmp_path, FORMER), clock))
    before = stored(database)
    assert rotate_keys(database, Vault(keyed(tmp_path, PRESENT), clock), clock, actor="ana") == Rotated(0, 2)
    assert stored(database) == before


def test_the_command_says_what_it_did(
    sqlite_database: Database, clock: SteppedClock, tmp_path: Path, run_python: type[PythonRunner]
) -> None:
    connect(sqlite_database, Vault(keyed(tmp_path, FORMER), clock))
    given = {"DATA_DIR": str(tmp_path), "DATABASE_URL": sqlite_database.url, "SECRET_KEY": PRESENT}
    code, shown = run_python("-m", "jobs", "rotate-keys", **given, SECRET_KEY_PREVIOUS=FORMER).finish()
    assert (code, shown.count("2 ")) == (0, 1), shown
    assert Vault(keyed(tmp_path, PRESENT), clock).decrypt(stored(sqlite_database)[1]) == "refresh"
