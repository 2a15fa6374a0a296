"""What the documents say exists: links, commands, jobs' folders, settings, scopes."""

import re
from pathlib import Path

import pytest

from core.access.permissions import ROLES
from core.settings import DEFAULT_SCOPES, Settings
from jobs.__main__ import COMMANDS, Command

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    broken = [
        target
        for target in LINK.findall(document.read_text(encoding="utf-8"))
        if not target.startswith(("http://", "https://", "mailto:")) and not (document.parent / target).exists()
    ]
    assert broken == []


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("LICENSE", ("MIT License", "Permission is hereby granted")),
        ("CONTRIBUTING.md", ("make check", "Commits")),
        ("SECURITY.md", ("90 days",)),
        ("docs/operations.md", ("## Behind a reverse proxy",)),
    ],
)
def test_what_is_asked_of_a_document_stands_in_it(document: str, words: tuple[str, ...]) -> None:
    assert [word for word in words if word not in read(document)] == []


def test_the_readme_names_commands_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)", read("README.md"))) | {"run", "test"}
    assert named <= targets


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_is_documented(command: Command) -> None:
    assert f"python -m jobs {command.name}" in read("docs/operations.md")


def test_no_document_names_a_command_that_is_not_there() -> None:
    names = {command.name.split()[0] for command in COMMANDS}
    for document in DOCUMENTS:
        named = set(re.findall(r"python -m jobs ([a-z-]+)", document.read_text(encoding="utf-8")))
        assert named <= names, document.name


def test_documents_name_settings_that_exist() -> None:
    elsewhere = {"HOST", "PORT", "POSTGRES_PASSWORD", "FORWARDED_ALLOW_IPS", "LANG", "STREAMLIT_SERVER_COOKIE_SECRET"}
    known = {name.upper() for name in Settings.model_fields} | elsewhere
    for document in DOCUMENTS:
        assigned = set(re.findall(r"`([A-Z][A-Z_]{3,})(?:=[^`]*)?`", document.read_text(encoding="utf-8")))
        assert assigned <= known, document.name


def test_every_scope_that_is_asked_for_is_explained() -> None:
    text = read("docs/connect-webex.md")
    assert [scope for scope in DEFAULT_SCOPES.split() if f"`{scope}`" not in text] == []


def test_the_readme_names_every_role() -> None:
    text = read("README.md").replace("administrator", "admin")
    assert [role for role in ROLES if role not in text] == []
