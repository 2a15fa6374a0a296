"""Innocent events of whole departments and sites, for histories that differ from the others in what is ordinary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from tests.calls.records import uuid_of
from tests.detection.other_people import ISLANDS, ORDINARY, PREMIUM, Somebody, number_in, poisson

if TYPE_CHECKING:
    from tests.detection.varied_traffic import VariedTraffic

Event = Callable[["VariedTraffic", int], None]
CENTRE = "Centro de contacto"


def _team(stage: VariedTraffic, draw: Random, *departments: str) -> list[Somebody]:
    place = draw.choice(stage.places)
    team = [p for p in stage.people if p.site is place and p.department in departments]
    return team or [p for p in stage.people if p.department in departments] or stage.people


def _some(draw: Random, people: Sequence[Somebody], most: int) -> list[Somebody]:
    return draw.sample(list(people), min(len(people), most))


def _working_days(stage: VariedTraffic, first: int, count: int) -> list[int]:
    return [day for day in range(first, min(stage.days, first + count)) if stage.is_workday(day)]


def department_wins_a_customer(stage: VariedTraffic, day: int) -> None:
    """A whole department begins to call a country that nobody here called before."""
    draw = stage.draw
    country = draw.choice(ORDINARY)
    numbers = [number_in(draw, country) for _ in range(3)]
    for person in _some(draw, _team(stage, draw, "Ventas", "Compras"), 6):
        for when in _working_days(stage, day, 20):
            for _ in range(poisson(draw, 0.35)):
                start = stage.at(person.site, when, 8.5 + 9 * draw.random())
                stage.dial(person, start, draw.choice(numbers), stage.talk(person) if draw.random() < 0.75 else 0)


def payday(stage: VariedTraffic, day: int) -> None:
    """A clerk calls everybody of a list within two hours."""
    draw = stage.draw
    person = draw.choice(_team(stage, draw, "Administración"))
    when = _working_days(stage, day, 5)[0]
    for _ in range(draw.randrange(18, 45)):
        start = stage.at(person.site, when, 9 + 3 * draw.random())
        stage.dial(person, start, number_in(draw, person.site.country), draw.randrange(20, 150))


def trip_far_away(stage: VariedTraffic, day: int) -> None:
    """An employee prepares a journey: hotel, customer and airline of a country new to everybody, in office hours."""
    draw = stage.draw
    person, country = draw.choice(stage.people), draw.choice(ORDINARY)
    numbers = [number_in(draw, country) for _ in range(draw.randrange(1, 4))]
    for when in _working_days(stage, day, 4):
        for _ in range(draw.randrange(0, 3)):
            start = stage.at(person.site, when, 9 + 8 * draw.random())
            stage.dial(person, start, draw.choice(numbers), draw.randrange(30, 420) if draw.random() < 0.7 else 0)


def conference_abroad(stage: VariedTraffic, day: int) -> None:
    """Long conferences with a partner in a country that the person calls anyway."""
    draw = stage.draw
    person = draw.choice([p for p in stage.people if p.abroad > 0.02] or stage.people)
    for when in _working_days(stage, day, 15)[::4]:
        start = stage.at(person.site, when, 9 + 5 * draw.random())
        stage.dial(person, start, person.foreign[0], draw.randrange(2400, 6800))


def on_call(stage: VariedTraffic, day: int) -> None:
    """A rota: each week another technician is rung by night and calls colleagues and suppliers."""
    draw = stage.draw
    team = _some(draw, _team(stage, draw, "Sistemas"), 5)
    for week in range(day // 7, stage.days // 7):
        person = team[week % len(team)]
        for night in range(7):
            for _ in range(poisson(draw, 0.5)):
                start = stage.at(person.site, min(stage.days - 1, 7 * week + night), 20 + 9 * draw.random())
                stage.receive(person, start, draw.choice(person.contacts), draw.randrange(60, 500))
                for back in range(draw.randrange(0, 3)):
                    stage.dial(
                        person,
                        start + timedelta(minutes=12 * (back + 1)),
                        draw.choice(person.contacts),
                        stage.talk(person),
                    )


def forwards_to_own_mobile(stage: VariedTraffic, day: int) -> None:
    """Somebody much called works from outside for a week."""
    draw = stage.draw
    person = max(_some(draw, stage.people, 12), key=lambda each: each.inbound)
    for when in _working_days(stage, day, 7):
        for _ in range(poisson(draw, person.inbound)):
            caller = number_in(draw, person.site.country)
            stage.forward(
                person, stage.at(person.site, when, stage.hour(person)), caller, person.mobile, stage.talk(person)
            )


def customers_complain(stage: VariedTraffic, day: int) -> None:
    """A fault of the product: an hour or two of many callers, most of whom wait and are served."""
    draw = stage.draw
    desk = draw.choice(stage.desks)
    when, hour = _working_days(stage, day, 5)[0], draw.randrange(9, 15)
    team = [p for p in stage.people if p.site is desk.site and p.department == CENTRE]
    for _ in range(draw.randrange(60, 140)):
        start, caller = stage.at(desk.site, when, hour + 2 * draw.random()), number_in(draw, desk.site.country)
        stage.receive(desk, start, caller, draw.randrange(10, 200) if draw.random() < 0.7 else 0)
        if team:
            stage.receive(draw.choice(team), start + timedelta(seconds=40), caller, draw.randrange(60, 400))


def machine_retries(stage: VariedTraffic, day: int) -> None:
    """A fax or terminal tries one number through a night because it is not answered."""
    draw = stage.draw
    person = draw.choice(stage.people)
    number = draw.choice(person.contacts)
    for attempt in range(draw.randrange(6, 16)):
        stage.dial(
            person,
            stage.at(person.site, day, 22) + timedelta(minutes=7 * attempt),
            number,
            0,
            failed=bool(attempt % 2),
        )


def extension_check(stage: VariedTraffic, day: int) -> None:
    """A technician rings new telephones one after the other."""
    draw = stage.draw
    person = draw.choice(_team(stage, draw, "Sistemas"))
    first, when = draw.randrange(1000, 1200), _working_days(stage, day, 5)[0]
    for each in range(draw.randrange(5, 9)):
        stage.inside(person, stage.at(person.site, when, 10) + timedelta(minutes=2 * each), str(first + each), 8)


def stocktaking(stage: VariedTraffic, day: int) -> None:
    """A site works through an evening or a Sunday."""
    draw = stage.draw
    team = _team(stage, draw, "Tienda", "Administración")
    for person in _some(draw, team, max(4, len(team) // 3)):
        for _ in range(poisson(draw, 3)):
            start = stage.at(person.site, day, 19.5 + 4 * draw.random())
            stage.dial(person, start, draw.choice(person.contacts), stage.talk(person))


def season_greetings(stage: VariedTraffic, day: int) -> None:
    """Before a feast many people call a relative or customer abroad once."""
    draw = stage.draw
    for person in _some(draw, stage.people, max(6, len(stage.people) // 40)):
        country = draw.choice(ORDINARY + ISLANDS)
        start = stage.at(person.site, day + draw.randrange(2), 9 + 10 * draw.random())
        stage.dial(person, start, number_in(draw, country), draw.randrange(60, 900))


def islands_holiday(stage: VariedTraffic, day: int) -> None:
    """Somebody books a holiday on an island: one or two calls to one hotel."""
    draw = stage.draw
    person, hotel = draw.choice(stage.people), number_in(draw, draw.choice(ISLANDS))
    for _ in range(draw.randrange(1, 3)):
        stage.dial(person, stage.at(person.site, day, 10 + 7 * draw.random()), hotel, draw.randrange(60, 500))


def helpline(stage: VariedTraffic, day: int) -> None:
    """One call to a premium helpline."""
    draw = stage.draw
    person = draw.choice(stage.people)
    lead = PREMIUM.get(person.site.country, PREMIUM["US"])
    number = f"{lead}555{draw.randrange(10**4):04d}" if lead == "+1900" else f"{lead}{draw.randrange(10**6):06d}"
    stage.dial(person, stage.at(person.site, day, 10 + 7 * draw.random()), number, draw.randrange(60, 300))


def missed_supplier(stage: VariedTraffic, day: int) -> None:
    """A foreign supplier rings briefly; the buyer calls back."""
    draw = stage.draw
    person, number = draw.choice(_team(stage, draw, "Compras", "Ventas")), number_in(draw, draw.choice(ORDINARY))
    start = stage.at(person.site, _working_days(stage, day, 5)[0], 9 + 6 * draw.random())
    for again in range(draw.randrange(1, 3)):
        stage.receive(person, start + timedelta(minutes=again), number, 0, ring=draw.randrange(3, 9))
    stage.dial(person, start + timedelta(minutes=20), number, draw.randrange(60, 600))


def group_rings(stage: VariedTraffic, day: int) -> None:
    """A hunt group: every caller of the hotline rings eight people at once; one of them answers, or nobody."""
    draw = stage.draw
    team = _some(draw, _team(stage, draw, "Tienda", "Ventas", CENTRE), 8)
    for when in _working_days(stage, day, 10):
        for _ in range(poisson(draw, 4)):
            start, caller = stage.at(team[0].site, when, 9 + 9 * draw.random()), number_in(draw, team[0].site.country)
            call, taker = uuid_of(f"{stage.seed} group call {stage.serial}"), draw.randrange(len(team) + 3)
            for place, person in enumerate(team):
                seconds = draw.randrange(40, 400) if place == taker else 0
                stage.receive(person, start, caller, seconds, **{"Correlation ID": call})


def voicemail_round(stage: VariedTraffic, day: int) -> None:
    """A caller of a survey institute reaches the voicemail of a few people."""
    draw = stage.draw
    place = draw.choice(stage.places)
    staff = [p for p in stage.people if p.site is place] or stage.people
    caller = number_in(draw, place.country)
    for each, person in enumerate(_some(draw, staff, draw.randrange(2, 5))):
        start = stage.at(place, day, 11) + timedelta(minutes=9 * each)
        stage.receive(person, start, caller, draw.choice((0, 20, 45)))


def undeclared_push(stage: VariedTraffic, day: int) -> None:
    """A team calls half again as much as usual for two weeks and nobody said so."""
    draw = stage.draw
    for person in _some(draw, _team(stage, draw, "Ventas", CENTRE), 8):
        for when in _working_days(stage, day, 14):
            for _ in range(poisson(draw, 0.7 * person.rate)):
                start = stage.at(person.site, when, stage.hour(person))
                stage.dial(person, start, number_in(draw, person.site.country), stage.talk(person))


EVENTS: tuple[tuple[Event, float], ...] = (
    (department_wins_a_customer, 1.5), (payday, 3), (trip_far_away, 6), (conference_abroad, 4), (on_call, 0.6),
    (forwards_to_own_mobile, 5), (customers_complain, 3), (machine_retries, 4), (extension_check, 3),
    (stocktaking, 1.5), (season_greetings, 1), (islands_holiday, 4), (helpline, 4), (missed_supplier, 6),
    (group_rings, 1.5), (voicemail_round, 8), (undeclared_push, 1.2),
)  # fmt: skip
"""Each with how often it comes to 300 people in eight weeks."""
