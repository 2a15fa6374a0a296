"""The table of calling users follows calls, directory and alerts, on both databases, and bears repetition."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.calls.ingest import store_records
from core.calls.table import CallTable
from core.clock import SteppedClock
from core.errors import InvalidInputError, NotFoundError
from core.risk import query, record, usual
from core.risk.query import UserFilter
from core.services import Services
from core.settings import Settings
from core.store import data_version
from core.store.engine import Database
from core.store.models.alerts import AlertRow, CaseRow
from core.store.models.webex import WebexLocation, WebexPerson
from jobs.registry import JobContext
from jobs.score_risk import score_risk
from tests.calls.records import leg, uuid_of
from tests.conftest import NOON

ANA, LUIS = uuid_of("Ana"), uuid_of("Luis")


@pytest.fixture
def services(settings: Settings, database: Database, clock: SteppedClock, tmp_path: Path) -> Services:
    """Three people's calls of some weeks, and a directory that knows two of them."""
    opened = Services(settings, clock, database, CallTable(settings.calls_path))
    store_records(opened, list(legs()), source="import", origin="weeks")
    with database.write() as session:
        session.add(WebexLocation(uuid="s1", webex_id="l", name="Centro", changed_at=NOON))
        for uuid, name, place in ((ANA, "Ana Díaz", "s1"), ("idle", "Idle One", "")):
            session.add(
                WebexPerson(
                    uuid=uuid, webex_id=name, name=name, extension="20", department="Sales", location_uuid=place,
                    changed_at=NOON,
                )
            )  # fmt: skip
    return opened


def legs() -> list[dict[str, object]]:
    number, made = 0, []
    for day in range(1, 31):
        for who, hour in (("Ana", 15), ("Luis", 16)):
            number += 1
            abroad = who == "Ana" and day in (2, 20)
            made.append(
                leg(
                    number, start=NOON - timedelta(days=day, hours=17 - hour), seconds=600 if abroad else 60, User=who,
                    User_UUID=uuid_of(who), Client_type="DEVICE" if day == 1 and who == "Ana" else "WXC_CLIENT",
                    Called_number="+5072223344" if abroad else "+573165550188",
                    Call_type="SIP_INTERNATIONAL" if abroad else "SIP_NATIONAL",
                )
            )  # fmt: skip
    made.append(
        leg(900, start=NOON - timedelta(days=1), User="Menu", User_UUID="menu", User_type="AutomatedAttendantVideo")
    )
    return made


def alert(services: Services, number: int, entity: str = ANA, hours: float = 1, **fields: object) -> None:
    at = services.clock.now() - timedelta(hours=hours)
    told: dict[str, object] = {
        "public_id": f"A-{number}", "dedupe_key": f"k{number}", "detector": "after_hours", "alert_type": "after_hours",
        "severity": "high", "severity_rank": 2, "entity_kind": "user", "entity": entity, "entity_name": "Somebody",
        "first_seen": at, "last_seen": at, "emitted_at": at, "created_at": at, "changed_at": at, "case_id": 1,
    }  # fmt: skip
    with services.database.write() as session:
        if session.get(CaseRow, 1) is None:
            session.add(CaseRow(id=1, public_id="C-1", entity_kind="user", entity=entity, opened_at=at, last_at=at))
            session.flush()
        session.add(AlertRow(**(told | fields)))


def shown(services: Services, **wanted: object) -> list[query.UserRisk]:
    with services.database.read() as session:
        return query.page(session, UserFilter(**wanted), services.clock.now()).users  # type: ignore[arg-type]


def test_users_come_from_calls_and_directory_and_services_stay_out(services: Services) -> None:
    record.refresh(services)
    found = {user.name: user for user in shown(services)}
    assert set(found) == {"Ana Díaz", "Luis", "Idle One"}
    ana, idle = found["Ana Díaz"], found["Idle One"]
    assert (ana.site, ana.department, ana.extension, ana.devices) == ("Centro", "Sales", "20", 2)
    assert (found["Luis"].site, found["Luis"].devices) == ("Bogotá", 1)
    assert ana.last_seen == NOON - timedelta(days=1, hours=2)
    assert (idle.last_seen, idle.risk, idle.band) == (None, 0, "calm")


def test_a_refresh_can_be_repeated_and_goes_on_with_what_is_new(services: Services) -> None:
    record.refresh(services)
    before = shown(services)
    record.refresh(services)
    assert shown(services) == before
    assert isinstance(services.clock, SteppedClock)
    services.clock.step(3600)
    fresh = leg(5000, start=NOON + timedelta(minutes=5), User="Luis", User_UUID=LUIS)
    store_records(services, [fresh], source="feed", origin="page")
    record.refresh(services)
    (luis,) = shown(services, search="luis")
    assert luis.last_seen == NOON + timedelta(minutes=5)
    assert luis.first_seen == NOON - timedelta(days=30, hours=1)


def test_harmless_expected_and_deleted_alerts_do_not_weigh(services: Services) -> None:
    for number, verdict in enumerate(("benign", "tuned", "duplicate"), 10):
        alert(services, number, verdict=verdict, state="resolved", is_open=False)
    alert(services, 20, deleted_at=NOON)
    record.refresh(services)
    (ana,) = shown(services, search="ana")
    assert (ana.risk, ana.anomalies, ana.open_alerts) == (0, 0, 0)
    alert(services, 1, severity="critical", verdict="true_positive", state="resolved", is_open=False)
    alert(services, 2, entity="stranger", hours=24 * 8)
    record.refresh(services)
    (ana,) = shown(services, search="ana")
    assert (ana.band, ana.anomalies, ana.open_alerts) == ("severe", 1, 0)
    assert ana.trend == pytest.approx(ana.risk)
    (stranger,) = shown(services, search="Somebody")
    assert (stranger.uuid, stranger.open_alerts) == ("stranger", 1)
    assert stranger.trend < 0
    with services.database.write() as session:
        session.query(AlertRow).update({"verdict": "benign"})
    record.refresh(services)
    assert [user.risk for user in shown(services)] == [0, 0, 0, 0]


def test_filters_pages_and_choices(services: Services) -> None:
    alert(services, 1)
    record.refresh(services)
    assert [user.name for user in shown(services, sites=("Centro",))] == ["Ana Díaz"]
    assert [user.name for user in shown(services, departments=("Sales",))] == ["Ana Díaz", "Idle One"]
    assert [user.name for user in shown(services, band="elevated")] == ["Ana Díaz"]
    assert len(shown(services, band="calm")) == 2
    assert shown(services, search="%") == []
    now = services.clock.now()
    with services.database.read() as session:
        names, mark = [], None
        while True:
            page = query.page(session, UserFilter(), now, after=mark, limit=1)
            names += [user.name for user in page.users]
            mark = page.next
            if mark is None:
                break
        assert names == ["Ana Díaz", "Idle One", "Luis"]
        assert query.choices(session) == (["Bogotá", "Centro"], ["Sales"])
        assert query.bands(session) == {"calm": 2, "watch": 0, "elevated": 1, "severe": 0}
        with pytest.raises(NotFoundError):
            query.one(session, "nobody", now)


def test_a_filter_goes_through_the_address_and_back() -> None:
    wanted = UserFilter("ana", ("Centro", "Norte"), ("Sales",), "severe")
    assert UserFilter.from_query(wanted.to_query()) == wanted
    assert UserFilter().to_query() == {}
    with pytest.raises(InvalidInputError):
        UserFilter.from_query({"band": "red"})


def test_the_job_works_only_when_there_is_news(services: Services) -> None:
    assert isinstance(services.clock, SteppedClock)
    services.clock.step(60)
    assert score_risk(JobContext(services))["seen"] == 2
    services.clock.step(60)
    assert score_risk(JobContext(services)) == {}
    with services.database.write() as session:
        data_version.bump(session, "alerts", services.clock.now())
    services.clock.step(60)
    assert score_risk(JobContext(services)) != {}
    services.clock.step(1000)
    assert score_risk(JobContext(services)) != {}


def test_what_is_usual_is_read_from_the_calls(services: Services) -> None:
    found = usual.usual(services, ANA)
    (panama,) = found.countries
    assert (panama.country, panama.calls, panama.minutes) == ("PA", 2, 20)
    assert panama.first == NOON - timedelta(days=20, hours=2)
    assert [device.legs for device in found.devices] == [1, 29]
    assert sum(map(sum, found.recent_hours)) == 6
    assert found.usual_hours[0][10] > 0, "three in the afternoon in UTC is ten in Bogotá"
    calls, _, abroad, longest = found.ranges
    assert (calls.middle, abroad.most, abroad.this_week, longest.most) == (1, 10, 10, 10)
    assert usual.usual(services, "nobody") == usual.usual_of([], services.clock.now())
