"""The figures of an evaluation, counted by hand."""

from pathlib import Path

import pytest

from core.detection.evaluate import Incident, false_in_campaigns, incidents_of, judge, quantile, score
from core.errors import InvalidInputError
from jobs.evaluate import understood

INCIDENTS = [
    Incident("one", "night", frozenset({"a", "b", "c"}), 1000.0),
    Incident("two", "flood", frozenset({"x", "y"}), 2000.0),
]


def alert(at: float, *evidence: str, severity: str = "medium") -> dict[str, object]:
    return {"detector": "d", "severity": severity, "entity": "u", "emitted_at": at, "evidence": list(evidence)}


def test_figures() -> None:
    alerts = [alert(1600, "a", "q"), alert(1300, "b"), alert(50, "q", "r", "a", severity="high"), alert(60, "s")]
    figures = score(judge(alerts, INCIDENTS), INCIDENTS, users=100, days=10)
    assert (figures.found, figures.incidents, figures.alerts, figures.true_alerts) == (1, 2, 4, 2)
    assert figures.recall == pytest.approx(0.5)
    assert figures.precision == pytest.approx(0.5)
    assert figures.false_per_thousand == pytest.approx(2.0)
    assert figures.severe_false_per_thousand == pytest.approx(1.0)
    assert figures.delay_median == pytest.approx(5.0)
    assert figures.by_kind == {"flood": (0, 1, None), "night": (1, 1, pytest.approx(5.0))}


def test_an_alert_without_evidence_is_false() -> None:
    assert judge([alert(1)], INCIDENTS)[0].incident is None


def test_false_alerts_on_declared_campaigns_are_counted_apart() -> None:
    day = 86_400
    alerts = [alert(9 * day + 5, "q"), alert(9 * day + 6, "a"), alert(12 * day, "q")]
    assert false_in_campaigns(judge(alerts, INCIDENTS), {"u": {8, 9, 10}}) == 1
    assert false_in_campaigns(judge(alerts, INCIDENTS), {}) == 0


def test_quantiles_interpolate() -> None:
    assert quantile([], 0.5) is None
    assert quantile([4.0, 1.0, 3.0, 2.0], 0.5) == pytest.approx(2.5)
    assert quantile([1.0, 2.0], 0.9) == pytest.approx(1.9)


def test_both_spellings_of_labels() -> None:
    ours = {"id": "1", "kind": "k", "began": 5, "records": ["a"]}
    sandbox = {"id": "1", "kind": "k", "started": 5.0, "report_ids": ["a"]}
    assert incidents_of([ours]) == incidents_of([sandbox])


@pytest.mark.parametrize("began", ["1970-01-01T01:00:00Z", "1970-01-01T03:00:00+02:00", "1970-01-01 01:00", 3600])
def test_an_incident_begins_at_an_instant_in_seconds_or_in_words(began: str | int) -> None:
    assert incidents_of([{"id": "1", "began": began, "records": ["a"]}])[0].began == 3600.0


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"id": "1", "began": "yesterday", "records": []}', "labels.jsonl:2"),
        ('{"id": "1", "records": ["a"]}', "labels.jsonl:2 began"),
        ('{"id": "1", "began": 5}', "labels.jsonl:2 records"),
        ('{"id": "1", "began": 5, "records": 7}', "labels.jsonl:2"),
        ('{"id": "1", "began": null, "records": []}', "labels.jsonl:2"),
        ("7", "labels.jsonl:2"),
        ("{", "labels.jsonl:2"),
    ],
)
def test_a_label_that_lacks_something_is_named_by_its_line(tmp_path: Path, line: str, told: str) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text('{"id": "0", "began": 5, "records": ["a"]}\n' + line)
    with pytest.raises(InvalidInputError) as refused:
        understood(path, incidents_of)
    assert refused.value.facts["field"] == told


def test_an_array_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    path.write_text('[{"id": "0"')
    with pytest.raises(InvalidInputError):
        understood(path, incidents_of)
