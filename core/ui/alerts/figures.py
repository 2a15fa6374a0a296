"""Pictures of alerts as pure functions of data."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo

import plotly.graph_objects as go

from core.alerts.query import TREND_DAYS
from core.calls.summaries import Histogram
from core.detection.finding import SEVERITIES
from core.ui.figures import CALM, THEME

TREND_HEIGHT, BASELINE_HEIGHT = 110, 170
_COLORS = {"critical": THEME[0], "high": THEME[3], "medium": "#D8B94A", "low": THEME[6]}


def raised_by_day(raised: Mapping[date, Mapping[str, int]], now: datetime, names: Mapping[str, str]) -> go.Figure:
    """Alerts raised a day by severity over the last weeks, days without any left empty."""
    days = [now.date() - timedelta(days=back) for back in range(TREND_DAYS - 1, -1, -1)]
    figure = go.Figure(
        [
            go.Bar(
                x=days,
                y=[raised.get(day, {}).get(severity, 0) for day in days],
                name=names[severity],
                marker={"color": _COLORS[severity]},
            )
            for severity in SEVERITIES
        ]
    )
    figure.update_layout(
        height=TREND_HEIGHT,
        margin={"l": 0, "r": 0, "t": 4, "b": 0},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        barmode="stack",
        bargap=0.3,
        hovermode="x unified",
        showlegend=False,
    )
    figure.update_xaxes(showgrid=False, fixedrange=True, tickformat="%d/%m", nticks=8)
    figure.update_yaxes(nticks=3, fixedrange=True, rangemode="tozero", tickformat="d")
    return figure


def baseline(bars: Histogram, since: datetime, until: datetime, zone: tzinfo, names: tuple[str, str]) -> go.Figure:
    """Calls a day of an entity over its last weeks; the days of the alert stand out. ``names``: usual, alert."""
    at = [bar.since.astimezone(zone).replace(tzinfo=None) for bar in bars.bars]
    is_alert = [bar.until > since and bar.since <= until for bar in bars.bars]
    figure = go.Figure(
        [
            go.Bar(
                x=at,
                y=[bar.legs if marked is wanted else 0 for bar, marked in zip(bars.bars, is_alert, strict=True)],
                name=name,
                marker={"color": color},
            )
            for wanted, name, color in ((False, names[0], CALM), (True, names[1], THEME[0]))
        ]
    )
    figure.update_layout(
        height=BASELINE_HEIGHT,
        margin={"l": 0, "r": 0, "t": 4, "b": 0},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        barmode="stack",
        bargap=0.25,
        legend={"orientation": "h", "y": 1.25, "x": 1, "xanchor": "right"},
    )
    figure.update_xaxes(showgrid=False, fixedrange=True, tickformat="%d/%m", nticks=8)
    figure.update_yaxes(nticks=4, fixedrange=True, rangemode="tozero")
    return figure
