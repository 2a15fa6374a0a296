"""The pretend cloud's answers against Cisco's official API descriptions and a recorded live record.

Tolerated, because the live service differs from its description:

* the call history spells some keys otherwise than documented (``Hold duration`` for ``Hold Duration`` …), so keys are
  compared without regard to case;
* ``Ring duration`` is a string live and a number in the description.
"""

import json
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from core.clock import SteppedClock
from core.sandbox.tenant import TenantOptions
from tests.conftest import NOON
from tests.sandbox.conftest import RunningCloud

pytestmark = pytest.mark.contract

WEBEX = Path(os.environ.get("SHARED", Path(__file__).parents[2].parent / "shared")) / "data" / "webex"
TYPED_OTHERWISE_LIVE = {"ring duration"}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    options = TenantOptions(tmp_path_factory.mktemp("cloud"), people=40, history_days=2)
    running = RunningCloud(options, SteppedClock(NOON))
    running.sign_in()
    yield running
    running.stop()


def description(name: str) -> dict[str, Any]:
    path = WEBEX / "openapi" / f"webex-{name}-api-openapi.yml"
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def schema(name: str, path: str) -> dict[str, Any]:
    """The JSON schema of the 200 answer of GET ``path``, with the components it refers to."""
    document = description(name)
    answer = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    return {**answer, "components": document["components"]}


def hours_ago(cloud: RunningCloud, hours: float) -> str:
    moment = cloud.clock.now() + timedelta(seconds=61) - timedelta(hours=hours)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def records(cloud: RunningCloud, path: str) -> list[dict[str, Any]]:
    body = cloud.get(path, startTime=hours_ago(cloud, 2), endTime=hours_ago(cloud, 0.2)).json()
    items: list[dict[str, Any]] = body["items"]
    assert items
    return items


@pytest.mark.parametrize(
    ("name", "path", "request_path"),
    [
        ("people", "/people", "/v1/people?callingData=true"),
        ("people", "/people/me", "/v1/people/me?callingData=true"),
        ("locations", "/locations", "/v1/locations"),
        ("organizations", "/organizations", "/v1/organizations"),
        ("authorizations", "/authorizations", "/v1/authorizations?clientId=x"),
        ("authorizations", "/authorizations/tokenExpiry", "/v1/authorizations/tokenExpiry"),
    ],
)
def test_directory_answers_are_as_described(cloud: RunningCloud, name: str, path: str, request_path: str) -> None:
    answer = cloud.get(request_path)
    assert answer.status_code == 200
    jsonschema.validate(answer.json(), schema(name, path))


def test_single_resources_are_as_described(cloud: RunningCloud) -> None:
    for name, path, listing in (
        ("people", "/people/{personId}", "/v1/people"),
        ("locations", "/locations/{locationId}", "/v1/locations"),
        ("organizations", "/organizations/{orgId}", "/v1/organizations"),
    ):
        identifier = cloud.get(listing).json()["items"][0]["id"]
        jsonschema.validate(cloud.get(f"{listing}/{identifier}").json(), schema(name, path))


@pytest.mark.parametrize("path", ["/cdr_feed", "/cdr_stream"])
def test_call_records_have_the_described_keys_and_types(cloud: RunningCloud, path: str) -> None:
    document = description("reports-detailed-call-history")
    described = {key.lower(): value for key, value in document["components"]["schemas"]["CDR"]["properties"].items()}
    kinds: dict[str, Callable[[Any], bool]] = {
        "string": lambda value: isinstance(value, str),
        "number": lambda value: isinstance(value, int),
        "integer": lambda value: isinstance(value, int),
    }
    for record in records(cloud, f"/v1{path}"):
        lowered = {key.lower(): value for key, value in record.items()}
        assert described.keys() <= lowered.keys()
        for key, value in lowered.items():
            if key in described and key not in TYPED_OTHERWISE_LIVE:
                assert kinds[described[key]["type"]](value), key


def test_call_records_have_exactly_the_recorded_keys_and_types(cloud: RunningCloud) -> None:
    recorded = json.loads((WEBEX / "samples" / "cdr_feed_recorded_2026-09-24.json").read_text(encoding="utf-8"))
    live = recorded["items"][0]
    for record in records(cloud, "/v1/cdr_feed"):
        assert record.keys() == live.keys()
        assert {key: type(value) for key, value in record.items()} == {key: type(live[key]) for key in live}


@pytest.mark.parametrize("name", ["people", "locations", "organizations", "reports-detailed-call-history"])
def test_errors_have_codes_that_are_described(cloud: RunningCloud, name: str) -> None:
    codes = {code for path in description(name)["paths"].values() for code in path["get"]["responses"]}
    assert {"400", "401", "403", "404", "429"} <= codes
