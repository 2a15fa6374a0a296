"""The figures are pure functions; the brush over a histogram means whole bars of the viewer's zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.calls.summaries import Bar, Histogram
from core.ui import figures

BOGOTA = ZoneInfo("America/Bogota")
START = datetime(2026, 11, 20, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def bars() -> Histogram:
    """A day of hours from midnight in Bogotá."""
    return Histogram(
        HOUR, tuple(Bar(START + n * HOUR, START + (n + 1) * HOUR, legs=n, conversations=n // 2) for n in range(24))
    )


def box(first: str, last: str) -> dict[str, object]:
    return {"box": [{"x": [first, last], "y": [0, 9]}]}


def test_a_brush_means_the_bars_whose_middle_it_covers(bars: Histogram) -> None:
    found = figures.brushed(bars, box("2026-11-20 08:20:00.5", "2026-11-20 10:40"), BOGOTA)
    assert found == (START + 8 * HOUR, START + 11 * HOUR)


def test_a_brush_from_right_to_left_means_the_same(bars: Histogram) -> None:
    one = figures.brushed(bars, box("2026-11-20 08:20", "2026-11-20 10:40"), BOGOTA)
    assert figures.brushed(bars, box("2026-11-20 10:40", "2026-11-20 08:20"), BOGOTA) == one


@pytest.mark.parametrize("selection", [{}, {"box": []}, {"box": [{"x": [], "y": []}]}])
def test_no_brush_means_nothing(bars: Histogram, selection: dict[str, object]) -> None:
    assert figures.brushed(bars, selection, BOGOTA) is None


def test_a_brush_between_two_middles_means_nothing(bars: Histogram) -> None:
    assert figures.brushed(bars, box("2026-11-20 08:31", "2026-11-20 08:40"), BOGOTA) is None


def test_the_histogram_stands_in_the_viewers_time_and_adds_up(bars: Histogram) -> None:
    figure = figures.legs_by_time(bars, BOGOTA, {"conversations": "a", "other": "b"})
    assert figure.data[0].x[0] == datetime(2026, 11, 20, 0, 30)  # noqa: DTZ001  # as Plotly takes it
    assert sum(figure.data[0].y) + sum(figure.data[1].y) == sum(bar.legs for bar in bars.bars)


def test_a_trend_has_a_line_for_each_site() -> None:
    at = [START, START + HOUR]
    figure = figures.trend(at, [figures.Series("Bogotá", [1, 2]), figures.Series("Denver", [3, 4])], BOGOTA)
    assert [line.name for line in figure.data] == ["Bogotá", "Denver"]
    assert len({line.line.color for line in figure.data}) == 2
