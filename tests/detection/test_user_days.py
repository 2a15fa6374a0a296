"""The second net over whole days tells what its data file says, and nothing where it knows too little."""

from typing import Any

import pyarrow as pa
import pytest

from core.detection.directory import Directory
from core.detection.observation import observations
from core.detection.registry import detector
from core.detection.user_days import FEATURES, features
from jobs.user_day_outliers import days_of, draft_of, outliers
from tests.calls.records import uuid_of
from tests.detection.fixtures import legs_table, routine_table

KNOWN = detector("user_day_outlier")


@pytest.mark.parametrize("fixture", KNOWN.about["fixtures"])
def test_fixture(fixture: dict[str, Any]) -> None:
    table = pa.concat_tables([routine_table(fixture["days"], ""), legs_table(fixture["legs"])])
    days = days_of(observations(table, Directory()))
    last = max(day.day for day in days)
    found = list(outliers(days, last, KNOWN.defaults()))
    assert [day.user for day, _ in found] == ([uuid_of("ana")] if fixture["expect"] == "alert" else [])
    for day, finding in found:
        draft = draft_of(day, finding, 1)
        assert draft.severity == "low"
        assert set(draft.explanation["observed"]) <= set(FEATURES)


def test_an_empty_day_is_all_zeros() -> None:
    assert features([]) == [0.0] * len(FEATURES)
