"""The pretend cloud's recordings, and what the product asks of any, against Cisco's official description."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from core.clock import SteppedClock
from core.recordings import facts
from core.sandbox.cloud_recordings import ADMIN, ADMIN_WRITE, COMPLIANCE, COMPLIANCE_WRITE, OWN
from core.sandbox.tenant import TenantOptions
from core.services import Services
from core.store.engine import Database
from core.store.models.recordings import RecordingRow
from core.webex import recordings
from core.webex.client import open_client
from tests.conftest import NOON
from tests.sandbox.conftest import RunningCloud
from tests.webex.conftest import services_for
from tests.webex.scripted_cloud import RunningCloud as RunningScript
from tests.webex.scripted_cloud import ScriptedCloud, Seen, says, sends

pytestmark = pytest.mark.contract

WEBEX = Path(os.environ.get("SHARED", Path(__file__).parents[2].parent / "shared")) / "data" / "webex"
LIST, ONE, METADATA = (
    "/admin/convergedRecordings",
    "/convergedRecordings/{recordingId}",
    "/convergedRecordings/{recordingId}/metadata",
)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    path = WEBEX / "openapi" / "webex-converged-recordings-api-openapi.yml"
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    options = TenantOptions(tmp_path_factory.mktemp("cloud"), people=24, history_days=3, live_incidents=False)
    running = RunningCloud(options, SteppedClock(NOON))
    running.sign_in(scope=" ".join((ADMIN, COMPLIANCE, OWN, ADMIN_WRITE, COMPLIANCE_WRITE)))
    yield running
    running.stop()


def schema(document: dict[str, Any], path: str) -> dict[str, Any]:
    """The JSON schema of the 200 answer of GET ``path``, with the components it refers to."""
    content = document["paths"][path]["get"]["responses"]["200"]["content"]
    return {**next(iter(content.values()))["schema"], "components": document["components"]}


def example(name: str) -> dict[str, Any]:
    told = json.loads((WEBEX / "examples" / f"webex-{name}-example.json").read_text(encoding="utf-8"))
    body: dict[str, Any] = told["responseExamples"][0]["example"]
    return body


def keys_of(value: Any, path: str = "") -> set[str]:
    """Every key of a JSON value, as paths; lists are looked through."""
    if isinstance(value, list):
        return {key for each in value for key in keys_of(each, path)}
    if not isinstance(value, dict):
        return set()
    return {f"{path}/{name}" for name in value} | {
        key for name, each in value.items() for key in keys_of(each, f"{path}/{name}")
    }


def test_answers_are_as_described(cloud: RunningCloud, document: dict[str, Any]) -> None:
    listed = cloud.get(f"/v1{LIST}").json()
    jsonschema.validate(listed, schema(document, LIST))
    identifier = listed["items"][0]["id"]
    details = cloud.get(f"/v1/convergedRecordings/{identifier}").json()
    jsonschema.validate(details, schema(document, ONE))
    metadata = cloud.get(f"/v1/convergedRecordings/{identifier}/metadata").json()
    jsonschema.validate(metadata, schema(document, METADATA))
    jsonschema.validate(cloud.get("/v1/convergedRecordings").json(), schema(document, "/convergedRecordings"))
    assert keys_of(details) >= keys_of(example("get-recording-details")) - {
        f"/temporaryDirectDownloadLinks/{name}DownloadLink" for name in ("suggestedNotes", "actionItems", "shortNotes")
    } - {"/temporaryDirectDownloadLinks/transcriptDownloadLink"}
    assert set(listed["items"][0]) == set(example("list-recordings")["items"][0])


def test_the_official_examples_are_understood(document: dict[str, Any]) -> None:
    listed = example("list-recordings-for-admin-or-compliance-officer")["items"][0]
    row = RecordingRow(created_at=NOON, recorded_at=NOON)
    facts.apply_listed(row, listed)
    assert (row.call_session_key, row.duration_seconds, row.promised_bytes) == (
        "7ba2967530164bf0af1966cf2854b000",
        60,
        244333,
    )
    assert row.created_at.isoformat() == "2023-10-31T08:24:12+00:00"
    facts.apply_metadata(row, example("get-recording-metadata"))
    assert (row.call_half_id, row.recording_type, row.personality) == ("581329:0", "alwaysON", "originator")
    assert (row.callee_number, row.owner_name, row.caller_name) == ("4060", "PRS TestUser1", "PRS TestUser1")
    assert row.session_ended_at is not None


def test_what_is_asked_is_published_with_its_parameters_and_bodies(
    document: dict[str, Any], sqlite_database: Database, clock: SteppedClock, tmp_path: Path
) -> None:
    with RunningScript(ScriptedCloud(clock=clock)) as scripted:
        services = services_for(scripted, sqlite_database, clock, tmp_path, webex_access_token="by-hand-token")
        seen = _asked(services, scripted)
    assert len(seen) == 6
    for each in seen:
        fitting = [path for path in document["paths"] if re.fullmatch(re.sub(r"{\w+}", "[^/]+", path), each.path)]
        path = min(fitting, key=lambda one: one.count("{"))
        operation = document["paths"][path][each.method.lower()]
        published = {one["name"]: one for one in operation.get("parameters", []) if one["in"] == "query"}
        assert set(each.query) <= set(published), each.path
        for name, value in each.query.items():
            assert value in published[name]["schema"].get("enum", [value])


def _asked(services: Services, scripted: ScriptedCloud) -> list[Seen]:
    client = open_client(services)
    for path in ("softDelete", "purge"):
        scripted.answer(f"/convergedRecordings/{path}", sends(b"", status=204))
    scripted.answer("/convergedRecordings/r", says({"id": "r"}), sends(b"", status=204))
    scripted.answer("/convergedRecordings/r/metadata", says({"id": "r"}))
    scripted.answer(LIST, says({"items": []}))
    now = services.clock.now()
    list(recordings.listed(client, "admin", now - recordings.LONGEST_INTERVAL, now, "a@example.com"))
    recordings.read_details(client, "admin", "r")
    recordings.read_metadata(client, "admin", "r")
    recordings.put_in_bin(client, ["r"])
    recordings.empty_from_bin(client, ["r"])
    recordings.destroy(client, "r", reason="audit")
    client.close()
    return scripted.seen
