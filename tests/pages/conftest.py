"""Pages run without a browser, against real stores with a few days of calls."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
import streamlit as st
import streamlit.runtime.context
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Element

from core import services as opened_parts
from core.access import people, sessions
from core.access.permissions import ROLES
from core.calls.ingest import store_records
from core.calls.rollup import HourlyCalls, hourly_path, roll_up
from core.clock import SystemClock
from core.services import Services, open_services
from core.settings import ROOT, load_settings
from core.ui.navigation import address
from tests.calls.records import leg, uuid_of

ENTRY = ROOT / "pages" / "_entry.py"
LEGS = 250
SITES = ("Bogotá", "San José", "Denver")
TIMEOUT = 60.0


@dataclass
class Browser:
    """What Streamlit would know of the browser's first request; the testing tool has no place for cookies."""

    cookies: dict[str, str] = field(default_factory=dict)
    headers: list[tuple[str, str]] = field(default_factory=list)


def some_legs() -> list[dict[str, object]]:
    """Legs of the last two days at three sites, every fifth of them international, one in four unanswered."""
    now = SystemClock().now()
    return [
        leg(
            number,
            start=now - timedelta(minutes=10 + number * 11),
            seconds=0 if number % 4 == 0 else 30 + number,
            Location=SITES[number % 3],
            Site_UUID=uuid_of(SITES[number % 3]),
            User=f"Person {number % 7}",
            User_UUID=uuid_of(f"Person {number % 7}"),
            Called_number=f"+50622{number:06d}" if number % 5 == 0 else f"+57300{number:07d}",
            Call_type="SIP_INTERNATIONAL" if number % 5 == 0 else "SIP_MOBILE",
            Answered="false" if number % 4 == 0 else "true",
            Answer_indicator="No" if number % 4 == 0 else "Yes",
        )
        for number in range(LEGS)
    ]


@pytest.fixture(scope="session", autouse=True)
def one_scan() -> Iterator[None]:
    """Find components once: at each run the testing tool would read what every installed package says of itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with people of each role, calls, their hourly figures, and one record in quarantine."""
    folder = tmp_path_factory.mktemp("pages") / "var"
    parts = open_services(load_settings({"data_dir": folder, "_env_file": None}))
    for role in ROLES:
        new = people.NewPerson(name=f"{role}@example", display_name=f"The {role}", role=role)
        people.add(parts.database, parts.clock, new, actor="test")
    broken = leg(9999) | {"Start time": "yesterday at noon"}
    store_records(parts, [*some_legs(), broken], source="import", origin="pages.csv")
    roll_up(parts.calls, HourlyCalls(hourly_path(parts.settings), parts.clock))
    parts.database.close()
    return folder


@pytest.fixture
def parts(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The services of this process, over a copy of the filled folder."""
    shutil.copytree(filled, tmp_path / "var")
    yield from _serving(tmp_path / "var", monkeypatch)


@pytest.fixture
def empty_parts(migrated_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The services of this process before any call arrived."""
    (tmp_path / "empty").mkdir(mode=0o700)
    shutil.copy(migrated_file, tmp_path / "empty" / migrated_file.name)
    yield from _serving(tmp_path / "empty", monkeypatch)


def _serving(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setenv("DATA_DIR", str(folder))
    st.cache_data.clear()
    opened_parts._opened_once.cache_clear()
    services = opened_parts.shared()
    yield services
    services.database.close()
    opened_parts._opened_once.cache_clear()


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    """The browser that looks at the pages; nobody is signed in yet."""
    request = Browser()
    monkeypatch.setattr(streamlit.runtime.context, "_get_client_context", lambda: request)
    return request


Open = Callable[..., AppTest]


def sign_in(parts: Services, browser: Browser, role: str, language: str = "en") -> people.Person:
    """Sign the browser in as the person of ``role``, who speaks ``language``."""
    name = f"{role}@example"
    found = people.find(parts.database, name)
    if found is None:
        new = people.NewPerson(name=name, display_name=f"The {role}", role=role)
        found = people.add(parts.database, parts.clock, new, actor="test")
    people.set_preferences(
        parts.database, parts.clock, found.id, language=language, time_zone="America/Bogota", actor="test"
    )
    origin = sessions.Origin(method="password")
    browser.cookies[sessions.COOKIE] = sessions.start(parts.database, parts.clock, found.id, origin)
    return found


def open_page(name: str, **query: object) -> AppTest:
    """Run the page of ``pages/<name>.py`` through the entry, as a browser arrives at it."""
    app = AppTest.from_file(str(ENTRY), default_timeout=TIMEOUT)
    app.context = {"timezone": "America/Bogota", "locale": "en-US"}
    if address(name) != f"/{name}":
        app.run()  # Only a run tells the testing tool of a page that is not called as its file.
    for key, value in query.items():
        app.query_params[key] = value
    return app if name == "overview" and not query else app.switch_page(f"{name}.py").run()


def texts_of(app: AppTest) -> str:
    """Everything a person could read on the page, in one string."""
    kinds: tuple[Iterable[Element], ...] = (
        app.title, app.header, app.subheader, app.markdown, app.caption, app.text,
        app.error, app.warning, app.info, app.success,
    )  # fmt: skip
    return "\n".join(str(element.value) for shown in kinds for element in shown)
