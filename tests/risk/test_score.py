"""The score fades by half in three days, never leaves its scale, and counts what the reference says."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.detection.finding import SEVERITIES
from core.risk import score
from core.risk.score import BANDS, HALF_LIFE, WEIGHTS, Weighed
from tests.conftest import NOON

alerts = st.lists(
    st.builds(
        lambda severity, hours, grew: Weighed(
            severity, NOON - timedelta(hours=hours + grew), NOON - timedelta(hours=hours)
        ),
        st.sampled_from(SEVERITIES),
        st.floats(0, 2000),
        st.floats(0, 100),
    ),
    max_size=30,
)


@pytest.mark.parametrize(
    ("severity", "expected"), [("low", 15.35), ("medium", 34.08), ("high", 56.54), ("critical", 77.69)]
)
def test_one_fresh_alert_gives_the_score_of_its_severity(severity: str, expected: float) -> None:
    total = score.weight_sum([Weighed(severity, NOON, NOON)], NOON)  # type: ignore[arg-type]
    assert score.score(total) == pytest.approx(expected, abs=0.01)


@given(alerts, st.floats(0, 60))
def test_the_sum_kept_at_one_instant_gives_the_score_at_every_later_one(found: list[Weighed], days: float) -> None:
    later = timedelta(days=days)
    kept = score.score(score.weight_sum(found, NOON), later)
    assert kept == pytest.approx(score.score(score.weight_sum(found, NOON + later)), abs=1e-6)


@given(alerts)
def test_it_stays_on_its_scale_and_an_alert_more_never_lowers_it(found: list[Weighed]) -> None:
    before = score.score(score.weight_sum(found, NOON))
    after = score.score(score.weight_sum([*found, Weighed("low", NOON, NOON)], NOON))
    assert 0 <= before <= after <= 100


@given(alerts)
def test_the_weight_halves_every_three_days(found: list[Weighed]) -> None:
    now, later = score.weight_sum(found, NOON), score.weight_sum(found, NOON + HALF_LIFE)
    assert later == pytest.approx(now / 2)


@given(st.floats(0, 1000))
def test_a_band_of_sums_is_the_band_of_their_scores(total: float) -> None:
    wanted = score.band(score.score(total))
    low, high = score.sums_of(wanted)
    assert low - 1e-9 <= total <= high + 1e-9


def test_bands_meet_without_gaps() -> None:
    edges = [score.sums_of(band) for band in BANDS]
    assert [upper for _, upper in edges[:-1]] == [lower for lower, _ in edges[1:]]
    assert [score.band(value) for value in (0, 19.9, 20, 45, 75, 75.1, 100)] == [
        "calm", "calm", "watch", "elevated", "elevated", "severe", "severe",
    ]  # fmt: skip


def test_history_rises_with_an_alert_and_fades_after_it() -> None:
    found = [Weighed("high", NOON - timedelta(days=5), NOON - timedelta(days=4))]
    line = score.history(found, NOON, 10, timedelta(days=1))
    values = [value for _, value in line]
    assert [at for at, _ in line][-1] == NOON
    assert values[:5] == [0] * 5
    assert values[5] == values[6] == max(values) == pytest.approx(score.score(WEIGHTS["high"]))
    assert values[6] > values[7] > values[-1] > 0
