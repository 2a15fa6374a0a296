"""Commands over damaged data end in a sentence and a remedy, and the remedy works."""

from pathlib import Path

import pytest

from tests.conftest import PythonRunner


def run(data_dir: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    return PythonRunner("-m", "jobs", *arguments, DATA_DIR=str(data_dir), **environment).finish()


@pytest.mark.parametrize("command", [["migrate"], ["audit", "verify"]])
def test_a_damaged_database_ends_commands_in_a_remedy(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "state.db").write_bytes(b"no database at all" * 500)
    code, shown = run(tmp_path, *command, LANG="es_CO.UTF-8")
    assert code == 1
    assert "state.db" in shown
    assert "está dañada" in shown
    assert "restore-check" in shown
    assert "Traceback" not in shown


def test_the_remedy_brings_the_database_back(tmp_path: Path) -> None:
    added = ("user", "add", "eva@example.com", "--role", "admin", "--no-password")
    for command in (added, ("backup",)):
        assert run(tmp_path, *command)[0] == 0
    for path in tmp_path.glob("state.db*"):
        path.unlink()
    code, shown = run(tmp_path, "restore-check", "--into", f"sqlite:///{tmp_path / 'state.db'}")
    assert code == 0, shown
    code, shown = run(tmp_path, *added)
    assert code == 1
    assert "Traceback" not in shown
