"""Forwarding changes are judged as the detector's data file says."""

from typing import Any

import pytest

from core.detection.registry import detector
from core.detection.setting_changes import ForwardingChange, alert_of_change

FIXTURES = detector("forwarding_change").about["fixtures"]
MIDNIGHT, BOGOTA = 1_772_427_600.0, -5 * 3600


def change(fixture: dict[str, Any]) -> ForwardingChange:
    return ForwardingChange(
        event="event 1",
        user="ana",
        user_name="Ana",
        home="CO",
        target=fixture["target"],
        previous=fixture["previous"],
        at=MIDNIGHT + fixture["hour"] * 3600,
        offset=BOGOTA,
        by_owner=fixture["by_owner"],
    )


@pytest.mark.parametrize("fixture", FIXTURES)
def test_fixture(fixture: dict[str, Any]) -> None:
    assert change(fixture).hour == fixture["hour"]
    assert (alert_of_change(change(fixture)) is not None) == (fixture["expect"] == "alert")


def test_a_risky_target_at_night_by_somebody_else_is_severe() -> None:
    found = alert_of_change(change(FIXTURES[0]))
    assert found is not None
    assert (found.severity, found.entity, found.evidence) == ("high", "ana", ["event 1"])
