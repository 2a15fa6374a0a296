"""Call journeys over HTTP: one call by any of its ids, for who may see it."""

import pytest

from core.access import people
from core.calls.normalise import normalise_records
from core.journeys.written import journey_json
from core.web.api.journeys import JourneyAnswer
from tests.journeys.golden import GOLDEN
from tests.journeys.sequences import NINE, STORED, rebuilt
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
