"""Rules that no linter knows: what may not stand anywhere in the source."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PRODUCT = sorted(path for folder in ("core", "jobs", "pages") for path in (ROOT / folder).rglob("*.py"))
LONGEST_FILE = 420

FORBIDDEN = {
    "TLS verification switched off": r"verify\s*=\s*False",
    "HTML from data": r"unsafe_allow_html\s*=\s*True",
    "unfinished work": r"\b(TODO|FIXME|XXX)\b|raise NotImplementedError|coming soon",
    "the operating system's time": r"\bdate(time)?\.(utc)?(now|today)\(|\btime\.(time(_ns)?|localtime|gmtime)\(",
}
ALLOWED = {("the operating system's time", "core/clock.py")}


@pytest.mark.parametrize("rule", FORBIDDEN)
def test_nothing_forbidden_stands_in_the_source(rule: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in PRODUCT
        if (rule, str(path.relative_to(ROOT))) not in ALLOWED
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(FORBIDDEN[rule], line)
    ]
    assert found == []


def test_files_stay_about_one_subject() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in PRODUCT
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in PRODUCT
        if (source := path.read_text(encoding="utf-8")).strip() and not ast.get_docstring(ast.parse(source))
    ]
    assert silent == []


def test_every_public_function_and_class_of_core_says_what_it_gives() -> None:
    silent = []
    for path in PRODUCT:
        if path.is_relative_to(ROOT / "core" / "store" / "migrations" / "versions"):
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            if not node.name.startswith("_") and not ast.get_docstring(node):
                silent.append(f"{path.relative_to(ROOT)}: {node.name}")
    assert silent == []


def test_no_vague_module_names() -> None:
    vague = {"utils", "util", "helpers", "helper", "manager", "misc", "common", "data2"}
    assert [str(path) for path in PRODUCT if path.stem in vague or path.parent.name in vague] == []
