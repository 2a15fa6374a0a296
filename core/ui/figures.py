"""Figures as pure functions of data: no Streamlit, no colours of their own where the theme has one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

import plotly.graph_objects as go

from core.calls.summaries import Bar, Histogram

HISTOGRAM_HEIGHT = 150
TREND_HEIGHT = 300
THEME = tuple(f"#0000{position:02d}" for position in range(1, 9))
"""Streamlit's stand-ins for the categorical colours of the theme in use; the browser puts light or dark ones there."""
CALM, MUTED = THEME[1], THEME[6]
CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}


@dataclass(frozen=True)
class Series:
    """One line of a trend: its name and its values, one a bucket."""

    name: str
    values: Sequence[float]


def _layout(height: int, **more: Any) -> dict[str, Any]:
    return {
        "height": height,
        "margin": {"l": 0, "r": 0, "t": 8, "b": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hovermode": "x unified",
        "bargap": 0.12,
        "xaxis": {"showgrid": False, "fixedrange": True, "tickformatstops": _tick_formats()},
        **more,
    }


def legs_by_time(bars: Histogram, zone: tzinfo, names: Mapping[str, str]) -> go.Figure:
    """Stacked bars of legs over time, conversations and others, to be brushed sideways; times of ``zone``.

    ``names`` holds the legend's texts: ``conversations`` and ``other``.
    """
    at = [_naive(bar.since + bars.width / 2, zone) for bar in bars.bars]
    width = bars.width.total_seconds() * 1000 * 0.9
    return go.Figure(
        [
            _bar(at, [bar.conversations for bar in bars.bars], width, names["conversations"], CALM),
            _bar(at, [bar.legs - bar.conversations for bar in bars.bars], width, names["other"], MUTED),
        ],
        _layout(
            HISTOGRAM_HEIGHT,
            barmode="stack",
            dragmode="select",
            selectdirection="h",
            legend={"orientation": "h", "y": 1.25, "x": 1, "xanchor": "right"},
            yaxis={"nticks": 4, "fixedrange": True, "rangemode": "tozero"},
        ),
    )


def _bar(at: Sequence[datetime], values: Sequence[float], width: float, name: str, colour: str) -> go.Bar:
    return go.Bar(x=at, y=list(values), width=width, name=name, marker={"color": colour})


def brushed(bars: Histogram, selection: Mapping[str, Any], zone: tzinfo) -> tuple[datetime, datetime] | None:
    """The stretch of time that a brush over ``legs_by_time`` covers, in whole bars; ``None`` without a brush."""
    boxes = selection.get("box") or []
    if not boxes or len(boxes[0].get("x", ())) < 2:
        return None
    first, last = sorted(str(edge).replace(" ", "T") for edge in boxes[0]["x"][:2])
    touched = [bar for bar in bars.bars if _touches(bar, bars.width, first, last, zone)]
    return (touched[0].since, touched[-1].until) if touched else None


def _touches(bar: Bar, width: timedelta, first: str, last: str, zone: tzinfo) -> bool:
    middle = _naive(bar.since + width / 2, zone).isoformat()
    return first <= middle <= last


def trend(at: Sequence[datetime], series: Sequence[Series], zone: tzinfo) -> go.Figure:
    """Lines over time, one a site; times of ``zone``."""
    local = [_naive(instant, zone) for instant in at]
    return go.Figure(
        [
            go.Scatter(
                x=local,
                y=list(one.values),
                name=one.name,
                mode="lines",
                line={"width": 2, "color": THEME[position % len(THEME)]},
            )
            for position, one in enumerate(series)
        ],
        _layout(
            TREND_HEIGHT,
            legend={"orientation": "h", "y": -0.15, "x": 0},
            yaxis={"nticks": 5, "fixedrange": True, "rangemode": "tozero"},
        ),
    )


def _naive(instant: datetime, zone: tzinfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


def _tick_formats() -> list[dict[str, Any]]:
    day = 86_400_000
    return [
        {"dtickrange": [None, day - 1], "value": "%H:%M\n%d/%m"},
        {"dtickrange": [day, None], "value": "%d/%m"},
    ]
