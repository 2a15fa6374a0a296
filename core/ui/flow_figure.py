"""Where calls go, as a picture: a Sankey diagram of the steps between entries, services, people and results."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from core.journeys.statistics import Way
from core.ui.figures import THEME

_LINK = "rgba(128,128,128,0.28)"
_COLOURS = {"entry": THEME[1], "people": THEME[2], "result": THEME[4], "voicemail": THEME[7], "external": THEME[5]}
_SERVICE = THEME[3]
_LEAST_HEIGHT, _A_PLACE = 260, 30


def places_of(ways: Sequence[Way]) -> list[str]:
    """The places the ways touch, in the order in which they come up."""
    return list(dict.fromkeys(place for way in ways for place in (way.source, way.target)))


def flow(ways: Sequence[Way], labels: Mapping[str, str]) -> go.Figure:
    """The ways as bands as wide as their calls; ``labels`` holds the text of each place."""
    places = places_of(ways)
    position = {place: number for number, place in enumerate(places)}
    figure = go.Figure(
        go.Sankey(
            arrangement="snap",
            node={
                "label": [labels[place] for place in places],
                "color": [_COLOURS.get(place.partition("|")[0], _SERVICE) for place in places],
                "pad": 14,
                "thickness": 14,
                "line": {"width": 0},
            },
            link={
                "source": [position[way.source] for way in ways],
                "target": [position[way.target] for way in ways],
                "value": [way.calls for way in ways],
                "color": _LINK,
            },
        )
    )
    figure.update_layout(
        height=max(_LEAST_HEIGHT, _A_PLACE * len(places)),
        margin={"l": 4, "r": 4, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
    )
    return figure
