"""Requests with what PostgreSQL cannot hold, and cursors nobody was given: refused, never a breakdown."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from core.access.permissions import permissions_of
from core.clock import SteppedClock
from core.services import open_services
from core.settings import load_settings
from core.store.engine import Database
from tests.web.serving import Desk, application, serving
from tests.web.test_default_deny import GUARDED

NUL, LONE = "a\x00b", "\ud800"
LISTS = sorted(path for path, method, _ in GUARDED if method == "GET" and path.startswith("/api/v1/"))
NEW_ALERT = {"title": "Calls at night", "severity": "HIGH", "user_id": "u-1"}


@pytest.fixture
def admin(postgres_database: Database, tmp_path: Path, clock: SteppedClock) -> Iterator[httpx.Client]:
    """A program that may do everything, at a web process on PostgreSQL with one alert."""
    folder = tmp_path / "var"
    folder.mkdir(mode=0o700)
    address = postgres_database.engine.url.render_as_string(hide_password=False)
    services = open_services(load_settings({"data_dir": folder, "database_url": address}), clock)
    with serving(application(services)) as base:
        desk = Desk(base, services, clock)
        client = desk.program("admin", *permissions_of("admin"))
        assert client.post("/api/v1/alerts", json=NEW_ALERT).status_code == 201
        yield client
        desk.close()
    services.database.close()


def cursor(*keys: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode().rstrip("=")


FORGED = (
    cursor("severity", False, 2**62, "2026-01-01T00:00:00", 1),
    cursor("cost", False, float("nan"), 1),
    cursor(-(2**63) + 1),
    cursor(10**6),
    cursor(float("nan"), "a", "b"),
    cursor(1.5, NUL, "b"),
    cursor(1.5, LONE, "b"),
    cursor(NUL),
    cursor(LONE),
    base64.urlsafe_b64encode(b"[" * 760).decode().rstrip("="),
)


def test_forged_cursors(admin: httpx.Client) -> None:
    for path in LISTS:
        for forged in FORGED:
            asked = {"cursor": forged, **({"sort": "cost"} if '"cost"' in str(base64.b64decode(forged + "==")) else {})}
            answer = admin.get(re.sub(r"\{[^}]*\}", "1", path), params=asked)
            assert (answer.status_code < 500, path, forged) == (True, path, forged)


@pytest.mark.parametrize("path", ["users.csv?search", "deliveries.csv?about", "audit.csv?actor", "audit.csv?action"])
def test_files_asked_for_with_a_nul(admin: httpx.Client, path: str) -> None:
    answer = admin.get(f"/exports/{path}={quote(NUL)}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_input")


def test_a_path_with_a_nul(admin: httpx.Client) -> None:
    for path in LISTS:
        if "{" in path:
            answer = admin.get(re.sub(r"\{[^}]*\}", quote(NUL), path))
            assert (answer.status_code, path) == (400, path)


@pytest.mark.parametrize("value", [NUL, LONE])
@pytest.mark.parametrize("field", ["title", "user_id", "entity_name", "site", "description", "evidence"])
def test_a_body_with_what_cannot_be_stored_names_its_field(admin: httpx.Client, field: str, value: str) -> None:
    body = json.dumps({**NEW_ALERT, field: [value] if field == "evidence" else value})
    answer = admin.post("/api/v1/alerts", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["error"]["facts"]["field"] == field
