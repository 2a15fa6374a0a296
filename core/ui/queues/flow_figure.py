"""Where calls go, as a picture: a Sankey diagram of the steps between entries, services, people and results."""

from collections import Counter
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from core.journeys.statistics import Way
from core.ui.figures import THEME

_LINK = "rgba(128,128,128,0.28)"
_COLOURS = {"entry": THEME[1], "people": THEME[2], "result": THEME[4], "voicemail": THEME[7], "external": THEME[5]}
_SERVICE = THEME[3]
_LEAST_HEIGHT, _A_PLACE, _APART = 260, 30, 24
_LONGEST_LABEL = 22
"""Signs that fit between two columns of places; the whole name is told on hovering."""

_MERGED = ("entry", "auto_attendant", "ai_receptionist", "queue", "hunt_group")

MOST_SERVICES = 5
"""Places of one kind that have a line of their own."""

OTHERS = "…"
"""Name of the place that stands for those beyond them."""


def condensed(ways: Sequence[Way], most: int = MOST_SERVICES) -> list[Way]:
    """The ways with the places beyond the ``most`` busiest of each kind told as one, the commonest ways first."""
    calls: Counter[str] = Counter()
    for way in ways:
        calls[way.source] += way.calls
        calls[way.target] += way.calls
    kept = {
        place
        for kind in {place.partition("|")[0] for place in calls}
        for place, _ in [one for one in calls.most_common() if one[0].startswith(f"{kind}|")][:most]
    }

    def shown(place: str) -> str:
        kind = place.partition("|")[0]
        return place if place in kept or kind not in _MERGED else f"{kind}|{OTHERS}"

    together: Counter[tuple[str, str]] = Counter()
    for way in ways:
        together[shown(way.source), shown(way.target)] += way.calls
    return [Way(source, target, number) for (source, target), number in together.most_common() if source != target]


def places_of(ways: Sequence[Way]) -> list[str]:
    """The places the ways touch, in the order in which they come up."""
    return list(dict.fromkeys(place for way in ways for place in (way.source, way.target)))


def flow(ways: Sequence[Way], labels: Mapping[str, str], whole: Mapping[str, str] | None = None) -> go.Figure:
    """The ways as bands as wide as their calls; ``labels`` holds the text of each place, ``whole`` what is told of it
    on hovering where that is more."""
    places = places_of(ways)
    position = {place: number for number, place in enumerate(places)}
    figure = go.Figure(
        go.Sankey(
            arrangement="snap",
            node={
                "label": [_short(labels[place]) for place in places],
                "customdata": [(whole or labels)[place] for place in places],
                "hovertemplate": "%{customdata}: %{value}<extra></extra>",
                "color": [_COLOURS.get(place.partition("|")[0], _SERVICE) for place in places],
                "pad": _APART,
                "thickness": 14,
                "line": {"width": 0},
            },
            link={
                "source": [position[way.source] for way in ways],
                "target": [position[way.target] for way in ways],
                "value": [way.calls for way in ways],
                "color": _LINK,
                "hovertemplate": "%{source.customdata} → %{target.customdata}: %{value}<extra></extra>",
            },
        )
    )
    figure.update_layout(
        height=max(_LEAST_HEIGHT, _A_PLACE * len(places)),
        margin={"l": 4, "r": 4, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
    )
    return figure


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1].rstrip() + "…"
