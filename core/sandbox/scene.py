"""The stage of one incident: who suffers it, from when, how strongly, and how its calls are written."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from core.sandbox.board import Board
from core.sandbox.destinations import destination, dialled
from core.sandbox.legs import Leg, Line, Record, Templates, Times, offset_minutes
from core.sandbox.numbering import draw_number
from core.sandbox.working_days import is_employed
from core.sandbox.world import Contact, Device, Person, Site, World

MINUTE = 60_000
HOUR = 3_600_000
DAY = 24 * HOUR

HIGH_RISK = ("LV", "LT", "EE", "SO", "SL", "MV", "TN", "CD", "MD", "CU")
ON_NO_LIST = ("DE", "PL", "PT", "NL", "FR", "TH", "VN", "BG", "UZ")
CARIBBEAN = ("JM", "AG", "VG", "GD", "DO")


@dataclass(frozen=True)
class Attempt:
    """One call of an incident: when, to whom, how long it is talked (None = never answered), and why it failed."""

    moment: int
    contact: Contact
    seconds: float | None
    refusal: tuple[str, str] = ("Success", "Normal")
    extra: dict[str, Any] = field(default_factory=dict)


class Scene:
    """Writes the calls of an incident; ``strength`` scales how much there is of it (1 = plain to see)."""

    def __init__(self, world: World, templates: Templates, draw: Random, start: int, strength: float) -> None:
        self.world = world
        self.draw = draw
        self.start = start
        self.strength = strength
        self.day = datetime.fromtimestamp(start / 1000, UTC).date()
        staff = frozenset(person.index for person in world.people if is_employed(person, self.day))
        self.board = Board(world, templates, draw, staff, staff)
        self.device: Device | None = None

    def legs(self) -> list[Leg]:
        """All records written."""
        return self.board.legs()

    def count(self, plainly: int, least: int = 2) -> int:
        """How many of something happen at this strength."""
        return max(least, round(plainly * self.strength * self.draw.uniform(0.85, 1.15)))

    def moments(self, count: int, span: int) -> list[int]:
        """That many instants spread over ``span`` milliseconds from the start, in order."""
        return sorted(self.start + self.draw.randrange(span) for _ in range(count))

    def foreign(self, countries: tuple[str, ...], how_many: int = 1) -> list[Contact]:
        """Numbers abroad that the incident aims at."""
        made = []
        for _ in range(how_many):
            country = self.draw.choice(countries)
            kind = "mobile" if self.draw.random() < 0.7 else "fixed"
            made.append(
                Contact(draw_number(self.draw, country, "mobile" if kind == "mobile" else "fixed"), country, kind, 1)
            )
        return made

    def reachable(self, site: Site) -> list[Person]:
        """Who works at a site and can be called from outside, by extension."""
        there = self.world.people_by_site[site.index]
        return [person for person in there if person.direct_number and person.index in self.board.staff]

    def stranger(self, site: Site) -> Contact:
        """A number of the site's own country that nobody ever called."""
        kind = "mobile" if self.draw.random() < 0.6 else "fixed"
        number = draw_number(self.draw, site.country, "mobile" if kind == "mobile" else "fixed")
        return Contact(number, site.country, kind, 1)

    def dial(self, person: Person, attempt: Attempt) -> Record:
        """A call out of ``person``; gives its record."""
        ringing = self.draw.randrange(2500, 9000)
        start = attempt.moment
        if attempt.seconds is None:
            outcome, reason = attempt.refusal
            times = Times(start, None, start + (ringing if outcome == "Success" else self.draw.randrange(90, 700)))
            extra = {"Call outcome": outcome, "Call outcome reason": reason}
        else:
            times = Times(start, start + ringing, start + ringing + int(attempt.seconds * 1000))
            extra = {}
        line = Line(person.number, attempt.contact.number, person.name)
        extra |= {**destination(person.site, attempt.contact), **attempt.extra}
        record = self.board.open_call().dial(person, times, line, extra)
        if self.device is not None:
            record.update(_described(self.device))
        record["Dialed digits"] = dialled(person.site, attempt.contact, record)
        return record

    def ring(self, person: Person, moment: int, caller: str, seconds: float) -> Record:
        """A call from outside that rings ``seconds`` and is not answered."""
        times = Times(moment, None, moment + int(seconds * 1000))
        line = Line(caller, person.direct_number, "NA", person.name)
        return self.board.open_call().receive(person, times, line, {"Releasing party": "Remote"})


def _described(device: Device) -> dict[str, str]:
    return {
        "Client type": device.client_type,
        "Sub client type": device.sub_client_type,
        "Client version": device.version,
        "Device MAC": device.mac,
        "Model": device.model,
        "OS type": device.os_type,
    }


def local_instant(site: Site, midnight: int, hour: float) -> int:
    """The instant of a local hour on the day whose UTC midnight is ``midnight``."""
    local = midnight + int(hour * HOUR)
    return local - offset_minutes(site.zone, local + 6 * HOUR) * MINUTE
