"""A pretend cloud on a free port of loopback, its clock in the test's hand."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from core.clock import SteppedClock
from core.sandbox.cloud import build_cloud
from core.sandbox.credentials import CLIENT_ID, CLIENT_SECRET, LAUNCHER_HEADER
from core.sandbox.tenant import Tenant, TenantOptions
from core.settings import DEFAULT_SCOPES
from tests.conftest import NOON
from tests.local_server import local_server

REDIRECT = "http://127.0.0.1:8501/webex/callback"


class RunningCloud:
    """A served pretend cloud and a client of it."""

    def __init__(self, options: TenantOptions, clock: SteppedClock) -> None:
        app = build_cloud(options, clock)
        self.clock = clock
        self.tenant: Tenant = app.state.tenant
        self._server = local_server(app, lifespan="on")
        self.port: int = self._server.__enter__()
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60, trust_env=False)

    def stop(self) -> None:
        """End the server and wait for it."""
        self.http.close()
        self._server.__exit__(None, None, None)

    def authorise(self, **changes: str) -> httpx.Response:
        """Ask for consent as the launcher does."""
        query = {
            "client_id": CLIENT_ID,
            "response_type": "code",
            "redirect_uri": REDIRECT,
            "scope": DEFAULT_SCOPES,
            "state": "s t",
            "auto_consent": "1",
            **changes,
        }
        return self.http.get("/v1/authorize", params=query, headers={LAUNCHER_HEADER: "1"})

    def code(self, **changes: str) -> str:
        """An authorization code."""
        return parse_qs(urlsplit(self.authorise(**changes).headers["location"]).query)["code"][0]

    def ask_token(self, **form: str) -> httpx.Response:
        """A request to the token endpoint with the right client."""
        values = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uri": REDIRECT, **form}
        return self.http.post("/v1/access_token", data=values)

    def sign_in(self, **changes: str) -> dict[str, Any]:
        """Connect; the following requests of ``get`` carry the token."""
        body: dict[str, Any] = self.ask_token(grant_type="authorization_code", code=self.code(**changes)).json()
        self.http.headers["Authorization"] = f"Bearer {body['access_token']}"
        return body

    def get(self, path: str, **query: Any) -> httpx.Response:
        """A request as the connected integration; a minute of the cloud's clock passes first."""
        self.clock.step(61)
        return self.http.get(path, params=query)

    def control(self, path: str, **values: Any) -> dict[str, Any]:
        """A request to the control interface."""
        answer = self.http.post(f"/_sandbox/{path}", json=values)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body


@pytest.fixture
def start_cloud(tmp_path: Path) -> Iterator[Callable[..., RunningCloud]]:
    """Starts clouds that are stopped when the test ends; the clock stands at a Friday noon in Bogotá."""
    running: list[RunningCloud] = []

    def start(**changes: Any) -> RunningCloud:
        options = TenantOptions(tmp_path / "cloud", people=24, history_days=1, live_incidents=False)
        cloud = RunningCloud(replace(options, **changes), SteppedClock(NOON))
        running.append(cloud)
        return cloud

    yield start
    for cloud in running:
        cloud.stop()


@pytest.fixture
def cloud(start_cloud: Callable[..., RunningCloud]) -> RunningCloud:
    """A connected cloud of two dozen people with a day of history and no incident."""
    started = start_cloud()
    started.sign_in()
    return started
