"""Every URL of a fresh web process, asked by a stranger: pages over the websocket and as documents, routes too.

Closed means: the websocket is refused, a document leads to the sign-in, a route answers 401. The short list of
addresses that are meant for strangers is left out. The routes are asked through a proxy, since ``/metrics`` is open to
the machine itself. The bound: all others are closed, at the first asking and again.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
from websockets.exceptions import InvalidStatus

from bench.figures import Figure, report
from core.ui.navigation import SCREENS
from tests.web.page_wire import visit, web_process
from tests.web.test_default_deny import GUARDED, concrete

ROUNDS = 2
_SIGN_IN = "/sign-in?next="
_STRANGER = {"Accept": "application/json", "X-Forwarded-For": "192.0.2.1"}


def _page_is_closed(address: str, path: str) -> bool:
    try:
        visit(address, path)
    except InvalidStatus as refused:
        return refused.response.status_code == 403
    return False


def _document_is_closed(client: httpx.Client, path: str) -> bool:
    answer = client.get(f"/{path}", headers={"Accept": "text/html"})
    return answer.status_code == 303 and answer.headers["location"].startswith((_SIGN_IN, "/set-up"))


def probe(address: str) -> Iterator[tuple[str, bool]]:
    """Each URL with its method, and whether it was closed."""
    with httpx.Client(base_url=address, headers=_STRANGER, timeout=30) as client:
        for screen in SCREENS:
            yield f"WS /{screen.path}", _page_is_closed(address, screen.path)
            yield f"GET /{screen.path}", _document_is_closed(client, screen.path)
        for path, method, _ in GUARDED:
            yield f"{method} {path}", client.request(method, concrete(path), json={}).status_code == 401


def main() -> int:
    """Start a fresh process, probe, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="as without: the probe is short")
    parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="tollwatch-bench-") as folder,
        web_process("app.py", Path(folder)) as address,
    ):
        asked = [found for _ in range(ROUNDS) for found in probe(address)]
    opened = sorted({url for url, closed in asked if not closed})
    detail = f"{len(asked) // ROUNDS} URLs, {ROUNDS} times" + (f"; open: {', '.join(opened)}" if opened else "")
    return report([Figure("URLs open to a stranger", len(opened), 0, "less", detail)])


if __name__ == "__main__":
    sys.exit(main())
