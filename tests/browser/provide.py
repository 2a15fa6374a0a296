"""Finds a browser for the tests: one that is there, else Playwright's own, else the distribution's package.

``python -m tests.browser.provide`` brings one where none is found and prints its path.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Chromium as root in a container, silent towards the network."""


def find() -> Path | None:
    """The browser to use: ``BROWSER_PATH``, one on the PATH, or Playwright's; ``None`` where there is none."""
    named = os.environ.get("BROWSER_PATH")
    if named:
        return Path(named)
    for name in NAMES:
        if path := shutil.which(name):
            return Path(path)
    return _playwrights_own()


def _playwrights_own() -> Path | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None


def provide() -> Path:
    """The browser to use, installed first where there is none. Exits with what to do where that fails."""
    if found := find():
        return found
    for attempt in (_install_playwrights_own, _install_distribution_package):
        attempt()
        if found := find():
            return found
    sys.exit("No browser could be installed: install Chromium or Chrome, or set BROWSER_PATH to one.")


def _install_playwrights_own() -> None:
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(command, check=False, timeout=120, capture_output=True)


def _install_distribution_package() -> None:
    if not shutil.which("apt-get"):
        return
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    subprocess.run([*prefix, "apt-get", "update", "-qq"], check=False, timeout=300)
    install = [*prefix, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"]
    subprocess.run(install, check=False, timeout=900, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.stdout.write(f"Browser for the tests: {provide()}\n")
