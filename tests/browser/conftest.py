"""The whole product, launched as a person launches it, and a real browser in front of it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Request, sync_playwright

from core.calls.query import CallQueries
from core.services import Services, open_services
from core.settings import ROOT, load_settings
from tests.browser.provide import FLAGS, find

START_SECONDS = 150.0
KEY_PRESSES, KEY_LOOKS = 4, 60
T = TypeVar("T")
READY = "[data-testid=stApp][data-test-script-state=notRunning]"
PROBES = ("/_stcore/host-config", "/_stcore/health")
"""Streamlit's page looks for its server below a deep path first; those two answers of 404 are how it finds the root."""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass(frozen=True)
class Product:
    """The running product: where it answers and where its data lie."""

    address: str
    services: Services

    @property
    def queries(self) -> CallQueries:
        return CallQueries(self.services.calls)


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Web, sidecar and pretend cloud with two days of calls of a small company, on ports of their own."""
    folder = tmp_path_factory.mktemp("product")
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "DATA_DIR": str(folder / "var"),
        "SANDBOX_PORT": str(free_port()),
        "SANDBOX_HISTORY_DAYS": "2",
        "SANDBOX_PEOPLE": "40",
    }
    output = folder / "output.txt"
    with output.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "jobs", "serve", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        yield _when_it_answers(process, port, folder, output)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def _when_it_answers(process: subprocess.Popen[bytes], port: int, folder: Path, output: Path) -> Product:
    address = f"http://127.0.0.1:{port}"
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, output.read_text()
        if _answers(address):
            services = open_services(load_settings({"data_dir": folder / "var", "_env_file": None}))
            if CallQueries(services.calls).newest():
                return Product(address, services)
            services.database.close()
        time.sleep(0.5)
    raise AssertionError(f"the product did not come up:\n{output.read_text()}")


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser that ``make test`` found or brought."""
    path = find()
    assert path is not None, "no browser: run `python -m tests.browser.provide`"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield opened
        opened.close()


@dataclass
class Watched:
    """A page, and what it did that it should not."""

    page: Page
    address: str
    problems: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a path of the product and wait until Streamlit has drawn it."""
        self.page.goto(self.address + path)
        return self.settled()

    def settled(self) -> Page:
        """The page once nothing runs any more."""
        self.page.wait_for_selector(READY, timeout=60_000)
        return self.page

    def press(self, key: str, look: Callable[[], T]) -> T:
        """Press a key until ``look`` is true, as a person does whose first press met a page still being drawn."""
        return self.insist(lambda: self.page.keyboard.press(key), look)

    def insist(self, act: Callable[[], object], look: Callable[[], T]) -> T:
        """Do with the settled page until ``look`` is true, as ``press`` does with a key."""
        for _ in range(KEY_PRESSES):
            self.settled()
            act()
            for _ in range(KEY_LOOKS):
                if seen := look():
                    return seen
                self.page.wait_for_timeout(100)
        raise AssertionError(f"it was done {KEY_PRESSES} times and nothing followed")

    def note_message(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.location.get("url", "").endswith(PROBES):
            self.problems.append(f"console: {message.text} {message.location.get('url', '')}")

    def note_request(self, request: Request) -> None:
        if not request.url.startswith((self.address, self.address.replace("http", "ws"), "data:", "blob:")):
            self.problems.append(f"external request: {request.url}")


def watched(context: BrowserContext, product: Product) -> Watched:
    """A new page of ``context`` whose console and requests are watched."""
    shown = Watched(context.new_page(), product.address)
    shown.page.on("console", shown.note_message)
    shown.page.on("pageerror", lambda error: shown.problems.append(f"script: {error}"))
    shown.page.on("request", shown.note_request)
    return shown


def sign_in(shown: Watched, role: str, path: str = "/") -> Page:
    """Open ``path`` as nobody and sign in by one click."""
    shown.page.goto(shown.address + path)
    shown.page.locator(f"button[name=role][value={role}]").click()
    return shown.settled()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test tells what its page showed then."""
    report = yield
    shown = item.funcargs.get("desk")
    if report.failed and call.when == "call" and isinstance(shown, Watched):
        with contextlib.suppress(Error):
            report.sections.append(("page", f"{shown.page.url}\n{shown.page.inner_text('body', timeout=2_000)}"))
    return report


@pytest.fixture
def desk(chromium: Browser, product: Product) -> Iterator[Watched]:
    """A wide window in light colours, in Bogotá; whatever it should not have done fails the test."""
    context = chromium.new_context(
        viewport={"width": 1440, "height": 1000}, locale="en-US", timezone_id="America/Bogota", color_scheme="light"
    )
    shown = watched(context, product)
    yield shown
    context.close()
    assert shown.problems == []
