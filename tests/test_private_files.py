"""What the product keeps is for its own account alone, whatever the machine's habits."""

import os
import stat
from pathlib import Path

from core.services import open_services
from core.settings import load_settings
from tests.conftest import PythonRunner


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def opened(folder: Path) -> None:
    open_services(load_settings({"data_dir": folder})).database.close()


def test_commands_keep_files_private_under_an_open_umask(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    before = os.umask(0o000)
    try:
        code, shown = PythonRunner("-m", "jobs", "backup", DATA_DIR=str(folder)).finish()
    finally:
        os.umask(before)
    assert code == 0, shown
    kept = [folder, *folder.rglob("*")]
    assert {"state.db", "backups"} <= {path.name for path in kept}
    assert [path for path in kept if mode(path) & 0o077] == []


def test_a_data_folder_of_before_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    opened(folder)
    folder.chmod(0o755)
    opened(folder)
    assert mode(folder) == 0o700


def test_a_folder_that_is_not_only_ours_is_left_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    (folder / "report.odt").touch()
    folder.chmod(0o755)
    opened(folder)
    assert mode(folder) == 0o755
