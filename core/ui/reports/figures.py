"""Pictures of reports as Plotly figures: pure functions of data, in the colours of the theme."""

from datetime import datetime
from typing import Any

import plotly.graph_objects as go

from core.language import Language
from core.reports.document import Picture
from core.reports.periods import Period
from core.reports.spelling import label
from core.ui.figures import THEME

_SEPARATORS: dict[Language, str] = {"en": ".,", "es": ",."}
"""Decimal point and thousands, as Plotly takes them."""

_FEW = 5
HEIGHT, ROW_HEIGHT, LONGEST_NAME, MOST_LABELS = 260, 26, 32, 10


def drawn(picture: Picture, period: Period, language: Language) -> go.Figure:
    """A picture of a report; times by the clock of its period, numbers as the language writes them."""
    figure = _ranks(picture, period) if picture.form == "ranks" else _over_time(picture, period)
    return figure.update_layout(separators=_SEPARATORS[language])


def _over_time(picture: Picture, period: Period) -> go.Figure:
    """Bars or lines one beside the other, whatever their true lengths: an hour of a clock change, a cut first week."""
    places = list(range(len(picture.labels)))
    told = [_told(one, period) for one in picture.labels]
    traces = []
    for position, one in enumerate(picture.series):
        color = THEME[picture.tone(position)]
        shared = {"x": places, "y": list(one.values), "name": one.title, "customdata": told}
        hover = "%{customdata}: %{y:,.10~g}"
        if picture.form == "bars":
            traces.append(go.Bar(**shared, hovertemplate=hover, marker={"color": color}))
        else:
            line = {"width": 2, "color": color}
            traces.append(go.Scatter(**shared, hovertemplate=hover, mode="lines", line=line))
    every = max(1, -(-len(places) // MOST_LABELS))
    return go.Figure(
        traces,
        _layout(
            HEIGHT,
            barmode="stack",
            bargap=0.2,
            showlegend=len(picture.series) > 1,
            legend={"orientation": "h", "y": -0.15, "x": 0, "traceorder": "normal"},
            xaxis={
                "showgrid": False,
                "fixedrange": True,
                "tickangle": 0,
                "tickvals": places[::every],
                "ticktext": [label(one, period) for one in picture.labels[::every]],
            },
            yaxis={"nticks": 5, "fixedrange": True, "rangemode": "tozero", **_ticks(picture)},
        ),
    )


def _told(at: datetime | str, period: Period) -> str:
    return at if isinstance(at, str) else at.astimezone(period.clock).strftime("%Y-%m-%d %H:%M")


def _ranks(picture: Picture, period: Period) -> go.Figure:
    values = list(picture.series[0].values) if picture.series else []
    names = [label(one, period) for one in picture.labels]
    shown = [name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…" for name in names]
    places = list(range(len(names)))
    bar = go.Bar(
        x=values,
        y=places,
        orientation="h",
        marker={"color": THEME[picture.tone(0)]},
        customdata=names,
        hovertemplate="%{customdata}: %{x}<extra></extra>",
        texttemplate="%{x:.1%}" if picture.kind == "share" else "%{x:,.10~g}",
        textposition="outside",
        cliponaxis=False,
    )
    return go.Figure(
        [bar],
        _layout(
            max(90, 30 + ROW_HEIGHT * len(names)),
            margin={"l": 0, "r": 60, "t": 4, "b": 0},
            bargap=0.35,
            showlegend=False,
            xaxis={"visible": False, "fixedrange": True},
            yaxis={
                "autorange": "reversed",
                "fixedrange": True,
                "tickvals": places,
                "ticktext": shown,
                "automargin": True,
            },
        ),
    )


def _ticks(picture: Picture) -> dict[str, Any]:
    """What is counted is marked by whole steps, however little it is."""
    if picture.kind == "share":
        return {"tickformat": ".0%"}
    highest = max((sum(values) for values in zip(*(one.values for one in picture.series), strict=True)), default=0)
    return {"dtick": 1} if picture.kind == "count" and highest < _FEW else {}


def _layout(height: int, **more: Any) -> dict[str, Any]:
    return {
        "height": height,
        "margin": {"l": 0, "r": 0, "t": 8, "b": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        **more,
    }
