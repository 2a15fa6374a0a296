"""Live passes over the table of calls say what a replay says, once, also after a restart."""

from datetime import timedelta
from typing import Any

import pytest

from core.calls.ingest import store_records
from core.clock import SteppedClock
from core.detection.live import LiveDetection, analyse_user, run_live
from core.errors import NotFoundError
from core.services import Services
from tests.calls.records import uuid_of
from tests.detection.fixtures import BEGIN, record

NIGHT = BEGIN + timedelta(days=20, hours=22)
ATTACK = [record(8_000_000 + n, "ana", NIGHT + timedelta(minutes=9 * n), f"+5351234{n:04d}", 500) for n in range(10)]


def store(services: Services, records: list[dict[str, Any]], minutes: float) -> None:
    assert isinstance(services.clock, SteppedClock)
    services.clock.step(minutes * 60)
    store_records(services, records, source="feed", origin="page")


def test_each_page_is_judged_once(services: Services) -> None:
    live = LiveDetection(services, services.clock.now())
    assert live.catch_up() == []
    found = []
    for each in ATTACK:
        store(services, [each], 10)
        found += live.catch_up()
        assert live.catch_up() == []
    fresh = [draft for draft in found if draft.is_new]
    assert [draft.entity for draft in fresh] == [uuid_of("ana")]
    assert fresh[0].emitted_at < (NIGHT + timedelta(hours=1)).timestamp()
    assert set(found[-1].evidence) <= {each["Report ID"] for each in ATTACK}


def test_a_new_process_goes_on_where_the_last_ended(services: Services) -> None:
    store(services, ATTACK[:5], 60)
    told = services.clock.now()
    assert any(draft.is_new for draft in run_live(services, told - timedelta(minutes=30)))
    store(services, ATTACK[5:], 60)
    assert [draft.is_new for draft in run_live(services, told)].count(True) == 0


def test_one_user_on_request(services: Services) -> None:
    store(services, ATTACK, 120)
    found = analyse_user(services, uuid_of("ana"), ["international_calls"], days=7)
    assert [draft.detector for draft in found] == ["international_calls"]
    assert analyse_user(services, uuid_of("p3"), days=7) == []
    with pytest.raises(NotFoundError):
        analyse_user(services, uuid_of("nobody"))
