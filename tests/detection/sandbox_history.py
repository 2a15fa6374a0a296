"""A history of the sandbox's own traffic, with every leg as Webex writes it, as a stage for the same incidents."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from core.calls.countries import country_of
from core.sandbox.destinations import destination
from core.sandbox.founding import build_world
from core.sandbox.legs import Call, Line, Templates, Times
from core.sandbox.redirects import onward
from core.sandbox.traffic import Traffic
from core.sandbox.world import Contact, Party, Person, World
from tests.detection.other_people import Place, Somebody

Record = dict[str, Any]


class SandboxHistory:
    """Days of the sandbox's calls; people and places are given in the shape that incidents are written in."""

    def __init__(self, seed: int, people: int, days: int, first: date = date(2026, 2, 2)) -> None:
        self.seed, self.days, self.first = seed, days, first
        self.world: World = build_world(seed, people)
        self.draw = Random(f"sandbox history {seed}")
        self.records: list[Record] = []
        self._templates = Templates(self.world)
        self.places = [
            Place(site.index, site.uuid, site.name, site.country, site.zone, site.main_number, [])
            for site in self.world.sites
        ]
        self._parties: dict[str, Party] = {}
        self.people = [self._somebody(person) for person in self.world.people if person.is_human]
        self.desks = [self._somebody(s) for s in self.world.services if s.user_type.startswith("AutomatedAttendant")]
        self.campaigns = [
            {
                "users": [self.world.people[index].uuid for index in campaign.people],
                "start": campaign.start.isoformat(),
                "end": campaign.end.isoformat(),
            }
            for campaign in self.world.campaigns
        ]

    def _somebody(self, party: Party) -> Somebody:
        self._parties[party.uuid] = party
        department = _DEPARTMENTS.get(party.department, party.department) if isinstance(party, Person) else ""
        joined = left = None
        if isinstance(party, Person):
            joined, left = party.joined, party.left
        away = range((left - self.first).days, self.days) if left else range(0)
        return Somebody(
            0, party.uuid, party.name, self.places[party.site.index], department, 0, 0, 0, "office", 0, 0, 100,
            party.number, party.extension, "", [], [], "", type=party.user_type,
            joined=(joined - self.first).days if joined else -1, away=frozenset(away),
        )  # fmt: skip

    def directory(self) -> dict[str, Any]:
        """What the admin API would tell of it."""
        return {
            "org": self.world.org_uuid,
            "locations": [
                {"uuid": p.uuid, "name": p.name, "country": p.country, "timezone": p.zone} for p in self.places
            ],
            "users": [
                {
                    "uuid": party.uuid,
                    "name": party.name,
                    "type": party.user_type,
                    "location": party.site.uuid,
                    "department": party.department if isinstance(party, Person) else "",
                    "number": party.direct_number,
                    "extension": party.extension,
                }
                for party in (*self.world.people, *self.world.services)
            ],
            "campaigns": self.campaigns,
        }

    def run(self) -> list[Record]:
        """All ordinary calls."""
        traffic = Traffic(self.world)
        for day in range(self.days):
            self.records += [leg.record for leg in traffic.day(self.first + timedelta(days=day))]
        return self.records

    def at(self, place: Place, day: int, hour: float) -> datetime:
        """The instant of a local hour of a day of the history."""
        midnight = datetime.combine(self.first + timedelta(days=day), datetime.min.time(), ZoneInfo(place.zone))
        return (midnight + timedelta(hours=hour)).astimezone(UTC)

    def dial(
        self, who: Somebody, start: datetime, number: str, seconds: int, failed: bool = False, **extra: Any
    ) -> str:
        """One call out; gives its Report ID."""
        party = self._parties[who.uuid]
        call = Call(self._templates, self.draw)
        fields = {**destination(party.site, contact_of(number)), **extra}
        if failed:
            fields |= {"Call outcome": "Refusal", "Call outcome reason": "SIP480"}
        record = call.dial(party, self._times(start, seconds), Line(party.number, number, party.name), fields)
        return self._keep(record)

    def receive(self, who: Somebody, start: datetime, caller: str, seconds: int, ring: int = 9, **extra: Any) -> str:
        """One call in; gives its Report ID."""
        party = self._parties[who.uuid]
        call = Call(self._templates, self.draw)
        times = self._times(start, seconds, ring)
        return self._keep(call.receive(party, times, Line(caller, party.number, "NA", party.name), extra))

    def forward(
        self, who: Somebody, start: datetime, caller: str, target: str, seconds: int, reason: str = "Unconditional"
    ) -> list[str]:
        """A call that comes in and is sent on to ``target``; gives both Report IDs."""
        party = self._parties[who.uuid]
        call = Call(self._templates, self.draw)
        line = Line(caller, party.number, "NA", party.name)
        parent = call.receive(party, self._times(start, seconds if reason == "Deflection" else 0), line)
        contact = contact_of(target)
        fields = {**onward(party, parent, reason), **destination(party.site, contact)}
        sent = call.dial(party, self._times(start, seconds), line.towards(target), fields)
        return [self._keep(parent), self._keep(sent)]

    def _keep(self, record: Record) -> str:
        self.records.append(record)
        return str(record["Report ID"])

    def _times(self, start: datetime, seconds: int, ring: int = 9) -> Times:
        begin = int(start.timestamp() * 1000)
        answer = begin + ring * 1000
        return Times(begin, answer, answer + seconds * 1000) if seconds else Times(begin, None, answer)


def contact_of(number: str) -> Contact:
    """The number as the sandbox classes it."""
    return Contact(number, country_of(number) or "", "mobile", 1)


_DEPARTMENTS = {
    "Sales": "Ventas", "Customer Support": "Centro de contacto", "Collections": "Centro de contacto",
    "Finance": "Administración", "Management": "Dirección", "Warehouse": "Tienda",
    "Information Technology": "Sistemas", "Human Resources": "Compras",
}  # fmt: skip
"""The departments by the names that incidents choose their victims by."""
