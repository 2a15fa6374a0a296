"""``python -m jobs COMMAND``: exit codes, texts in the terminal's language, no traceback for what was foreseen."""

import argparse
import importlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from core.language import LANGUAGES, translate
from jobs.__main__ import COMMANDS, Command, find_command, main
from tests.conftest import PythonRunner


def run(data_dir: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    return PythonRunner("-m", "jobs", *arguments, DATA_DIR=str(data_dir), **environment).finish()


Here = Callable[..., tuple[int, str]]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """Runs a command in this process, as the terminal of ``run`` would: a start takes longer than the command."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)

    def command(*arguments: str) -> tuple[int, str]:
        code = main(arguments)
        return code, capsys.readouterr().out

    return command


def test_help_lists_every_command_in_the_language_of_the_terminal(tmp_path: Path) -> None:
    code, shown = run(tmp_path, "--help", LANG="es_CO.UTF-8")
    assert code == 0
    assert [command.name for command in COMMANDS if f"  {command.name} " not in shown] == []
    assert translate("jobs.commands.backup", "es") in shown
    assert not list(tmp_path.iterdir())


def test_an_unknown_command_is_a_usage_error(tmp_path: Path) -> None:
    code, shown = run(tmp_path, "fly")
    assert code == 2
    assert "There is no command fly." in shown


def test_a_foreseen_error_is_message_and_remedy_without_a_traceback(tmp_path: Path) -> None:
    code, shown = run(tmp_path, "restore-check", LANG="es_CO.UTF-8")
    assert code == 1
    assert shown.startswith("No existe:")
    assert "Traceback" not in shown


def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    code, shown = run(tmp_path, "migrate", SANDBOX="0", SECRET_KEY="changeme-changeme-changeme-changeme")
    assert code == 1
    assert "SECRET_KEY" in shown
    assert "Traceback" not in shown
    assert "changeme-changeme" not in shown


def test_an_installation_from_nothing_to_a_proven_backup(tmp_path: Path, here: Here) -> None:
    code, shown = here("doctor", "--json")
    levels = {finding["code"]: finding["level"] for finding in json.loads(shown)}
    assert (code, levels["migrations"], levels["folder"]) == (1, "problem", "ok")
    assert here("migrate")[0] == 0
    assert here("user", "add", "Eva@example.com", "--role", "admin", "--no-password") == (
        0,
        "eva@example.com can now sign in as admin.\n",
    )
    code, shown = here("user", "add", "ana@example.com", "--link", "--display-name", "Ana")
    assert (code, "/set-password?token=" in shown) == (0, True), shown
    assert here("backup")[0] == 0
    code, shown = run(tmp_path, "restore-check")
    assert (code, "3 audit entries" in shown) == (0, True), shown
    code, shown = here("audit", "verify")
    assert code == 0
    head = shown.strip().rpartition(" ")[2]
    assert here("audit", "verify", "--head", head)[0] == 0
    code, shown = here("audit", "verify", "--head", "f" * 64)
    assert (code, "cut" in shown) == (1, True)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_has_its_module(command: Command) -> None:
    module = importlib.import_module(command.module)
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    assert parser.prog
    assert callable(module.run)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_is_described_in_both_languages(command: Command) -> None:
    name = command.name
    found = find_command([*name.split(), "--option"])
    assert found is not None
    assert (found[0].name, found[1]) == (name, ["--option"])
    for language in LANGUAGES:
        assert translate(f"jobs.commands.{name.replace(' ', '_').replace('-', '_')}", language)
