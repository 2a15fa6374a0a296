"""People, organisations and locations as the pretend cloud tells them."""

from typing import Any

import pytest

from core.sandbox.wire import bare_uuid, webex_id
from tests.sandbox.conftest import RunningCloud


def test_people_come_in_pages_once_each(cloud: RunningCloud) -> None:
    answer = cloud.get("/v1/people", callingData="true", max=10)
    people: list[dict[str, Any]] = answer.json()["items"]
    while answer.links:
        assert len(answer.json()["items"]) == 10
        answer = cloud.http.get(answer.links["next"]["url"])
        people += answer.json()["items"]
    humans = {person.uuid for person in cloud.tenant.world.people if person.is_human}
    told = [bare_uuid(person["id"]) for person in people]
    assert len(set(told)) == len(told)
    assert set(told) <= humans
    assert len(told) >= 0.8 * len(humans)


def test_the_uuid_of_a_person_is_that_of_the_records(cloud: RunningCloud) -> None:
    people = {bare_uuid(person["id"]) for person in cloud.get("/v1/people").json()["items"]}
    day = (cloud.clock.now()).date()
    records = [leg.record for leg in cloud.tenant.archive.traffic.day(day) if leg.record["User type"] == "User"]
    assert {record["User UUID"] for record in records} <= people


def test_numbers_come_with_calling_data_only(cloud: RunningCloud) -> None:
    plain = cloud.get("/v1/people").json()["items"][0]
    calling = cloud.get("/v1/people", callingData="true").json()["items"][0]
    assert "extension" not in plain
    assert calling["extension"].isdigit()
    assert calling["locationId"]


@pytest.mark.parametrize(("value", "size"), [("1", 1), ("5000", None)])
def test_the_page_size_is_honoured_and_capped(cloud: RunningCloud, value: str, size: int | None) -> None:
    items = cloud.get("/v1/people", callingData="true", max=value).json()["items"]
    assert len(items) == size if size else len(items) <= 100


@pytest.mark.parametrize("value", ["0", "-1", "many"])
def test_a_senseless_page_size_is_refused(cloud: RunningCloud, value: str) -> None:
    assert cloud.get("/v1/people", max=value).status_code == 400


def test_people_are_found_by_id_mail_and_location(cloud: RunningCloud) -> None:
    someone = cloud.get("/v1/people", callingData="true").json()["items"][3]
    by_id = cloud.get("/v1/people", id=f"{someone['id']},{webex_id('PEOPLE', 'nobody')}").json()
    assert [person["id"] for person in by_id["items"]] == [someone["id"]]
    assert by_id["notFoundIds"] == [webex_id("PEOPLE", "nobody")]
    by_mail = cloud.get("/v1/people", email=someone["emails"][0]).json()["items"]
    assert [person["id"] for person in by_mail] == [someone["id"]]
    there = cloud.get("/v1/people", locationId=someone["locationId"], callingData="true").json()["items"]
    assert {person["locationId"] for person in there} == {someone["locationId"]}
    assert cloud.get(f"/v1/people/{someone['id']}").json()["id"] == someone["id"]
    assert cloud.get("/v1/people/unknown").status_code == 404


def test_me_is_an_administrator_of_the_organisation(cloud: RunningCloud) -> None:
    me = cloud.get("/v1/people/me").json()
    organisations = cloud.get("/v1/organizations").json()["items"]
    assert [organisation["id"] for organisation in organisations] == [me["orgId"]]
    assert me["roles"]
    assert cloud.get(f"/v1/organizations/{me['orgId']}").json() == organisations[0]


def test_seven_locations_with_their_zones(cloud: RunningCloud) -> None:
    locations = {location["name"]: location for location in cloud.get("/v1/locations").json()["items"]}
    zones = {name: location["timeZone"] for name, location in locations.items()}
    assert zones == {
        "Bogotá": "America/Bogota",
        "Medellín": "America/Bogota",
        "San José": "America/Costa_Rica",
        "Ciudad de Guatemala": "America/Guatemala",
        "San Salvador": "America/El_Salvador",
        "Denver": "America/Denver",
        "Phoenix": "America/Phoenix",
    }
    denver = locations["Denver"]
    assert cloud.get(f"/v1/locations/{denver['id']}").json() == denver
    assert {site.uuid for site in cloud.tenant.world.sites} == {bare_uuid(each["id"]) for each in locations.values()}


def test_an_unknown_path_answers_in_webex_form(cloud: RunningCloud) -> None:
    answer = cloud.get("/v1/nothing")
    assert answer.status_code == 404
    assert answer.json().keys() == {"message", "errors", "trackingId"}
