"""When a test is due, and what no test can be."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.errors import InvalidInputError
from core.number_tests import slots
from tests.number_tests.desk import TEST


@pytest.mark.parametrize(
    ("changes", "now", "slot"),
    [
        ({}, "2026-11-20T17:01", "2026-11-20T17:00"),
        ({}, "2026-11-20T17:04", None),
        ({}, "2026-11-20T12:00", "2026-11-20T12:00"),
        ({}, "2026-11-20T11:59", None),
        ({}, "2026-11-21T00:00", None),
        ({"weekdays": (0,)}, "2026-11-20T17:01", None),
        ({"every_minutes": 45, "last_hour": 24}, "2026-11-21T04:31", "2026-11-21T04:30"),
        ({"every_minutes": 1440}, "2026-11-20T17:00", None),
        # New York left summer time at 06:00 UTC on 1 November 2026: 01:00 came twice, each slot once.
        ({"time_zone": "America/New_York", "first_hour": 0}, "2026-11-01T06:00", "2026-11-01T06:00"),
    ],
)
def test_a_slot_is_due_for_a_short_while(changes: dict[str, Any], now: str, slot: str | None) -> None:
    test = replace(TEST, **changes)
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    found = slots.due(test, at - timedelta(days=1), at)
    assert found == (datetime.fromisoformat(slot).replace(tzinfo=UTC) if slot else None)
    assert found is None or slots.due(test, found, at) is None, "what lies before it was set up is not dialled"
    assert slots.following(test, at) > at
    assert found is None or slots.following(test, found - timedelta(seconds=1)) == found


def test_a_week_without_the_hour_of_a_test_is_passed_over() -> None:
    # New York entered summer time on Sunday, 8 March 2026: there was no hour from two to three.
    test = replace(TEST, time_zone="America/New_York", weekdays=(6,), first_hour=2, last_hour=3)
    week_before = datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert slots.following(test, week_before) == datetime(2026, 3, 15, 6, tzinfo=UTC)
    assert slots.due(test, week_before, datetime(2026, 3, 8, 7, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "}, {"number": "911; --"}, {"endpoint": "Local/911@out/{number}"}, {"endpoint": "PJSIP/911@trunk"},
        {"expects": "rings"}, {"within_seconds": 0}, {"hold_seconds": 600}, {"media": "recording:x"}, {"weekdays": ()},
        {"weekdays": (7,)}, {"first_hour": 9, "last_hour": 9}, {"time_zone": "Mars"}, {"every_minutes": 4},
        {"caller_id": "x" * 50},
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        replace(TEST, **wrong)
