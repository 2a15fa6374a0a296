"""People, locations, organisations: paging, odd values, who left, and nothing half read."""

from typing import Any

import pytest
from sqlalchemy import select

from core.clock import SteppedClock
from core.services import Services
from core.store import data_version
from core.store.models.webex import WebexLocation, WebexOrganisation, WebexPerson
from core.webex import sync_log
from core.webex.directory_sync import DirectoryCounts, sync_directory
from core.webex.errors import ForbiddenError, MalformedAnswerError, UnavailableError
from core.webex.identifiers import uuid_of, webex_id
from tests.webex.conftest import services_for
from tests.webex.feeding import never, quiet
from tests.webex.scripted_cloud import ScriptedCloud, fails, says

BOGOTA = {
    "id": webex_id("LOCATION", "5e1f0000-0000-4000-8000-000000000001"),
    "name": "Bogotá",
    "timeZone": "America/Bogota",
    "preferredLanguage": "es_co",
    "orgId": webex_id("ORGANIZATION", "0a"),
    "address": {"address1": "Calle 1", "city": "Bogotá", "state": "DC", "postalCode": "11", "country": "co"},
}


def person(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": webex_id("PEOPLE", f"00000000-0000-4000-8000-{number:012d}"),
        "displayName": f"Person {number:04d}",
        "emails": [f"p{number}@acme.example"],
        "phoneNumbers": [
            {"type": "mobile", "value": "+57 316 555 0188"},
            {"type": "work", "value": "+57 601 555 0101", "primary": True},
        ],
        "extension": "0101",
        "locationId": BOGOTA["id"],
        "department": "Ventas",
        "type": "person",
        "status": "active",
        **changes,
    }


@pytest.fixture
def tenant(cloud: ScriptedCloud, database: Any, clock: SteppedClock, tmp_path: Any) -> Services:
    """A token given by hand on both kinds of database; a tenant of 250 people and one site."""
    cloud.people = [person(number) for number in range(250)]
    cloud.locations = [BOGOTA]
    cloud.organisations = [
        {"id": webex_id("ORGANIZATION", "0a"), "displayName": "Acme", "created": "2020-01-02T03:04:05Z"}
    ]
    return services_for(cloud, database, clock, tmp_path, webex_access_token="by-hand-token")


def sync(services: Services) -> dict[str, DirectoryCounts]:
    return sync_directory(services, quiet, never)


def version(services: Services) -> int:
    with services.database.read() as session:
        return data_version.current(session, "directory")[0]


def test_a_directory_is_read_whole_and_typed(tenant: Services, cloud: ScriptedCloud) -> None:
    assert sync(tenant)["people"] == DirectoryCounts(read=250, new=250)
    with tenant.database.read() as session:
        found = session.get_one(WebexPerson, uuid_of(person(7)["id"]))
        site = session.scalars(select(WebexLocation)).one()
        organisation = session.scalars(select(WebexOrganisation)).one()
    assert (found.name, found.work_number, found.extension) == ("Person 0007", "+576015550101", "0101")
    assert found.location_uuid == site.uuid == "5e1f0000-0000-4000-8000-000000000001"
    assert (site.time_zone, site.country, site.address) == ("America/Bogota", "CO", "Calle 1, Bogotá, DC, 11")
    assert organisation.name == "Acme"
    asked = cloud.requests("/people")
    assert {seen.query["max"] for seen in asked} == {"100"}
    assert all(seen.query["callingData"] == "true" for seen in asked)
    assert len(asked) == 3


def test_nothing_changed_tells_nobody(tenant: Services) -> None:
    sync(tenant)
    before = version(tenant)
    assert sync(tenant)["people"] == DirectoryCounts(read=250)
    assert version(tenant) == before


def test_who_left_is_marked_and_who_comes_back_is_unmarked(tenant: Services, cloud: ScriptedCloud) -> None:
    sync(tenant)
    before = version(tenant)
    gone = cloud.people.pop()
    cloud.people[0] = person(0, displayName="Renamed")
    assert sync(tenant)["people"] == DirectoryCounts(read=249, changed=1, removed=1)
    with tenant.database.read() as session:
        row = session.get_one(WebexPerson, uuid_of(gone["id"]))
    assert row.is_removed
    assert row.removed_at == tenant.clock.now()
    assert version(tenant) > before
    cloud.people.append(gone)
    assert sync(tenant)["people"].changed == 1
    with tenant.database.read() as session:
        assert not session.get_one(WebexPerson, uuid_of(gone["id"])).is_removed


def test_a_list_cut_in_the_middle_removes_nobody(tenant: Services, cloud: ScriptedCloud) -> None:
    sync(tenant)
    first = says({"items": [person(1)]}, Link=f'<{cloud.url}/people?start=100>; rel="next"')
    cloud.answer("/people", first, fails(500), fails(500), fails(500))
    with pytest.raises(UnavailableError):
        sync(tenant)
    with tenant.database.read() as session:
        assert not session.scalars(select(WebexPerson).where(WebexPerson.is_removed)).all()


def test_an_empty_list_is_not_believed(tenant: Services, cloud: ScriptedCloud) -> None:
    sync(tenant)
    cloud.people = []
    with pytest.raises(MalformedAnswerError):
        sync(tenant)
    with tenant.database.read() as session:
        assert not session.scalars(select(WebexPerson).where(WebexPerson.is_removed)).all()


def test_one_forbidden_list_does_not_keep_the_others_back(tenant: Services, cloud: ScriptedCloud) -> None:
    cloud.answer("/locations", fails(403, "no scope"))
    with pytest.raises(ForbiddenError):
        sync(tenant)
    with tenant.database.read() as session:
        assert len(session.scalars(select(WebexPerson)).all()) == 250
        states = {entry.kind: entry.state for entry in sync_log.entries(session)}
    assert states == {"organisations": "stored", "locations": "failed", "people": "stored"}


def test_odd_values_are_taken_for_what_they_are_worth(tenant: Services, cloud: ScriptedCloud) -> None:
    odd: list[Any] = [
        {"id": "plain-id"},
        person(2, displayName="Ana\x00\n<b>", emails=None, phoneNumbers="none", extension=7, locationId=None),
        person(3, type="bot"),
        person(4, displayName="x" * 1000, department=["a"]),
        "text",
        {"displayName": "no id"},
    ]
    cloud.people = odd
    cloud.locations = [{**BOGOTA, "timeZone": "Mars/Olympus", "address": {"country": "Colombia"}}]
    assert sync(tenant)["people"].new == 3
    with tenant.database.read() as session:
        people = {row.uuid[-2:]: row for row in session.scalars(select(WebexPerson))}
        site = session.scalars(select(WebexLocation)).one()
    assert people["02"].name == "Ana <b>"
    assert people["02"].extension == "7"
    assert len(people["04"].name) == 300
    assert (site.time_zone, site.country) == ("", "")


def test_a_stop_leaves_the_list_at_hand_as_it_was(tenant: Services) -> None:
    asked: list[int] = []

    def soon() -> bool:
        asked.append(1)
        return len(asked) > 20

    assert "people" not in sync_directory(tenant, quiet, soon)
    with tenant.database.read() as session:
        assert session.scalars(select(WebexPerson)).all() == []


@pytest.mark.parametrize(
    ("given", "uuid"),
    [
        (webex_id("PEOPLE", "AB-12"), "ab-12"),
        ("Y2lzY29zcGFyazovL3VzL0xPQ0FUSU9OLzYzNzE1", "63715"),
        ("0A0C2EB7-f1f6-3326-86f9-565d2e11553d", "0a0c2eb7-f1f6-3326-86f9-565d2e11553d"),
        ("not base64!", "not base64!"),
        ("", ""),
    ],
)
def test_identifiers_become_the_uuid_of_the_records(given: str, uuid: str) -> None:
    assert uuid_of(given) == uuid
