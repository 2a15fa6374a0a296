"""The engine sees only what was known at the moment, keeps one alert for one abuse, and learns nothing from it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from core.calls.normalise import normalise_records
from core.detection.directory import directory_of
from core.detection.engine import Engine
from core.detection.finding import AlertDraft
from core.detection.observation import observations
from core.detection.replay import replay
from tests.calls.records import uuid_of
from tests.detection.fixtures import BEGIN, record, routine_table

NIGHT = BEGIN + timedelta(days=20, hours=22)
EVERYBODY = directory_of({})


def attack(count: int = 12, who: str = "ana", number: int = 5_000_000) -> list[dict[str, Any]]:
    return [record(number + n, who, NIGHT + timedelta(minutes=11 * n), f"+5351234{n:04d}", 900) for n in range(count)]


def table_of(records: list[dict[str, Any]]) -> pa.Table:
    typed = normalise_records(records, source="import", stored_at=BEGIN + timedelta(days=99)).table
    return pa.concat_tables([routine_table(20, ""), typed])


def test_an_alert_rests_only_on_what_was_reported_before_it() -> None:
    table = table_of(attack())
    reported = {leg.report_id: leg.reported for leg in observations(table, EVERYBODY)}
    drafts = list(replay(table, EVERYBODY))
    assert drafts
    assert all(reported[each] <= draft.emitted_at for draft in drafts for each in draft.evidence)


def test_the_future_changes_nothing() -> None:
    legs = attack()
    whole = list(replay(table_of(legs), EVERYBODY))
    first = whole[0]
    known = [leg for leg in observations(table_of(legs), EVERYBODY) if leg.reported <= first.emitted_at]
    engine = Engine(EVERYBODY)
    alone = [draft for draft in engine.feed(known) if draft.is_new]
    assert [_summary(draft) for draft in alone] == [_summary(first)]


def _summary(draft: AlertDraft) -> tuple[str, str, int, list[str]]:
    return draft.detector, draft.entity, draft.emitted_at, draft.evidence


def test_one_abuse_is_one_alert_that_grows() -> None:
    engine = Engine(EVERYBODY, only={"international_calls"})
    drafts = engine.feed(observations(table_of(attack(30)), EVERYBODY))
    assert [draft.is_new for draft in drafts].count(True) == 1
    assert len({draft.dedupe_key for draft in drafts}) == 1
    assert len(drafts[-1].evidence) > len(drafts[0].evidence)


def test_copies_of_a_record_count_once() -> None:
    legs = attack(3)
    once, twice = (list(replay(table_of(told), EVERYBODY)) for told in (legs, [*legs, *legs, *legs]))
    assert [_summary(draft) for draft in once] == [_summary(draft) for draft in twice]


def test_a_warm_up_is_silent() -> None:
    assert list(replay(table_of(attack()), EVERYBODY, warmup_days=30)) == []


def test_an_attack_does_not_become_a_habit() -> None:
    week = [
        record(
            5_000_000 + 100 * day + n, "ana", NIGHT + timedelta(days=day, minutes=11 * n), f"+535123{day}{n:03d}", 900
        )
        for day in range(9)
        for n in range(4)
    ]
    drafts = Engine(EVERYBODY, only={"international_calls"}).feed(observations(table_of(week), EVERYBODY))
    assert len(drafts[-1].evidence) == len(week)


@pytest.mark.parametrize("detector", ["mass_dialing", "short_calls", "after_hours"])
def test_a_declared_campaign_raises_nothing(detector: str) -> None:
    start = BEGIN + timedelta(days=19, hours=10)
    legs = [record(6_000_000 + n, "ana", start + timedelta(seconds=20 * n), f"+573111{n:06d}", 5) for n in range(150)]
    campaign = {"users": [uuid_of("ana")], "start": "2026-03-21", "end": "2026-03-21"}
    directory = directory_of({"campaigns": [campaign]})
    assert Engine(directory, only={detector}).feed(observations(table_of(legs), directory)) == []
    if detector != "after_hours":
        assert Engine(EVERYBODY, only={detector}).feed(observations(table_of(legs), EVERYBODY))


def test_drafts_handed_out_do_not_change_later() -> None:
    engine = Engine(EVERYBODY, only={"international_calls"})
    legs = list(observations(table_of(attack(20)), EVERYBODY))
    first = next(draft for leg in legs if (found := engine.feed((leg,))) for draft in found)
    before = replace(first, evidence=list(first.evidence))
    engine.feed(legs[-5:])
    assert first == before
