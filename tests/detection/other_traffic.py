"""The calls of the second organisation: tidy records, one a call, with innocent surprises among them."""

import math
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from tests.calls.records import uuid_of, wire_time
from tests.detection.other_people import CODES, LEVELS, ORDINARY, Place, Somebody, make_people, number_in, poisson
from tests.detection.surprises import SURPRISES

Record = dict[str, Any]
SATURDAY = 5


class OtherTraffic:
    """One history: days of calls of an organisation of ``people``, from ``first`` on."""

    def __init__(self, seed: int, people: int, days: int, first: date = date(2026, 2, 2)) -> None:
        self.seed, self.days, self.first = seed, days, first
        self.places, self.people = make_people(seed, people, days)
        self.draw = Random(f"other traffic {seed}")
        self.serial = 0
        self.records: list[Record] = []
        self.campaigns: list[dict[str, Any]] = []
        self._holidays = {
            place.country: holidays.country_holidays(place.country, years=(2026, 2027)) for place in self.places
        }
        self._zones = {place.zone: ZoneInfo(place.zone) for place in self.places}
        self._campaigned: dict[int, set[int]] = {}
        self._plan_campaigns()
        self._outages = {
            (self.draw.choice(self.places).index, self.draw.randrange(days), self.draw.randrange(9, 16))
            for _ in range(3)
        }
        self._surges = {
            (self.draw.choice(self.places).index, self.draw.randrange(days), self.draw.randrange(9, 16))
            for _ in range(4)
        }
        self.desks = [
            Somebody(
                9000 + place.index, uuid_of(f"{seed} desk {place.index}"), f"Menú {place.name}", place, "", 0,
                0.06 * people / len(self.places), 0,
                "office", 0.1, 0, 60, place.main, f"9{place.index:03d}", "", [], [], "", type="AutomatedAttendantVideo",
            )
            for place in self.places
        ]  # fmt: skip

    def _plan_campaigns(self) -> None:
        centre = [person for person in self.people if person.department in ("Centro de contacto", "Ventas")]
        for _ in range(3):
            members = self.draw.sample(centre, min(len(centre), 12))
            start = self.draw.randrange(5, self.days - 5)
            length = self.draw.randrange(2, 6)
            for member in members:
                self._campaigned.setdefault(member.index, set()).update(range(start, start + length))
            self.campaigns.append(
                {
                    "users": [member.uuid for member in members],
                    "start": (self.first + timedelta(days=start)).isoformat(),
                    "end": (self.first + timedelta(days=start + length - 1)).isoformat(),
                }
            )

    def directory(self) -> dict[str, Any]:
        """What the admin API would tell of it."""
        return {
            "org": uuid_of(f"{self.seed} org"),
            "locations": [
                {"uuid": place.uuid, "name": place.name, "country": place.country, "timezone": place.zone}
                for place in self.places
            ],
            "users": [
                {
                    "uuid": p.uuid,
                    "name": p.name,
                    "type": p.type,
                    "location": p.site.uuid,
                    "department": p.department,
                    "number": p.number,
                    "extension": p.extension,
                }
                for p in [*self.people, *self.desks]
                if p.index % 17 or p.index >= 9000
            ],
            "campaigns": self.campaigns,
        }  # fmt: skip

    def at(self, place: Place, day: int, hour: float) -> datetime:
        """The instant of a local hour of a day of the history."""
        midnight = datetime.combine(self.first + timedelta(days=day), datetime.min.time(), self._zones[place.zone])
        return (midnight + timedelta(hours=hour)).astimezone(UTC)

    def run(self) -> list[Record]:
        """All ordinary calls."""
        for day in range(self.days):
            for person in [*self.people, *self.desks]:
                self._day(person, day)
        return self.records

    def _openness(self, place: Place, day: int, weekend: float) -> float:
        when = self.first + timedelta(days=day)
        if when in self._holidays[place.country]:
            return 0.08
        return weekend * (0.5 if when.weekday() == 6 else 1) if when.weekday() >= 5 else 1.0

    def _day(self, person: Somebody, day: int) -> None:
        draw = self.draw
        if day < person.joined or day in person.away:
            self._forwarded_holiday(person, day)
            return
        level = self._openness(person.site, day, person.weekend) * draw.gammavariate(4, 0.25)
        rate = person.rate * (3.5 if day in self._campaigned.get(person.index, ()) else 1.0)
        if person.odd.get("growth", 999) <= day:
            rate *= 2.0
        if person.odd.get("busy_day") == day:
            rate *= 3.0
        for _ in range(poisson(draw, rate * level)):
            self._dial(person, day)
        for _ in range(poisson(draw, person.inbound * level)):
            self._receive(person, day)
        for _ in range(poisson(draw, person.internal * level)):
            self._inside(person, day)
        self._surprises(person, day)
        for place, when, hour in self._surges:
            if person.index == 9000 + place and when == day:
                for _ in range(draw.randrange(40, 90)):
                    self.receive(
                        person,
                        self.at(person.site, day, hour + draw.random()),
                        number_in(draw, person.site.country),
                        draw.randrange(5, 200),
                    )

    def hour(self, person: Somebody) -> float:
        """A local hour at which that person calls."""
        return self.draw.choices(range(24), LEVELS[person.hours])[0] + self.draw.random()

    def talk(self, person: Somebody) -> int:
        """Seconds that a call of that person lasts."""
        return int(min(5400, max(2, person.talk * math.exp(self.draw.gauss(-0.3, 0.9)))))

    def _dial(self, person: Somebody, day: int) -> None:
        draw = self.draw
        hour = self.hour(person)
        if draw.random() < person.abroad:
            number = draw.choice(person.foreign)
        elif draw.random() < 0.55:
            number = draw.choice(person.contacts)
        else:
            number = number_in(draw, person.site.country)
        failed = draw.random() < (0.9 if (person.site.index, day, int(hour)) in self._outages else 0.03)
        answered = not failed and draw.random() < 0.72
        self.dial(person, self.at(person.site, day, hour), number, self.talk(person) if answered else 0, failed=failed)

    def _receive(self, person: Somebody, day: int) -> None:
        draw = self.draw
        number = draw.choice(person.site.customers) if draw.random() < 0.5 else number_in(draw, person.site.country)
        if draw.random() < 0.04:
            number = draw.choice(person.foreign or [number])
        if draw.random() < 0.01:
            number = number_in(draw, draw.choice(ORDINARY))
        self.receive(
            person,
            self.at(person.site, day, self.hour(person)),
            number,
            self.talk(person) if draw.random() < 0.75 else 0,
        )

    def _inside(self, person: Somebody, day: int) -> None:
        other = self.draw.choice(self.people)
        start = self.at(person.site, day, self.hour(person))
        seconds = self.talk(person) if self.draw.random() < 0.8 else 0
        self._leg(
            person,
            start,
            other.extension,
            seconds,
            {"Call type": "SIP_ENTERPRISE", "Direction": "ORIGINATING", "Calling number": person.extension},
        )
        self._leg(
            other,
            start,
            other.extension,
            seconds,
            {"Call type": "SIP_ENTERPRISE", "Direction": "TERMINATING", "Calling number": person.extension},
        )

    def _forwarded_holiday(self, person: Somebody, day: int) -> None:
        if "forward_own_mobile" in person.odd and day >= person.joined:
            for _ in range(poisson(self.draw, person.inbound * self._openness(person.site, day, person.weekend))):
                self.forward(
                    person,
                    self.at(person.site, day, self.hour(person)),
                    number_in(self.draw, person.site.country),
                    person.mobile,
                    self.talk(person),
                )

    def _surprises(self, person: Somebody, day: int) -> None:
        for name, begins in person.odd.items():
            if name in SURPRISES:
                SURPRISES[name](self, person, day, day - begins)

    def is_workday(self, day: int) -> bool:
        """Whether a day of the history is no weekend."""
        return (self.first + timedelta(days=day)).weekday() < SATURDAY

    def dial(
        self, person: Somebody, start: datetime, number: str, seconds: int, failed: bool = False, **extra: Any
    ) -> str:
        """One call out; gives its Report ID."""
        home = CODES[person.site.country]
        kind = "SIP_NATIONAL" if number.startswith(home) else "SIP_INTERNATIONAL"
        outcome = {"Call outcome": "Refusal", "Call outcome reason": "SIP480"} if failed else {}
        return self._leg(
            person,
            start,
            number,
            seconds,
            {"Call type": kind, "Direction": "ORIGINATING", "Calling number": person.number, **outcome, **extra},
        )

    def receive(self, person: Somebody, start: datetime, caller: str, seconds: int, **extra: Any) -> str:
        """One call in; gives its Report ID."""
        return self._leg(
            person,
            start,
            person.number,
            seconds,
            {"Call type": "SIP_INBOUND", "Direction": "TERMINATING", "Calling number": caller, **extra},
        )

    def forward(
        self, person: Somebody, start: datetime, caller: str, target: str, seconds: int, reason: str = "Unconditional"
    ) -> list[str]:
        """A call that comes in and is sent on to ``target``; gives both Report IDs."""
        correlation = uuid_of(f"{self.seed} call {self.serial}")
        came = self.receive(person, start, caller, 0, **{"Correlation ID": correlation})
        onward: dict[str, Any] = {
            "Redirect reason": reason,
            "Related reason": "CallForwardAlways" if reason == "Unconditional" else "Deflection",
            "Redirecting number": person.number,
            "Correlation ID": correlation,
        }
        return [came, self.dial(person, start, target, seconds, **onward)]

    def _leg(self, person: Somebody, start: datetime, called: str, seconds: int, extra: Record) -> str:
        draw = self.draw
        self.serial += 1
        ring = extra.pop("ring", None)
        ring = draw.randrange(3, 22) if ring is None else ring
        end = start + timedelta(seconds=ring + seconds)
        late = draw.expovariate(1 / 2000) if draw.random() < 0.01 else draw.random() * 8
        offset = start.astimezone(self._zones[person.site.zone]).utcoffset() or timedelta()
        report = uuid_of(f"{self.seed} leg {self.serial}")
        day = (start.date() - self.first).days
        device = f"{person.device}-2" if day >= person.odd.get("new_device", 999) else person.device
        record: Record = {
            "Start time": wire_time(start),
            "Answer time": wire_time(start + timedelta(seconds=ring)) if seconds else "",
            "Release time": wire_time(end),
            "Report time": wire_time(end + timedelta(seconds=late)),
            "Duration": seconds,
            "Ring duration": str(ring),
            "Answered": "true" if seconds else "false",
            "Call outcome": "Success",
            "Call outcome reason": "Normal" if seconds else "NoAnswer",
            "User": person.name,
            "User number": person.number,
            "User UUID": person.uuid,
            "User type": person.type,
            "Location": person.site.name,
            "Site UUID": person.site.uuid,
            "Site main number": person.site.main,
            "Site timezone": str(int(offset.total_seconds() // 60)),
            "Called number": called,
            "Client type": "SIP",
            "Device MAC": device,
            "Correlation ID": uuid_of(f"{self.seed} call {self.serial}"),
            "Report ID": report,
        }
        record.update(extra)
        self.records.append(record)
        if draw.random() < 0.004:
            self.records.append(dict(record))
        return report
