"""The import rules of the layout, read from the source itself."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import core

ROOT = Path(__file__).parent.parent.parent
HEAVY = {"prophet", "sklearn", "anthropic", "lingua", "miniaudio"}


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def offenders(paths: list[Path], *forbidden: str) -> list[str]:
    def is_forbidden(module: str) -> bool:
        return any(module == name or module.startswith(name + ".") for name in forbidden)

    return [f"{path.relative_to(ROOT)}: {name}" for path in paths for name in imported(path) if is_forbidden(name)]


def test_core_is_this_checkouts() -> None:
    assert Path(core.__file__).parent == ROOT / "core"


def test_only_core_ui_imports_streamlit() -> None:
    outside = [path for path in sources("core", "jobs") if not path.is_relative_to(ROOT / "core" / "ui")]
    allowed = {"core/web/options.py"}
    found = [line for line in offenders(outside, "streamlit") if line.split(":")[0] not in allowed]
    assert found == []


def test_web_and_jobs_never_import_the_pages_side() -> None:
    assert offenders(sources("core/web", "jobs"), "core.ui", "pages") == []


def test_pages_use_core_alone() -> None:
    allowed = {"core", "streamlit", "__future__", "typing", "collections", "datetime", "functools"}
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources("pages")
        for name in imported(path)
        if name.split(".")[0] not in allowed
    ]
    assert found == []


def test_core_never_imports_jobs_or_tests() -> None:
    assert offenders(sources("core"), "jobs", "tests", "pages") == []


def test_the_pretend_cloud_stays_outside_the_product() -> None:
    doors = {"core.sandbox.credentials", "core.sandbox.connect", "core.sandbox.desk"}
    inside = [path for path in sources("core", "jobs") if not path.is_relative_to(ROOT / "core" / "sandbox")]
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in inside
        for name in imported(path)
        if name.startswith("core.sandbox.") and not any(name == door or name.startswith(door + ".") for door in doors)
    ]
    assert found == []


@pytest.mark.parametrize("module", ["app", "jobs.schedule"])
def test_neither_process_loads_models_at_start(module: str) -> None:
    code = f"import sys, {module}; print(sorted({HEAVY!r} & set(sys.modules)))"
    finished = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=170)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.strip().splitlines()[-1] == "[]"
