"""Continuous integration runs the commands a person runs, and nothing else proves a change."""

import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent.parent


def workflow(name: str) -> dict[str, object]:
    loaded: dict[str, object] = yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))
    return loaded


def test_the_script_runs_the_checks_the_tests_and_the_contracts() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "set -euo pipefail" in script
    positions = [script.index(command) for command in ("make check", "make test", "make contract")]
    assert positions == sorted(positions)


def test_the_checks_are_formatting_lint_and_strict_types_of_everything() -> None:
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").split("\ncheck:")[1].split("\n\n")[0]
    wanted = ("ruff format --check .", "ruff check .", "mypy")
    assert [command for command in wanted if not any(line.endswith(command) for line in recipe.splitlines())] == []
    assert tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]["strict"] is True


def test_the_workflow_runs_that_script() -> None:
    steps = workflow("ci.yml")["jobs"]["test"]["steps"]  # type: ignore[index]
    assert "bash .ci/run" in [step.get("run") for step in steps]


def test_the_image_is_built_for_both_architectures_tagged_and_scanned() -> None:
    steps = workflow("image.yml")["jobs"]["build"]["steps"]  # type: ignore[index]
    used = " ".join(step.get("uses", "") for step in steps)
    build = next(step for step in steps if "build-push" in step.get("uses", ""))
    assert build["with"]["platforms"] == "linux/amd64,linux/arm64"
    assert "metadata-action" in used
    assert "trivy-action" in used
