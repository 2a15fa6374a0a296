"""Pictures of a user as pure functions of data."""

from collections.abc import Sequence
from datetime import date, datetime, tzinfo

import plotly.graph_objects as go

from core.ui.figures import CALM, THEME

GRID_HEIGHT, LINE_HEIGHT = 210, 150
_HEAT = [[0.0, "rgba(227,5,25,0.04)"], [1.0, "rgba(227,5,25,0.95)"]]
"""One hue on a clear ground, so that it reads on light and dark."""


def week_grid(hours: Sequence[Sequence[float]], most: float, days: Sequence[str]) -> go.Figure:
    """Calls by hour of the week, Monday on top; ``most`` is the value of the full colour."""
    figure = go.Figure(
        go.Heatmap(
            z=[list(row) for row in hours],
            x=list(range(24)),
            y=list(days),
            zmin=0,
            zmax=max(most, 0.5),
            colorscale=_HEAT,
            showscale=False,
            xgap=1,
            ygap=1,
            hovertemplate="%{y} %{x}:00 · %{z:.1f}<extra></extra>",
        )
    )
    figure.update_layout(**_plain(GRID_HEIGHT))
    figure.update_xaxes(fixedrange=True, showgrid=False, tickvals=[0, 6, 12, 18], ticksuffix=":00")
    figure.update_yaxes(fixedrange=True, showgrid=False, autorange="reversed")
    return figure


def risk_line(points: Sequence[tuple[datetime, float]], zone: tzinfo) -> go.Figure:
    """The score over time on its whole scale."""
    at = [instant.astimezone(zone).replace(tzinfo=None) for instant, _ in points]
    values = [round(value, 1) for _, value in points]
    line = {"width": 2, "color": THEME[0], "shape": "hv"}
    figure = go.Figure(go.Scatter(x=at, y=values, mode="lines", line=line))
    # The line meets a score that has just risen at the very edge, where it cannot be seen.
    now = {"size": 9, "color": THEME[0]}
    figure.add_scatter(x=at[-1:], y=values[-1:], mode="markers", marker=now, cliponaxis=False)
    figure.update_layout(**_plain(LINE_HEIGHT))
    figure.update_xaxes(fixedrange=True, showgrid=False, tickformat="%d/%m", nticks=7)
    figure.update_yaxes(fixedrange=True, range=[0, 100], tickvals=[0, 20, 45, 75, 100])
    return figure


def minutes_by_day(days: Sequence[tuple[date, float]]) -> go.Figure:
    """Minutes a day, the last week in the colour that stands out."""
    colours = [CALM] * max(0, len(days) - 7) + [THEME[0]] * min(7, len(days))
    bars = go.Bar(x=[day for day, _ in days], y=[minutes for _, minutes in days], marker={"color": colours})
    figure = go.Figure(bars)
    figure.update_layout(**_plain(LINE_HEIGHT))
    figure.update_xaxes(fixedrange=True, showgrid=False, tickformat="%d/%m", nticks=7)
    figure.update_yaxes(fixedrange=True, rangemode="tozero", nticks=4)
    return figure


def _plain(height: int) -> dict[str, object]:
    return {
        "height": height,
        "margin": {"l": 0, "r": 0, "t": 4, "b": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "bargap": 0.2,
    }
