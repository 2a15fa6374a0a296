"""Histories of many shapes: the second organisation with events of whole departments, written in other forms.

A ``Shape`` says when the history begins, how records are spelt, and what the directory tells.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from tests.detection.other_people import NEIGHBOURS, Somebody, number_in, poisson
from tests.detection.other_traffic import OtherTraffic, Record
from tests.detection.varied_events import EVENTS


@dataclass(frozen=True)
class Shape:
    """How one history differs from the next; ``unlisted`` is the share of users that the directory does not tell."""

    name: str
    first: date = date(2026, 2, 2)
    eventful: float = 1.0
    unlisted: float = 0.06
    by_name: bool = False
    lean: bool = False
    late_share: float = 0.0
    growth: float = 0.0
    declared: bool = True
    customers_abroad: float = 0.0


SHAPES = {
    shape.name: shape
    for shape in (
        Shape("calm", eventful=0.6),
        Shape("eventful", eventful=2.0, first=date(2026, 4, 13)),
        Shape("lean", by_name=True, lean=True, unlisted=1.0, first=date(2026, 9, 7)),
        Shape("late", late_share=0.08, first=date(2026, 10, 5)),
        Shape("christmas", first=date(2026, 11, 16), growth=0.3),
        Shape("trading", customers_abroad=0.08, eventful=1.5, first=date(2026, 5, 25)),
    )
}
"""Spring and autumn change of clocks, Holy Week, Christmas and national holidays lie inside some of them."""

_LEAN_KEYS = frozenset(
    {
        "Start time", "Answer time", "Duration", "Report time", "Answered", "Call outcome", "Call outcome reason",
        "User", "User UUID", "User type", "Location", "Site timezone", "Called number", "Calling number", "Direction",
        "Call type", "Correlation ID", "Report ID", "Redirect reason", "Related reason", "Redirecting number",
        "Authorization code", "Release time", "Ring duration", "User number",
    }
)  # fmt: skip


class VariedTraffic(OtherTraffic):
    """One history in one shape."""

    def __init__(self, seed: int, people: int, days: int, shape: Shape) -> None:
        super().__init__(seed, people, days, shape.first)
        self.shape = shape
        if not shape.declared:
            self.campaigns.clear()

    def directory(self) -> dict[str, Any]:
        """What the admin API would tell of it; of a lean history only the campaigns."""
        told = super().directory()
        if self.shape.unlisted >= 1:
            told["users"], told["locations"] = [], []
        return told

    def run(self) -> list[Record]:
        """All ordinary calls, the events among them."""
        super().run()
        draw = Random(f"events {self.seed}")
        scale = self.shape.eventful * len(self.people) / 300 * self.days / 56
        for event, often in EVENTS:
            for _ in range(poisson(draw, often * scale)):
                event(self, draw.randrange(7, self.days - 8))
        return self.records

    def _day(self, person: Somebody, day: int) -> None:
        super()._day(person, day)
        draw, shape = self.draw, self.shape
        if day in person.away or day < person.joined or person.index >= 9000:
            return
        open_today = self.is_workday(day)
        if open_today and draw.random() < shape.growth * day / self.days:
            self._dial(person, day)
        if open_today and person.foreign and draw.random() < shape.customers_abroad:
            number = number_in(draw, draw.choice(NEIGHBOURS[person.site.country].split()))
            start = self.at(person.site, day, self.hour(person))
            self.dial(person, start, number, self.talk(person) if draw.random() < 0.7 else 0)

    def inside(self, person: Somebody, start: datetime, extension: str, seconds: int) -> str:
        """A call to an extension; gives the Report ID of the calling side."""
        fields = {"Call type": "SIP_ENTERPRISE", "Direction": "ORIGINATING", "Calling number": person.extension}
        return self._leg(person, start, extension, seconds, fields)

    def written(self) -> list[Record]:
        """The records as this history spells them: late ones, lean ones, places by name."""
        draw, shape = Random(f"written {self.seed}"), self.shape
        out = []
        for record in self.records:
            each = dict(record)
            if draw.random() < shape.late_share:
                each["Report time"] = _later(str(each["Report time"]), draw.expovariate(1 / 900))
            if shape.by_name:
                each.pop("Site UUID", None)
                each.pop("Site main number", None)
            if shape.lean:
                each = {_respelt(key): value for key, value in each.items() if key in _LEAN_KEYS and value != ""}
            out.append(each)
        return out


def _later(instant: str, seconds: float) -> str:
    moved = datetime.fromisoformat(instant) + timedelta(seconds=seconds)
    return moved.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _respelt(key: str) -> str:
    return key.upper().replace(" ", "_")
