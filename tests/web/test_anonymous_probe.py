"""What strangers and the wrong roles get from every page of a fresh process, over the wire that pages arrive on."""

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from core.access import people, sessions
from core.access.people import NewPerson
from core.access.permissions import ROLES, allowed
from core.access.sessions import Origin
from core.clock import SystemClock
from core.store.engine import Database
from core.store.migrate import upgrade
from core.ui.navigation import SCREENS
from tests.web.page_wire import visit, web_process

CLOCK = SystemClock()
FORBIDDEN = "state-forbidden"
SIGNED_OUT = "state-signed-out"
PATHS = [screen.path for screen in SCREENS]
SECRET = "Secretaria Confidencial"


def prepared(folder: Path) -> dict[str, str]:
    """One person and one session a role; the admin's name would show on the page of people."""
    database = Database(f"sqlite:///{folder / 'var' / 'state.db'}")
    upgrade(database)
    tokens: dict[str, str] = {}
    for role in ROLES:
        person = people.add(database, CLOCK, NewPerson(f"{role}@example.com", SECRET, role), actor="test")
        tokens[role] = sessions.start(database, CLOCK, person.id, Origin("test"))
    database.close()
    return tokens


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    folder = tmp_path_factory.mktemp("product")
    tokens = prepared(folder)
    with web_process("app.py", folder) as address:
        yield address, tokens


def test_no_page_of_a_fresh_process_opens_to_a_stranger(product: tuple[str, dict[str, str]]) -> None:
    address, _ = product
    for path in [*PATHS, *PATHS]:
        with pytest.raises(InvalidStatus) as refused:
            visit(address, path)
        assert refused.value.response.status_code == 403
        page = httpx.get(f"{address}/{path}", headers={"Accept": "text/html"})
        assert page.status_code == 303
        assert page.headers["location"].startswith("/sign-in?next=")


def test_every_role_sees_its_pages_and_no_others(product: tuple[str, dict[str, str]]) -> None:
    address, tokens = product
    for screen in SCREENS:
        for role, token in tokens.items():
            shown = visit(address, screen.path, token)
            assert SIGNED_OUT not in shown
            assert (FORBIDDEN in shown, screen.name) == (not allowed(role, screen.permission), screen.name)


@pytest.mark.parametrize("first", ["calls", "users"])
def test_behind_a_broken_gate_every_page_still_asks_who_is_there(first: str, tmp_path: Path) -> None:
    prepared(tmp_path)
    with web_process("tests/web/ungated.py", tmp_path) as address:
        shown = [visit(address, path) for path in [first, "", first, *PATHS]]
    for page in shown:
        assert SIGNED_OUT in page
        assert SECRET not in page
    assert len({frozenset(elements(page)) for page in shown}) == 1


def elements(shown: str) -> list[str]:
    """The kinds of everything a page drew."""
    return re.findall(r"^ +(\w+) \{$", shown, re.MULTILINE)


def test_streamlits_inline_script_is_the_one_the_policy_allows(product: tuple[str, dict[str, str]]) -> None:
    address, tokens = product
    answer = httpx.get(f"{address}/", cookies={sessions.COOKIE: tokens["analyst"]}, headers={"Accept": "text/html"})
    inline = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    policy = answer.headers["content-security-policy"]
    assert inline
    for script in inline:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
