"""Calling users, detectors and forecasts for programs: paged, filtered, with the one error shape."""

from datetime import timedelta

import httpx
import pytest

from core.calls.ingest import store_records
from core.detection import tuning
from core.detection.registry import detectors
from core.detection.tuning import Because, Tuning
from core.forecast import store
from core.forecast.store import BandPoint, Fitted
from core.store.models.detection import CallingUser
from tests.calls.records import leg, uuid_of
from tests.web.serving import Desk


def everything(client: httpx.Client, path: str, **query: str) -> list[dict[str, object]]:
    """All items of a list, page by page."""
    items: list[dict[str, object]] = []
    cursor: str | None = None
    while True:
        turned = {"cursor": cursor} if cursor else {}
        body = client.get(path, params={**query, "limit": "2", **turned}).json()
        items += body["items"]
        cursor = body["next"]
        if cursor is None:
            return items


def test_users_come_riskiest_first_and_page_by_page(desk: Desk) -> None:
    now = desk.clock.now()
    with desk.services.database.write() as session:
        for name, total in (("Ana", 90.0), ("Luis", 10.0), ("Eva", 0.0), ("Ida", 0.0), ("Zoe", 0.0)):
            session.add(CallingUser(uuid=name.lower(), name=name, site="Centro", risk_sum=total, risk_at=now))
    program = desk.program("analyst")
    found = everything(program, "/api/v1/users/risk")
    assert [user["name"] for user in found] == ["Ana", "Luis", "Eva", "Ida", "Zoe"]
    assert (found[0]["risk"], found[0]["band"]) == (77.7, "severe")
    assert [user["name"] for user in everything(program, "/api/v1/users/risk", search="an")] == ["Ana"]
    assert everything(program, "/api/v1/users/risk", site="Norte") == []
    for query in ("band=red", "cursor=W10", "limit=0", "colour=red"):
        assert program.get(f"/api/v1/users/risk?{query}").status_code == 422


def test_one_user_has_history_and_baseline(desk: Desk) -> None:
    ana = uuid_of("Ana Restrepo")
    now = desk.clock.now()
    store_records(desk.services, [leg(1, start=now - timedelta(days=1))], source="import", origin="one")
    with desk.services.database.write() as session:
        session.add(CallingUser(uuid=ana, name="Ana Restrepo"))
    body = desk.program("analyst").get(f"/api/v1/users/{ana}/risk").json()
    assert body["user"]["name"] == "Ana Restrepo"
    assert len(body["history"]) == 31
    assert [device["legs"] for device in body["baseline"]["devices"]] == [1]
    assert sum(map(sum, body["baseline"]["recent_hours"])) == 1
    missing = desk.program("analyst").get("/api/v1/users/nobody/risk")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "not_found")


def test_accounts_keep_their_addresses(desk: Desk) -> None:
    admin = desk.program("admin")
    assert admin.get("/api/v1/users").json()["items"][0]["role"] == "admin"
    assert admin.get("/api/v1/users/12345").status_code == 404


@pytest.mark.parametrize("language", ["en", "es"])
def test_detectors_tell_how_they_are_set(desk: Desk, language: str) -> None:
    with desk.services.database.write() as session:
        why = Because("ana", desk.clock.now(), "night shift")
        tuning.change(session, "after_hours", Tuning({"calls": 9}, False, "low"), version=0, why=why)
    program = desk.program("analyst")
    program.headers["Accept-Language"] = language
    found = everything(program, "/api/v1/detectors")
    assert [one["id"] for one in found] == [known.id for known in detectors()]
    (tuned,) = [one for one in found if one["id"] == "after_hours"]
    assert (tuned["enabled"], tuned["severity_cap"], tuned["precision"]) == (False, "low", None)
    parameters = {one["name"]: one for one in tuned["parameters"]}  # type: ignore[attr-defined]
    assert parameters["calls"]["current"] == 9
    assert parameters["minutes"]["current"] == parameters["minutes"]["default"]
    (change,) = everything(program, "/api/v1/detectors/changes")
    assert (change["actor"], change["reason"]) == ("ana", "night shift")


def test_forecasts_come_by_hour_and_day(desk: Desk) -> None:
    now = desk.clock.now().replace(minute=0, second=0, microsecond=0)
    hours = [BandPoint(now + timedelta(hours=n), 1, 2, 3) for n in range(-3, 5)]
    days = [BandPoint(now.replace(hour=0) + timedelta(days=n), 10, 20, 30) for n in range(2)]
    with desk.services.database.write() as session:
        fitted = Fitted("", "", "UTC", "ready", 30.0, now)
        store.keep(session, fitted, {"hour": hours, "day": days}, at=now - timedelta(days=1))
    program = desk.program("operator")
    assert [fit["state"] for fit in everything(program, "/api/v1/forecasts/sites")] == ["ready"]
    found = everything(program, "/api/v1/forecasts")
    assert [band["expected"] for band in found] == [2.0] * 5
    assert len({band["at"] for band in found}) == 5
    assert [band["high"] for band in everything(program, "/api/v1/forecasts", grain="day")] == [30.0] * 2
    assert program.get("/api/v1/forecasts", params={"grain": "week"}).status_code == 422
    assert program.get("/api/v1/forecasts", params={"site": "none"}).json()["items"] == []
