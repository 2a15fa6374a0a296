"""The bars of a call as a figure: a row for each participant, to scale; a pure function of the bars."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

import plotly.graph_objects as go

from core.journeys.ladder import participant_label, plain
from core.journeys.segments import Doing, Segment, Segments
from core.language import Language
from core.ui.figures import THEME

_COLOURS = {
    Doing.WAIT: THEME[1],
    Doing.RING: THEME[3],
    Doing.TALK: THEME[2],
    Doing.HOLD: THEME[6],
    Doing.TRANSFER: THEME[4],
    Doing.MESSAGE: THEME[7],
}
_ROW, _FRAME = 34, 84


def bars(drawn: Segments, zone: tzinfo, names: Mapping[Doing, str], language: Language) -> go.Figure:
    """What each participant did when, by the clock of ``zone``; dashed lines where a record is missing.

    ``names`` holds the legend's texts.
    """
    rows = {participant.key: position for position, participant in enumerate(drawn.participants)}
    labels = [plain(participant_label(one, language)[0]) for one in drawn.participants]
    figure = go.Figure(
        [
            _trace([bar for bar in drawn.bars if bar.doing is doing], doing, names[doing], rows, zone)
            for doing in _COLOURS
            if any(bar.doing is doing for bar in drawn.bars)
        ]
    )
    figure.update_layout(
        height=_FRAME + _ROW * len(labels),
        margin={"l": 0, "r": 8, "t": 8, "b": 0},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        barmode="overlay",
        showlegend=True,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
    extent = [_naive(drawn.started, zone), _naive(drawn.ended, zone)]
    figure.update_xaxes(type="date", range=extent, fixedrange=True, tickformat="%H:%M:%S", nticks=5, showgrid=True)
    figure.update_yaxes(
        tickvals=list(rows.values()),
        ticktext=labels,
        autorange="reversed",
        fixedrange=True,
        showgrid=False,
        automargin=True,
    )
    for at in drawn.missing:
        figure.add_vline(x=_naive(at, zone), line={"dash": "dot", "width": 2, "color": THEME[0]})
    return figure


def _trace(found: list[Segment], doing: Doing, name: str, rows: Mapping[str, int], zone: tzinfo) -> go.Bar:
    clocks: list[Any] = [
        (f"{_naive(bar.since, zone):%H:%M:%S}", f"{_naive(bar.until, zone):%H:%M:%S}", f"{bar.seconds:.0f}")
        for bar in found
    ]
    return go.Bar(
        orientation="h",
        y=[rows[bar.participant] for bar in found],
        base=[_naive(bar.since, zone) for bar in found],
        x=[bar.seconds * 1000 for bar in found],
        width=0.6,
        name=name,
        marker={"color": _COLOURS[doing]},
        customdata=clocks,
        hovertemplate="%{customdata[0]} – %{customdata[1]} (%{customdata[2]} s)",
    )


def _naive(instant: datetime, zone: tzinfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)
