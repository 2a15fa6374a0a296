"""The calls of a day: who calls when, by a process whose rate follows hour, weekday, holidays and the person.

A day is a calendar day of each site's own zone. It depends on nothing but the world and the date, so any day can
be made alone, in any order, and always comes out the same.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from random import Random
from typing import NamedTuple

from core.sandbox import direct_calls
from core.sandbox.board import Board
from core.sandbox.legs import Leg, Templates, offset_minutes
from core.sandbox.randomness import poisson, spread, stream
from core.sandbox.service_calls import serve
from core.sandbox.sites import HOURS
from core.sandbox.working_days import attendance, campaign_of, growth, is_employed, journey, openness, site_level
from core.sandbox.world import Person, Service, Site, World

_HOUR = 3_600_000
_CAMPAIGN = 2.6
_PERSON_VARIANCE = 0.16
_AFTER_HOURS_ON_CALL = 0.5
_WEEKDAY = (1.06, 1.03, 1.0, 1.0, 0.92)
_WHILE_CLOSED = 0.05
"""Callers an hour and employee who find the doors closed: at night, and on weekends by day."""

_OPENS, _CLOSES = 7, 20


class _Intent(NamedTuple):
    """Somebody is about to call: when, whose stream of chances decides how it goes, and what to do."""

    moment: int
    order: int
    act: Callable[[Board, int], None]


class Traffic:
    """The ordinary calls of a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.templates = Templates(world)

    def day(self, day: date) -> list[Leg]:
        """All legs of calls that begin on ``day``, local time of each site, by report time."""
        draw = stream(self.world.seed, "day", day)
        attending = {person.index: attendance(self.world, person, day) for person in self.world.people}
        present = frozenset(index for index, factor in attending.items() if factor > 0 and _comes(draw, factor, day))
        staff = frozenset(person.index for person in self.world.people if is_employed(person, day))
        board = Board(self.world, self.templates, draw, present, staff)
        planner = _Planner(self.world, day, draw)
        for index in sorted(staff):
            planner.plan_person(self.world.people[index], attending[index], index in present)
        for service in self.world.services:
            planner.plan_service(service)
        for intent in planner.in_order():
            intent.act(board, intent.moment)
        return sorted((*board.legs(), *self._while_closed(day)), key=lambda leg: leg.report)

    def _while_closed(self, day: date) -> list[Leg]:
        """Calls to the menus while nobody is at work, by a stream of their own."""
        draw = stream(self.world.seed, "closed", day)
        board = Board(self.world, self.templates, draw, frozenset(), frozenset())
        planner = _Planner(self.world, day, draw)
        people = Counter(person.site.index for person in self.world.people)
        for service in self.world.services:
            if service.code == f"{service.site.index}:main":
                planner.plan_closed(service, people[service.site.index] * _WHILE_CLOSED)
        for intent in planner.in_order():
            intent.act(board, intent.moment)
        return board.legs()


def _comes(draw: Random, factor: float, day: date) -> bool:
    """On quiet days fewer people come at all; on ordinary ones everybody who is not away."""
    return factor >= 0.9 or draw.random() < min(1.0, factor * (1.0 if day.weekday() >= 5 else 1.6))


class _Planner:
    """Draws how many calls everybody makes and gets on a day, and when."""

    def __init__(self, world: World, day: date, draw: Random) -> None:
        self._world = world
        self._day = day
        self._draw = draw
        self._intents: list[_Intent] = []
        self._growth = growth(day) * (_WEEKDAY[day.weekday()] if day.weekday() < 5 else 1.0)
        self._levels = [site_level(world.seed, site, day) for site in world.sites]
        self._clocks = [_SiteClock(site, day) for site in world.sites]

    def in_order(self) -> list[_Intent]:
        """Everything planned, by time."""
        return sorted(self._intents, key=lambda intent: intent[:2])

    def plan_person(self, person: Person, attending: float, present: bool) -> None:
        """Calls out, to colleagues, into meetings, and those that people outside make to this person."""
        habits, draw = person.habits, self._draw
        level = self._levels[person.site.index] * self._growth
        callers = openness(person.site.country, self._day) * (0.12 if self._day.weekday() >= 5 else 1.0)
        if person.direct_number:
            self._repeat(poisson(draw, habits.inbound * level * callers), person.site, "office", _Inbound(person))
        if not present:
            return
        busy = level * max(0.35, min(1.0, attending * 1.3)) * spread(draw, _PERSON_VARIANCE)
        if not person.is_human:
            busy *= 0.25
        campaign = campaign_of(self._world, person, self._day) is not None
        factor = _CAMPAIGN if campaign else self._month_end(person)
        abroad = journey(self._world.seed, person, self._day)
        outward = _Outbound(person, campaign, abroad)
        self._repeat(poisson(draw, habits.external * busy * factor), person.site, habits.hours, outward)
        self._repeat(
            poisson(draw, habits.internal * busy), person.site, habits.hours, _to(direct_calls.internal_call, person)
        )
        self._repeat(poisson(draw, 0.18 * busy), person.site, habits.hours, _to(direct_calls.mailbox_call, person))
        meetings = 0.5 if "bridge_host" in person.traits else 0.06
        self._repeat(poisson(draw, meetings * busy), person.site, habits.hours, _to(direct_calls.meeting_call, person))
        if "on_call" in person.traits:
            self._repeat(poisson(draw, _AFTER_HOURS_ON_CALL), person.site, "night", outward)

    def plan_service(self, service: Service) -> None:
        """Callers of a service; some hours of some days bring many more (an outage, a mailing)."""
        draw = self._draw
        weekend = service.weekend if self._day.weekday() >= 5 else 1.0
        rate = service.calls * weekend * openness(service.site.country, self._day) * self._levels[service.site.index]
        count = poisson(draw, rate * self._growth * spread(draw, 0.03))
        self._repeat(count, service.site, service.hours, _Served(service))
        if service.user_type.startswith("CallCenter") and draw.random() < 0.015 and weekend == 1.0:
            self._surge(service, poisson(draw, service.calls * 0.7))

    def plan_closed(self, service: Service, callers: float) -> None:
        """So many callers an hour of a service while its site is closed."""
        closed = [hour for hour in range(24) if self._day.weekday() >= 5 or not _OPENS <= hour < _CLOSES]
        clock = self._clocks[service.site.index]
        for hour in closed:
            for _ in range(poisson(self._draw, callers)):
                self._add(clock.instant(hour * _HOUR + self._draw.randrange(_HOUR)), _Served(service))

    def _surge(self, service: Service, count: int) -> None:
        start = self._draw.randrange(9, 16) * _HOUR
        clock = self._clocks[service.site.index]
        for _ in range(count):
            self._add(clock.instant(start + self._draw.randrange(_HOUR)), _Served(service))

    def _month_end(self, person: Person) -> float:
        return 1.5 if person.department == "Finance" and (self._day.day >= 29 or self._day.day <= 2) else 1.0

    def _repeat(self, count: int, site: Site, hours: str, act: Callable[[Board, int], None]) -> None:
        if not count:
            return
        clock = self._clocks[site.index]
        for hour in self._draw.choices(range(24), HOURS[hours], k=count):
            self._add(clock.instant(hour * _HOUR + self._draw.randrange(_HOUR)), act)

    def _add(self, moment: int, act: Callable[[Board, int], None]) -> None:
        self._intents.append(_Intent(moment, len(self._intents), act))


class _SiteClock:
    """Local times of one site's day as instants; a night in which the clocks change has two offsets."""

    def __init__(self, site: Site, day: date) -> None:
        midnight = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
        self._midnight = midnight
        before = offset_minutes(site.zone, midnight + 6 * _HOUR)
        after = offset_minutes(site.zone, midnight + 19 * _HOUR)
        self._before, self._after = before * 60_000, after * 60_000

    def instant(self, local: int) -> int:
        """The instant of a local time given as milliseconds since midnight."""
        return self._midnight + local - (self._before if local < 2 * _HOUR else self._after)


@dataclass(frozen=True)
class _Outbound:
    person: Person
    campaign: bool
    abroad: str | None

    def __call__(self, board: Board, moment: int) -> None:
        begin = max(moment, board.free_at(self.person) + 2000)
        contact = direct_calls.choose_contact(board, self.person, self.campaign, self.abroad)
        direct_calls.place_call(board, self.person, begin, contact)


@dataclass(frozen=True)
class _Inbound:
    person: Person

    def __call__(self, board: Board, moment: int) -> None:
        direct_calls.receive_call(board, self.person, moment, direct_calls.draw_caller(board, self.person.site))


@dataclass(frozen=True)
class _Served:
    service: Service

    def __call__(self, board: Board, moment: int) -> None:
        serve(board, self.service, moment)


def _to(act: Callable[[Board, Person, int], None], person: Person) -> Callable[[Board, int], None]:
    def begin(board: Board, moment: int) -> None:
        act(board, person, max(moment, board.free_at(person) + 2000))

    return begin
