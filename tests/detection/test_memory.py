"""What the engine remembers: kept for the next process, never taught by abuse, after all by what was harmless."""

from datetime import timedelta

import pyarrow as pa
import pytest

from core.clock import SteppedClock
from core.detection import snapshot
from core.detection.directory import directory_of
from core.detection.engine import Engine
from core.detection.live import SNAPSHOT, LiveDetection
from core.detection.observation import observations
from core.services import Services
from tests.calls.records import uuid_of
from tests.detection.fixtures import BEGIN, record, routine_table
from tests.detection.test_engine import table_of
from tests.detection.test_live import NIGHT, store

EVERYBODY = directory_of({})
POLAND = [
    record(6_000_000 + 10 * day + n, "ana", BEGIN + timedelta(days=18 + day, hours=10 + n), f"+4850123{n:04d}", 1500)
    for day in range(2)
    for n in range(3)
]
LATER = [
    record(6_100_000 + n, "ana", BEGIN + timedelta(days=24, hours=10 + n), f"+4850123{n:04d}", 600) for n in range(3)
]


@pytest.mark.parametrize(("verdict", "raised"), [("", True), ("true_positive", True), ("benign", False)])
def test_a_verdict_decides_whether_an_alert_teaches(verdict: str, raised: bool) -> None:
    engine = Engine(EVERYBODY, only={"international_calls"})
    found = engine.feed(observations(table_of(POLAND), EVERYBODY))
    assert [draft.is_new for draft in found].count(True) == 1
    if verdict:
        engine.decide(dict.fromkeys(found[-1].evidence, verdict))
    ordinary = [record(7_000_000 + n, "p3", BEGIN + timedelta(days=20 + n), "+573101234567", 60) for n in (0, 3)]
    typed = table_of([*ordinary, *LATER]).slice(routine_table(20, "").num_rows)
    again = engine.feed(observations(typed, EVERYBODY))
    assert any(draft.is_new for draft in again) == raised


def test_confirmed_abuse_never_teaches_a_memory_built_anew() -> None:
    ids = [each["Report ID"] for each in POLAND]
    legs = [leg for leg in observations(table_of(POLAND), EVERYBODY) if leg.report_id in ids]
    engines = []
    for verdicts in ({}, dict.fromkeys(ids, "true_positive")):
        engine = Engine(EVERYBODY, only={"satellite"})
        engine.decide(verdicts)
        engine.feed(observations(table_of(POLAND), EVERYBODY))
        engine.habits.advance(legs[-1].reported + 3 * 86_400)
        engines.append(engine)
    taught, kept_out = (engine.habits.people[uuid_of("ana")].destinations for engine in engines)
    assert "PL" in taught
    assert "PL" not in kept_out


def test_a_new_process_starts_from_the_kept_memory(services: Services) -> None:
    attack = [record(8_000_000 + n, "ana", NIGHT + timedelta(minutes=9 * n), f"+5351234{n:04d}", 500) for n in range(9)]
    first = LiveDetection(services, services.clock.now())
    store(services, attack[:5], 60)
    assert any(draft.is_new for draft in first.catch_up())
    first.keep()
    assert isinstance(services.clock, SteppedClock)
    begun = first.watermark
    services.calls.delete_before((NIGHT - timedelta(days=1)).date())
    second = LiveDetection(services, begun)
    store(services, attack[5:], 60)
    grown = second.catch_up()
    assert grown
    assert not any(draft.is_new for draft in grown)
    assert {each["Report ID"] for each in attack[:5]} & set(grown[-1].evidence)


def test_a_memory_of_others_is_passed_over(services: Services) -> None:
    live = LiveDetection(services, services.clock.now())
    live.keep()
    path = services.settings.data_dir / SNAPSHOT
    assert path.stat().st_mode & 0o077 == 0
    assert snapshot.load(path, b"another key") is None
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(bytes(content))
    assert LiveDetection(services, services.clock.now()).catch_up() == []
    path.write_bytes(b"")
    assert LiveDetection(services, services.clock.now()).catch_up() == []


def test_only_plain_classes_of_our_own_are_read(services: Services) -> None:
    path = services.settings.data_dir / "foreign"
    snapshot.save(path, {"call": pa.table}, b"key")
    with pytest.raises(Exception, match="pyarrow"):
        snapshot.load(path, b"key")
