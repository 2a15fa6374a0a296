"""Each page is registered, asks for its permission first, and cannot be reached around the gate."""

import ast
from pathlib import Path

import pytest

from core.access.permissions import PERMISSIONS
from core.language import is_text
from core.ui.navigation import SCREENS, Screen

PAGES = Path(__file__).parent.parent.parent / "pages"
LONGEST_PAGE = 60


def scripts() -> set[str]:
    return {path.stem for path in PAGES.glob("*.py") if not path.stem.startswith("_")}


def test_every_script_is_registered_and_every_registered_page_has_its_script() -> None:
    assert {screen.name for screen in SCREENS} == scripts()


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_the_first_statement_is_require_with_the_menus_permission(screen: Screen) -> None:
    body = ast.parse((PAGES / f"{screen.name}.py").read_text(encoding="utf-8")).body
    first = next(
        node
        for node in body
        if not isinstance(node, ast.Import | ast.ImportFrom)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    )
    assert isinstance(first, ast.Expr | ast.Assign)
    assert ast.unparse(first.value) == f"require('{screen.permission}')"
    assert screen.permission in PERMISSIONS


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_each_page_has_its_title_help_and_section(screen: Screen) -> None:
    keys = (f"ui.pages.{screen.name}.title", f"ui.pages.{screen.name}.help", f"ui.sections.{screen.section}")
    assert [key for key in keys if not is_text(key)] == []


def test_addresses_are_unique_and_one_page_is_the_first() -> None:
    paths = [screen.path for screen in SCREENS]
    assert len(set(paths)) == len(paths)
    assert paths.count("") == 1


def test_pages_stay_short() -> None:
    assert {
        path.name: lines
        for path in PAGES.glob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_PAGE
    } == {}


def test_no_folder_of_pages_lies_beside_the_script_that_runs() -> None:
    assert not (PAGES / "pages").exists()
    assert "_entry.py" in (PAGES.parent / "app.py").read_text(encoding="utf-8")
