"""``make pictures``: the pictures of the documentation, taken by script from a running sandbox.

Starts the product with a small sandbox in a folder of its own, walks every page in light, dark and on a phone, in
English and Spanish, and writes ``docs/pictures/<page>-<look>.png``.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from core.access.permissions import allowed
from core.ui.navigation import SCREENS, address
from tests.browser.provide import FLAGS, find

ROOT = Path(__file__).parent.parent
PICTURES = Path(__file__).parent / "pictures"
START_SECONDS = 180.0
SETTLE_SECONDS = 4.0
"""Charts draw a moment after the page has come to rest."""
FORECAST_SECONDS = 60.0
"""The forecasts of a small sandbox are fitted within a minute of its first figures."""
QUERIES = {
    "overview": "?last=7d",
    "alerts": "?alert=1",
    "dashboard": "?period=7d",
    "calls": "?last=7d",
    "queues": "?last=7d",
    "connections": "?view=log",
    "visits": "?visit=1",
    "dialpad": "?to=%2B576015550133",
    "tickets": "?ticket=1",
}


@dataclass(frozen=True)
class Look:
    """One way to look at a page."""

    name: str
    width: int
    height: int
    scheme: str = "light"
    language: str = "en-US"
    role: str = "admin"


LOOKS = (
    Look("light", 1440, 1000),
    Look("dark", 1440, 1000, "dark"),
    Look("phone", 390, 844),
    Look("spanish", 1440, 1000, language="es-CO", role="supervisor"),
)


def main() -> int:
    """Take them all; 1 when there is no browser or the product does not come up."""
    path = find()
    if path is None:
        sys.stderr.write("No browser: run python -m tests.browser.provide\n")
        return 1
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, _product(Path(folder)) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        _await_calls(browser, base)
        for look in LOOKS:
            _walk(browser, base, look)
        browser.close()
    return 0


@contextmanager
def _product(folder: Path) -> Iterator[str]:
    port = _free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "DATA_DIR": str(folder / "var"),
        "SANDBOX_PORT": str(_free_port()),
        "SANDBOX_HISTORY_DAYS": "30",
        "SANDBOX_PEOPLE": "60",
    }
    process = subprocess.Popen(  # noqa: S603  # our own interpreter and our own module
        [sys.executable, "-m", "jobs", "serve", "--port", str(port)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        base = f"http://127.0.0.1:{port}"
        _await(base)
        yield base
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def _await(base: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            if httpx.get(f"{base}/healthz", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    raise SystemExit("The product did not come up.")


def _await_calls(browser: Browser, base: str) -> None:
    """Until the first fill is in and counted, judged, and a forecast is there."""
    page = browser.new_page()
    page.goto(base)
    page.locator("button[name=role][value=admin]").click()
    until = time.monotonic() + START_SECONDS
    for address_, sign in (("/?last=30d", ".st-key-kpis"), ("/alerts?alert=1", ".st-key-card-alert")):
        while time.monotonic() < until:
            page.goto(f"{base}{address_}")
            page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning] h1", timeout=60_000)
            page.wait_for_timeout(SETTLE_SECONDS * 1000)
            if page.locator(sign).count():
                break
    page.wait_for_timeout(FORECAST_SECONDS * 1000)
    page.close()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _walk(browser: Browser, base: str, look: Look) -> None:
    context = browser.new_context(
        viewport={"width": look.width, "height": look.height},
        color_scheme="dark" if look.scheme == "dark" else "light",
        locale=look.language,
        timezone_id="America/Bogota",
    )
    page = context.new_page()
    page.goto(base)
    page.wait_for_timeout(500)
    page.screenshot(path=PICTURES / f"sign-in-{look.name}.png")
    page.locator(f"button[name=role][value={look.role}]").click()
    page.wait_for_selector("[data-testid=stApp] h1", timeout=60_000)
    for screen in SCREENS:
        if not allowed(look.role, screen.permission):
            continue
        _take(page, base + address(screen.name) + QUERIES.get(screen.name, ""), f"{screen.name}-{look.name}")
    _take_journey(page, base, look)
    _take_recording(page, base, look)
    if look.name in ("light", "dark"):
        _take_record(page, base, look)
    context.close()


def _take(page: Page, place: str, name: str) -> None:
    page.goto(place)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning] h1", timeout=60_000)
    page.wait_for_timeout(SETTLE_SECONDS * 1000)
    page.screenshot(path=PICTURES / f"{name}.png")


def _take_journey(page: Page, base: str, look: Look) -> None:
    """The call with most stages among those that waited in a queue."""
    calls = page.request.get(f"{base}/api/v1/journeys?last=7d&min_wait=1&limit=200").json()["items"]
    if calls:
        call = max(calls, key=lambda one: (len(one["stages"]), len(one["rings"])))
        _take(page, f"{base}{address('journey')}?call={call['journey_id']}", f"journey-{look.name}")


def _take_recording(page: Page, base: str, look: Look) -> None:
    """The longest of the recordings that are complete."""
    found = page.request.get(f"{base}/api/v1/recordings?status=completed&limit=50").json()["items"]
    if found:
        most = max(found, key=lambda one: one["duration"])
        _take(page, f"{base}{address('recordings')}?recording={most['id']}", f"recording-{look.name}")


def _take_record(page: Page, base: str, look: Look) -> None:
    page.goto(f"{base}/calls?last=7d&international=yes")
    page.wait_for_selector(".st-key-histogram .nsewdrag", timeout=60_000)
    page.wait_for_timeout(SETTLE_SECONDS * 1000)
    grid = page.locator("[data-testid=stDataFrame]").first.bounding_box()
    if grid:
        page.mouse.click(grid["x"] + 14, grid["y"] + 36 + 17)
        page.wait_for_selector(".st-key-card-record", timeout=60_000)
        page.wait_for_timeout(SETTLE_SECONDS * 1000)
        page.screenshot(path=PICTURES / f"record-{look.name}.png")


if __name__ == "__main__":
    raise SystemExit(main())
