"""Each detector beside its data: fixtures hold, bounds hold, texts stand in both languages."""

from collections import Counter
from typing import Any

import pytest

from core.detection.finding import SEVERITIES
from core.detection.registry import Detector, detectors
from core.errors import InvalidInputError
from tests.detection.fixtures import alerts_of

LEGWISE = [known for known in detectors() if known.looks_at]
CASES = [
    pytest.param(known, fixture, id=f"{known.id}-{number}-{fixture['case']}")
    for known in LEGWISE
    for number, fixture in enumerate(known.about["fixtures"])
]


@pytest.mark.parametrize(("known", "fixture"), CASES)
def test_fixture_is_judged_as_its_data_file_says(known: Detector, fixture: dict[str, Any]) -> None:
    found = alerts_of(known.id, fixture)
    assert bool(found) == (fixture["expect"] == "alert"), [draft.explanation for draft in found]


@pytest.mark.parametrize("known", detectors(), ids=lambda known: known.id)
def test_data_file_is_complete(known: Detector) -> None:
    about = known.about
    cases = Counter(fixture["case"] for fixture in about["fixtures"])
    assert cases["positive"] >= 2
    assert cases["negative"] >= 2
    assert cases["cold_start"] >= 1
    assert about["severity"] in SEVERITIES
    assert about["mitre"]
    assert about["gsma"]
    texts = [
        about[key][language] for key in ("name", "purpose", "false_positives", "runbook") for language in ("en", "es")
    ]
    assert all(text.strip() for text in texts)
    assert 0 < about["risk"]["confidence"] <= 100
    assert 0 < about["risk"]["impact"] <= 100


@pytest.mark.parametrize("known", detectors(), ids=lambda known: known.id)
def test_parameters_stay_within_their_bounds(known: Detector) -> None:
    assert all(each.minimum <= each.default <= each.maximum for each in known.parameters)
    for each in known.parameters:
        with pytest.raises(InvalidInputError):
            known.with_changes({each.name: each.maximum + 1})
        assert known.with_changes({each.name: each.minimum})[each.name] == each.minimum
    with pytest.raises(InvalidInputError):
        known.with_changes({"unheard_of": 1})
