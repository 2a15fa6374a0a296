"""What the client sends stands in Webex's published OpenAPI files: paths, methods, query parameters."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from core.clock import SteppedClock
from core.services import Services
from core.store.engine import Database
from core.webex import oauth
from core.webex.directory_sync import sync_directory
from core.webex.doctor import findings
from core.webex.ingest import ingest_once
from tests.calls.records import leg
from tests.webex.conftest import connect, services_for
from tests.webex.feeding import never, quiet
from tests.webex.scripted_cloud import RunningCloud, ScriptedCloud, Seen, fails

SHARED = Path(os.environ.get("SHARED", Path(__file__).resolve().parents[3] / "shared"))
SPECIFICATIONS = SHARED / "data" / "webex" / "openapi"
NAMES = (
    "people",
    "locations",
    "organizations",
    "authorizations",
    "reports-detailed-call-history",
    "converged-recordings",
)
PAGING = {"start", "startTimeForNextFetch"}
"""Parameters of the addresses in ``Link`` headers: Webex's own, followed as they are."""

pytestmark = pytest.mark.contract


@pytest.fixture(scope="module")
def operations() -> dict[tuple[str, str], dict[str, Any]]:
    """Each published operation by method and path template."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for name in NAMES:
        text = (SPECIFICATIONS / f"webex-{name}-api-openapi.yml").read_text(encoding="utf-8")
        for path, methods in yaml.safe_load(text)["paths"].items():
            found |= {(method.upper(), path): operation for method, operation in methods.items()}
    return found


@pytest.fixture
def asked(sqlite_database: Database, clock: SteppedClock, tmp_path: Path) -> Iterator[list[Seen]]:
    """Everything the client asks in a life: connect, fetch by stream and feed, sync, examine, refresh, disconnect."""
    with RunningCloud(ScriptedCloud(clock=clock, page_size=1)) as cloud:
        services = services_for(cloud, sqlite_database, clock, tmp_path, webex_feed_history_days=1)
        _live(services, cloud)
        yield cloud.seen


def _live(services: Services, cloud: ScriptedCloud) -> None:
    for number in range(3):
        cloud.add(leg(number, start=services.clock.now()), services.clock.now())
    cloud.people = [{"id": str(number)} for number in range(101)]
    connect(services, cloud)
    ingest_once(services, quiet, never)
    cloud.answer("/cdr_stream", fails(403))
    sync_directory(services, quiet, never)
    findings(services)
    oauth.refresh(services, force=True)
    oauth.disconnect(services, actor="ana")


def test_every_request_is_a_published_operation_with_valid_parameters(
    asked: list[Seen], operations: dict[tuple[str, str], dict[str, Any]]
) -> None:
    checked = set()
    for seen in asked:
        if seen.path == "/access_token":
            continue
        template, operation = _operation(seen, operations)
        _check_parameters(seen, operation)
        checked.add((seen.method, template))
    assert checked >= {
        ("GET", "/people/me"),
        ("GET", "/people"),
        ("GET", "/locations"),
        ("GET", "/organizations"),
        ("GET", "/organizations/{orgId}"),
        ("GET", "/cdr_feed"),
        ("GET", "/cdr_stream"),
        ("GET", "/admin/convergedRecordings"),
        ("DELETE", "/authorizations"),
    }


def test_every_request_but_the_token_s_carries_the_bearer(asked: list[Seen]) -> None:
    assert all(bool(seen.bearer) is (seen.path != "/access_token") for seen in asked)
    assert not any("token" in name.lower() for seen in asked for name in seen.query)


def test_call_history_is_asked_in_the_documented_form(asked: list[Seen]) -> None:
    for seen in asked:
        if seen.path.startswith("/cdr_"):
            for name in ("startTime", "endTime"):
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", seen.query[name])
            assert 500 <= int(seen.query["max"]) <= 5000


def _operation(seen: Seen, operations: dict[tuple[str, str], dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    """The operation of a request; a path without placeholders goes before one with."""
    fitting = [
        (path, operation)
        for (method, path), operation in operations.items()
        if method == seen.method and re.fullmatch(re.sub(r"{\w+}", "[^/]+", path), seen.path)
    ]
    assert fitting, f"{seen.method} {seen.path} is not published"
    return min(fitting, key=lambda pair: pair[0].count("{"))


def _check_parameters(seen: Seen, operation: dict[str, Any]) -> None:
    published = {item["name"]: item for item in operation.get("parameters", []) if item["in"] == "query"}
    sent = {name: value for name, value in seen.query.items() if name not in PAGING}
    assert set(sent) <= set(published), f"{seen.path}: {set(sent) - set(published)}"
    required = {name for name, item in published.items() if item.get("required")}
    assert required <= set(sent)
    for name, value in sent.items():
        schema = published[name].get("schema", {})
        Draft202012Validator(schema).validate(_typed(value, schema.get("type")))


def _typed(value: str, kind: str | None) -> Any:
    if kind in ("number", "integer"):
        return int(value)
    return {"true": True, "false": False}[value] if kind == "boolean" else value
