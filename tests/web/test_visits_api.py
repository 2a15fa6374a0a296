"""Visits over HTTP: scheduling, moving, cancelling and closing with right and trace, files and a calendar by link."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from icalendar import Calendar

from core.access import people
from core.visits import feed
from core.visits.filters import VisitFilter
from core.web.api.visit_shapes import FilterParameters
from tests.tickets.desk import make
from tests.visits.desk import SOON
from tests.visits.operators import add_client, add_operator
from tests.web.serving import Desk


@pytest.fixture
def operator(desk: Desk) -> int:
    """An operator who signs in as the person of that role."""
    return add_operator(desk.services.database, "Luisa", "luisa@example.com", "es", "operator@example.com")


def wanted(operator: int, /, **more: Any) -> dict[str, Any]:
    return {
        "title": "Trunk check",
        "starts_at": SOON.isoformat(),
        "minutes": 60,
        "zone": "America/Bogota",
        "operator_id": operator,
        "client": {"name": "Hotel Costa", "email": "hotel@example.com", "language": "es"},
        "place": "Av. Escazú",
        **more,
    }


def made(client: httpx.Client, operator: int, /, **more: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/visits", json=wanted(operator, **more))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_visit_from_scheduling_to_its_end(desk: Desk, operator: int) -> None:
    client = desk.program("operator")
    visit = made(client, operator)
    assert (visit["state"], visit["sequence"], visit["version"], visit["concerns"]) == ("scheduled", 0, 1, [])
    later = (SOON + timedelta(hours=2)).isoformat()
    moved = client.post(f"/api/v1/visits/{visit['public_id']}/move", json={"starts_at": later, "version": 1}).json()
    assert (moved["sequence"], moved["moves"], [deed["action"] for deed in moved["timeline"]]) == (
        1,
        1,
        ["moved", "scheduled"],
    )
    stale = client.post(f"/api/v1/visits/{visit['id']}/cancel", json={"version": 1})
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "visit_changed")
    early = client.post(f"/api/v1/visits/{visit['id']}/done", json={})
    assert (early.status_code, early.json()["error"]["code"]) == (422, "visit_time")
    gone = client.post(f"/api/v1/visits/{visit['id']}/cancel", json={"version": 2, "reason": "Rain"}).json()
    assert (gone["state"], gone["timeline"][0]["reason"]) == ("cancelled", "Rain")
    again = client.post(f"/api/v1/visits/{visit['id']}/move", json={"minutes": 30})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "visit_state")


def test_a_clash_names_the_other_visit_and_a_repetition_makes_none(desk: Desk, operator: int) -> None:
    client = desk.program("supervisor")
    first = client.post("/api/v1/visits", json=wanted(operator), headers={"Idempotency-Key": "abc"}).json()
    again = client.post("/api/v1/visits", json=wanted(operator), headers={"Idempotency-Key": "abc"}).json()
    assert again["id"] == first["id"]
    refused = client.post("/api/v1/visits", json=wanted(operator))
    assert refused.status_code == 409
    assert refused.json()["error"]["facts"]["what"] == first["public_id"]
    assert len(client.get("/api/v1/visits").json()["items"]) == 1


def test_lists_answer_their_filter_in_pages(desk: Desk, operator: int) -> None:
    client, mine = desk.program("supervisor"), desk.browser("operator")
    pedro = add_operator(desk.services.database, "Pedro", "pedro@example.com")
    known = add_client(desk.services.database, "Clínica", "clinica@example.com")
    _, ticket = (make(desk.services.database) for _ in range(2))
    for hours in range(5):
        made(client, operator, starts_at=(SOON + timedelta(hours=hours)).isoformat(), ticket_id=ticket)
    made(client, pedro, client={"id": known}, title="=HYPERLINK(1)")
    first = client.get("/api/v1/visits", params={"limit": 4}).json()
    second = client.get("/api/v1/visits", params={"limit": 4, "cursor": first["next"]}).json()
    assert [len(first["items"]), len(second["items"]), second["next"]] == [4, 2, None]
    starts = [one["starts_at"] for one in first["items"] + second["items"]]
    assert starts == sorted(starts)
    assert client.get("/api/v1/visits", params={"limit": 4, "cursor": second["previous"]}).json() == first

    def number(who: httpx.Client, **query: object) -> int:
        return len(who.get("/api/v1/visits", params=query).json()["items"])  # type: ignore[arg-type]

    shown = (number(client, ticket=str(ticket)), number(client, client=str(known)), number(client, q="hyperlink"))
    assert shown == (5, 1, 1)
    assert [number(mine, operator="me"), number(client, operator="me"), number(client, state="overdue")] == [5, 0, 0]
    assert number(client, when="past") == 0
    lines = client.get("/api/v1/visits/export", params={"q": "hyperlink"}).text.splitlines()
    assert len(lines) == 2
    assert "'=HYPERLINK(1)" in lines[1]
    for query in ({"state": "later"}, {"operator": "x"}, {"since": "soon"}, {"cursor": "x"}, {"unknown": "1"}):
        assert client.get("/api/v1/visits", params=query).status_code in (400, 422), query


def test_every_term_of_the_filter_is_a_parameter() -> None:
    keys = set(FilterParameters.model_fields)
    full = VisitFilter(
        states=("done",), operators=("1",), clients=("2",), tickets=("3",), sites=("Bogotá",), text="x", when="past",
        sort="latest",
    )  # fmt: skip
    assert set(full.to_query()) | {"since", "until"} == keys


def test_who_only_looks_changes_nothing_and_nonsense_is_refused(desk: Desk, operator: int) -> None:
    visit = made(desk.program("supervisor"), operator)
    viewer = desk.program("supervisor", "visits.view")
    for path, body in (("", wanted(operator)), (f"/{visit['id']}/move", {}), (f"/{visit['id']}/cancel", {})):
        assert viewer.post(f"/api/v1/visits{path}", json=body).status_code == 403
    client = desk.program("supervisor")
    nonsense: tuple[dict[str, Any], ...] = (
        {"starts_at": "2026-12-01T09:00:00"},
        {"zone": "Mars/Olympus"},
        {"operator_id": 10**30},
        {"operator_id": 99},
        {"minutes": 3},
        {"client": {}},
        {"title": "\u0000"},
    )
    for more in nonsense:
        assert client.post("/api/v1/visits", json=wanted(operator, **more)).status_code in (400, 404, 422), more
    assert client.get("/api/v1/visits/V-AAAAAAAA").status_code == 404
    refused = client.post("/api/v1/visits", json=wanted(operator, ticket_id=99))
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "not_found")
    assert refused.json()["error"]["message"] == "There is no such ticket T-99."
    assert len(client.get("/api/v1/visits").json()["items"]) == 1


def test_one_visit_is_a_calendar_file(desk: Desk, operator: int) -> None:
    client = desk.browser("operator")
    visit = made(client, operator)
    answer = client.get(f"/api/v1/visits/{visit['id']}/calendar.ics")
    assert answer.headers["Content-Type"].startswith("text/calendar")
    (event,) = Calendar.from_ical(answer.text).walk("VEVENT")
    assert str(event["UID"]) == visit["uid"]


def test_a_calendar_program_reads_along_by_its_link_for_as_long_as_the_person_may(desk: Desk, operator: int) -> None:
    visit = made(desk.program("supervisor"), operator)
    made(desk.program("supervisor"), add_operator(desk.services.database, "Pedro", "pedro@example.com"))
    person = desk.person("operator")
    link = urlsplit(feed.address(desk.services, person.id))
    stranger = desk.browser()
    answer = stranger.get(f"{link.path}?{link.query}")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    assert [str(event["UID"]) for event in Calendar.from_ical(answer.text).walk("VEVENT")] == [visit["uid"]]
    assert stranger.get(f"{link.path}?{link.query[:-4]}").status_code == 403
    assert stranger.get(link.path).status_code == 403
    people.disable(desk.services.database, desk.clock, person.id, actor="test")
    assert stranger.get(f"{link.path}?{link.query}").status_code == 403
