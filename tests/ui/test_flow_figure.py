"""The picture of where calls go: few places, all calls in it."""

from core.journeys.statistics import Way
from core.ui.queues.flow_figure import OTHERS, condensed, flow, places_of

WAYS = [
    *(Way("entry|PSTN", f"queue|Q{number}", 10 + number) for number in range(9)),
    *(Way(f"queue|Q{number}", "people|", 10 + number) for number in range(9)),
    Way("queue|Q0", "queue|Q1", 1),
    Way("people|", "result|answered", 126),
]


def test_rare_places_are_told_as_one() -> None:
    shown = condensed(WAYS, most=3)
    queues = {place for place in places_of(shown) if place.startswith("queue|")}
    assert queues == {"queue|Q8", "queue|Q7", "queue|Q6", f"queue|{OTHERS}"}


def test_no_call_is_lost_on_the_way() -> None:
    shown = condensed(WAYS, most=3)
    assert sum(way.calls for way in shown if way.source == "entry|PSTN") == sum(10 + number for number in range(9))
    assert all(way.source != way.target for way in shown)


def test_few_places_stay_as_they_are() -> None:
    few = WAYS[:2]
    assert set(condensed(few, most=3)) == set(few)


def test_the_figure_has_a_band_for_each_way() -> None:
    shown = condensed(WAYS, most=3)
    places = places_of(shown)
    drawn = flow(shown, {place: place for place in places}).data[0]
    assert list(drawn.link.value) == [way.calls for way in shown]
    assert len(drawn.node.label) == len(places)
