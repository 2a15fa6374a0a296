"""The mood of a call over its time as a figure: a bar a turn; a pure function of the turns."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import plotly.graph_objects as go

from core.ui.figures import MUTED

HEIGHT = 150
_GOOD, _BAD = "#2e9e5b", "#d64545"
_LEAST_SHARE = 0.012
"""A turn is drawn at least so wide, as a share of the call, that it can be seen and chosen."""


@dataclass(frozen=True)
class FeltTurn:
    """A turn of the call: its ordinal, seconds from the start, how it felt from -1 to 1, and what to say of it."""

    ordinal: int
    start: float
    end: float
    score: float
    told: str


def mood(turns: Sequence[FeltTurn], seconds: float) -> go.Figure:
    """Bars above the line for what felt well and below for what did not; ``seconds`` is the length of the call."""
    least = max(seconds, 1.0) * _LEAST_SHARE
    widths = [max(turn.end - turn.start, least) for turn in turns]
    figure = go.Figure(
        go.Bar(
            x=[turn.start + width / 2 for turn, width in zip(turns, widths, strict=True)],
            y=[turn.score or 0.02 for turn in turns],
            width=widths,
            marker={"color": [_colour(turn.score) for turn in turns], "line": {"width": 0}},
            customdata=[(turn.ordinal, escape(turn.told)) for turn in turns],
            hovertemplate="%{customdata[1]}<extra></extra>",
        )
    )
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 0, "r": 0, "t": 6, "b": 0},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=False,
        bargap=0,
    )
    marks = _marks(seconds)
    figure.update_xaxes(
        range=[0, max(seconds, 1.0)],
        tickvals=marks,
        ticktext=[f"{int(at) // 60}:{int(at) % 60:02d}" for at in marks],
        fixedrange=True,
        showgrid=False,
    )
    figure.update_yaxes(range=[-1.05, 1.05], tickvals=[-1, 0, 1], fixedrange=True, zeroline=True)
    return figure


def _colour(score: float) -> str:
    if abs(score) < 0.05:
        return MUTED
    return _GOOD if score > 0 else _BAD


def _marks(seconds: float) -> list[float]:
    """A handful of round times along the call."""
    for step in (5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600):
        if seconds / step <= 8:
            break
    return [float(at) for at in range(0, int(seconds) + 1, step)]
