"""Call journeys over HTTP: one call by any of its ids, for who may see it."""

from typing import Any

import pytest

from core.access import people
from core.calls.normalise import normalise_records
from core.journeys.export import JourneyOrder, export_link
from core.journeys.filters import JourneyFilter
from core.journeys.update import update_journeys
from core.journeys.written import journey_json
from core.store.encryption import Vault
from core.web.api.journeys import JourneyAnswer
from tests.calls.records import uuid_of
from tests.journeys.golden import GOLDEN
from tests.journeys.sequences import ANN, NINE, STORED, inbound, rebuilt
from tests.web.serving import Desk

RECORDS = next(golden.records for golden in GOLDEN if golden.name == "queue overflows to another queue, then voicemail")


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """A web process with one call."""
    desk.services.calls.append(normalise_records(RECORDS, source="import", stored_at=STORED).table)
    return desk


def test_a_call_is_told_as_the_command_writes_it(filled: Desk) -> None:
    analyst = filled.browser("analyst")
    wanted = journey_json(rebuilt(RECORDS))
    for any_id in (RECORDS[0]["Correlation ID"], RECORDS[-1]["Report ID"]):
        answer = analyst.get(f"/api/v1/journeys/{any_id}", params={"day": NINE.date().isoformat()})
        assert answer.status_code == 200
        assert answer.json() == wanted
    assert wanted["t_queue_2"] is not None
    assert set(JourneyAnswer.model_fields) == set(wanted) - {"t_queue_2"}


def test_the_route_speaks_the_callers_language(filled: Desk) -> None:
    analyst, person = filled.browser("analyst"), filled.person("analyst")
    people.set_preferences(filled.services.database, filled.clock, person.id, language="es", time_zone="", actor="test")
    shown = analyst.get(f"/api/v1/journeys/{RECORDS[0]['Report ID']}").json()
    assert "Buzón de voz" in shown["route"]


@pytest.mark.parametrize("unknown", ["nobody", "NA", "%20"])
def test_an_unknown_call_is_not_found(filled: Desk, unknown: str) -> None:
    answer = filled.browser("analyst").get(f"/api/v1/journeys/{unknown}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_only_who_may_see_journeys_gets_one(filled: Desk) -> None:
    path = f"/api/v1/journeys/{RECORDS[0]['Report ID']}"
    assert filled.program("analyst", "journeys.view").get(path).status_code == 200
    assert filled.program("analyst", "calls.view").get(path).status_code == 403
    assert filled.browser("operator").get(path).status_code == 403
    assert filled.browser().get(path, headers={"Accept": "application/json"}).status_code == 401


def others(count: int) -> list[dict[str, Any]]:
    return [inbound(ANN, f"o{n}", 60 * n, 60 * n + 30, 60 * n + 5, call=f"other {n}") for n in range(1, count + 1)]


@pytest.fixture
def rebuilt_store(filled: Desk) -> Desk:
    """The call and twelve more, rebuilt by the job."""
    filled.services.calls.append(normalise_records(others(12), source="import", stored_at=STORED).table)
    update_journeys(filled.services)
    return filled


def test_calls_are_listed_page_by_page(rebuilt_store: Desk) -> None:
    analyst = rebuilt_store.browser("analyst")
    found: list[str] = []
    parameters: dict[str, Any] = {"last": "all", "limit": 5}
    while True:
        body = analyst.get("/api/v1/journeys", params=parameters).json()
        assert set(body) == {"items", "next", "previous"}
        found += [item["journey_id"] for item in body["items"]]
        if body["next"] is None:
            break
        parameters["cursor"] = body["next"]
    newest_first = [uuid_of(f"correlation other {n}") for n in range(12, 0, -1)]
    assert found == [*newest_first, RECORDS[0]["Correlation ID"]]


@pytest.mark.parametrize(
    ("parameters", "count"),
    [
        ({"result": "voicemail"}, 1),
        ({"result": ["voicemail", "answered"]}, 13),
        ({"queue": "Soporte"}, 1),
        ({"min_wait": 100}, 1),
        ({"direction": "outbound"}, 0),
        ({"number": "+57 300 111"}, 13),
        ({"since": "2026-11-19T14:06:00Z", "until": "2026-11-19T14:08:00Z"}, 2),
        ({"last": "1h"}, 0),
    ],
)
def test_a_list_is_narrowed(rebuilt_store: Desk, parameters: dict[str, Any], count: int) -> None:
    period = {} if {"since", "last"} & set(parameters) else {"last": "all"}
    body = rebuilt_store.browser("analyst").get("/api/v1/journeys", params=period | parameters).json()
    assert len(body["items"]) == count


def test_a_listed_call_is_the_single_one(rebuilt_store: Desk) -> None:
    analyst = rebuilt_store.browser("analyst")
    item = analyst.get("/api/v1/journeys", params={"last": "all", "result": "voicemail"}).json()["items"][0]
    assert item == analyst.get(f"/api/v1/journeys/{item['journey_id']}").json()


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"result": "splendid"}, "result"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"since": "never"}, "since"),
        ({"number": "x'--"}, "number"),
        ({"min_wait": "-1"}, "min_wait"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(filled: Desk, parameters: dict[str, str], field: str) -> None:
    answer = filled.browser("analyst").get("/api/v1/journeys", params=parameters)
    assert answer.status_code == 422
    assert answer.json()["error"]["facts"]["field"].startswith(field)


def test_figures_of_queues_and_people(rebuilt_store: Desk) -> None:
    analyst = rebuilt_store.browser("analyst")
    queues = analyst.get("/api/v1/journeys/stats/queues", params={"last": "all", "threshold": 30}).json()
    assert {one["queue"]: one["offered"] for one in queues} == {"Ventas": 1, "Soporte": 1}
    assert all(one["overflowed"] == 1 and one["service_level"] == 0.0 for one in queues)
    answer = analyst.get("/api/v1/journeys/stats/agents", params={"last": "all"})
    assert (answer.status_code, answer.json()) == (200, [])
    assert rebuilt_store.browser("operator").get("/api/v1/journeys/stats/queues").status_code == 403


def test_stage_times_narrow_the_list(rebuilt_store: Desk) -> None:
    analyst = rebuilt_store.browser("analyst")
    for parameters, count in (({"min_wait": 60}, 1), ({"min_agent": 20}, 12), ({"overflowed": True}, 1)):
        body = analyst.get("/api/v1/journeys", params={"last": "all", **parameters}).json()
        assert len(body["items"]) == count
    wrong = analyst.get("/api/v1/journeys", params={"min_wait": 60, "max_wait": 10})
    assert wrong.status_code == 422


def test_a_list_is_exported_for_whom_the_link_was_made(rebuilt_store: Desk) -> None:
    services = rebuilt_store.services
    order = JourneyOrder(JourneyFilter(last="all", queues=("Ventas",)), "America/Bogota")
    person = rebuilt_store.person("analyst")
    link = export_link(Vault(services.settings, services.clock), person.id, order)
    answer = rebuilt_store.browser("analyst").get(link)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    assert len(answer.text.strip().splitlines()) == 2
    assert rebuilt_store.browser("supervisor").get(link).status_code >= 400
