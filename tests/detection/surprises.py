"""Innocent surprises of the second organisation: what people do that looks bad to a careless rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from tests.detection.other_people import LEADS, NEIGHBOURS, ORDINARY, Somebody, number_in, poisson

if TYPE_CHECKING:
    from tests.detection.other_traffic import OtherTraffic

Surprise = Callable[["OtherTraffic", Somebody, int, int], None]


def _neighbour(stage: OtherTraffic, person: Somebody) -> str:
    return stage.draw.choice(NEIGHBOURS[person.site.country].split())


def trip(stage: OtherTraffic, person: Somebody, day: int, ago: int) -> None:
    """A week in a neighbouring country, with calls to numbers there."""
    if 0 <= ago < 7:
        for _ in range(poisson(stage.draw, 2)):
            number = number_in(stage.draw, _neighbour(stage, person))
            stage.dial(person, stage.at(person.site, day, 8 + 13 * stage.draw.random()), number, stage.talk(person))


def new_supplier(stage: OtherTraffic, person: Somebody, day: int, ago: int) -> None:
    """From some day on, business calls with one number in a country new to everybody."""
    draw = stage.draw
    if ago < 0 or not stage.is_workday(day) or draw.random() > 0.4:
        return
    number = number_in(Random(person.index), ORDINARY[person.index % len(ORDINARY)])
    for _ in range(draw.randrange(1, 3)):
        seconds = stage.talk(person) if draw.random() < 0.7 else 0
        stage.dial(person, stage.at(person.site, day, 9 + 8 * draw.random()), number, seconds)
    if draw.random() < 0.4:
        stage.receive(person, stage.at(person.site, day, 9 + 8 * draw.random()), number, stage.talk(person))


def late_project(stage: OtherTraffic, person: Somebody, day: int, ago: int) -> None:
    """A few evenings of calls to known contacts."""
    if 0 <= ago < 4 and stage.is_workday(day):
        for _ in range(poisson(stage.draw, 3)):
            start = stage.at(person.site, day, 20 + 3 * stage.draw.random())
            stage.dial(person, start, stage.draw.choice(person.contacts), stage.talk(person))


def family(stage: OtherTraffic, person: Somebody, day: int, ago: int) -> None:
    """Somebody abroad who is called most weeks, in the evening."""
    if stage.draw.random() < 0.25:
        number = number_in(Random(person.index), ORDINARY[person.index % len(ORDINARY)])
        start = stage.at(person.site, day, 17 + 4 * stage.draw.random())
        stage.dial(person, start, number, stage.draw.randrange(200, 1500))


def one_off(stage: OtherTraffic, person: Somebody, day: int, ago: int) -> None:
    """A call or two to some country, once."""
    draw = stage.draw
    if ago == 0:
        number = number_in(draw, draw.choice(sorted(LEADS)[:20]) if draw.random() < 0.7 else draw.choice(ORDINARY))
        for _ in range(draw.choice((1, 1, 1, 2))):
            stage.dial(person, stage.at(person.site, day, 9 + 9 * draw.random()), number, draw.randrange(0, 500))


def bridge(stage: OtherTraffic, person: Somebody, day: int, ago: int) -> None:
    """Long calls into a conference of another company."""
    if stage.is_workday(day) and stage.draw.random() < 0.2:
        number = number_in(Random(person.site.index), person.site.country)
        start = stage.at(person.site, day, 10 + 5 * stage.draw.random())
        stage.dial(person, start, number, stage.draw.randrange(3000, 8500))


def fax(stage: OtherTraffic, person: Somebody, day: int, ago: int) -> None:
    """A line that a machine uses at any hour."""
    if stage.draw.random() < 0.3:
        start = stage.at(person.site, day, 24 * stage.draw.random())
        stage.dial(person, start, stage.draw.choice(person.contacts), stage.draw.randrange(30, 9000))


def misdialled(stage: OtherTraffic, person: Somebody, day: int, ago: int) -> None:
    """A wrong number tried a few times."""
    if ago == 0:
        start, number = stage.at(person.site, day, 10), number_in(stage.draw, _neighbour(stage, person))
        for attempt in range(stage.draw.randrange(2, 5)):
            stage.dial(person, start + timedelta(seconds=40 * attempt), number, 0, failed=True)


def weekend_shift(stage: OtherTraffic, person: Somebody, day: int, ago: int) -> None:
    """Two weeks with work on Saturday and Sunday."""
    if 0 <= ago < 14 and not stage.is_workday(day):
        for _ in range(poisson(stage.draw, person.rate * 0.6)):
            start = stage.at(person.site, day, 9 + 8 * stage.draw.random())
            stage.dial(person, start, stage.draw.choice(person.contacts), stage.talk(person))


def forward_abroad_mobile(stage: OtherTraffic, person: Somebody, day: int, ago: int) -> None:
    """Calls sent on to an own mobile with a foreign number, for a week of travel."""
    if 0 <= ago < 6:
        mobile = number_in(Random(person.index), _neighbour(stage, person))
        for _ in range(poisson(stage.draw, person.inbound * 0.6)):
            caller = number_in(stage.draw, person.site.country)
            stage.forward(person, stage.at(person.site, day, stage.hour(person)), caller, mobile, stage.talk(person))


SURPRISES: dict[str, Surprise] = {
    each.__name__: each
    for each in (
        trip, new_supplier, late_project, family, one_off, bridge, fax, misdialled, weekend_shift,
        forward_abroad_mobile,
    )
}  # fmt: skip
