"""The memory of the engine: everybody's tallies, relations and recent legs, and what follows from them.

Relations are taught a day late and never by legs under an alert; alerts take back what they had taught.
"""

from collections import deque
from collections.abc import Mapping

from core.detection.baselines import (
    MEMORY_DAYS,
    NO_BASELINE,
    Baseline,
    DayTally,
    Hours,
    Relation,
    baseline_of,
    towards_peers,
    typical_of,
)
from core.detection.numbering import Destination
from core.detection.observation import DAY, Observation
from core.detection.site_hours import SiteHours
from core.detection.timeline import Timeline
from core.detection.withheld import Withheld

TEACHING_DELAY = DAY
TEN_MINUTES, HOUR = 600, 3600
_KNOWN_AFTER = 4 * DAY
_ESTABLISHED_AFTER = 5 * DAY
_SMALLEST_GROUP = 4
_TALK_SECONDS = 60
_LONGEST_CALL = 4 * HOUR
_MOST_CONTACTS = 500


def destination_key(to: Destination) -> str:
    """What counts as one destination: a country, a country's premium lines, or the satellite networks."""
    return f"{to.kind}:{to.country}" if to.kind in ("premium", "satellite") else to.country


class Person:
    """Memory of one user."""

    __slots__ = (
        "_baseline", "_baseline_day", "abroad", "contacts", "destinations", "devices", "first", "forward_targets",
        "group", "hours", "inbound", "inside", "location", "name", "out", "service", "talks", "tallies", "user",
    )  # fmt: skip

    def __init__(self, leg: Observation) -> None:
        self.user, self.name, self.service = leg.user, leg.user_name, leg.service
        self.location, self.group = leg.location, f"{leg.location}|{leg.department}"
        self.first = leg.reported
        self.tallies: dict[int, DayTally] = {}
        self.destinations: dict[str, Relation] = {}
        self.forward_targets: dict[str, Relation] = {}
        self.contacts: dict[str, None] = {}
        self.devices: dict[str, float] = {}
        self.hours = Hours()
        self.out, self.talks = Timeline(DAY), Timeline(DAY)
        self.inbound, self.inside = Timeline(2 * HOUR), Timeline(2 * HOUR)
        self.abroad = Timeline(MEMORY_DAYS / 4 * DAY)
        self._baseline, self._baseline_day = NO_BASELINE, -1

    def today(self, day: int) -> DayTally:
        """The tally of a day, begun if it is new."""
        tally = self.tallies.get(day)
        if tally is None:
            tally = self.tallies[day] = DayTally()
            if len(self.tallies) > 2 * MEMORY_DAYS:
                self.tallies = {known: kept for known, kept in self.tallies.items() if known > day - MEMORY_DAYS - 2}
        return tally

    def remember_contact(self, number: str) -> None:
        """Note a number the user dials; the ones longest not dialled are forgotten first."""
        self.contacts.pop(number, None)
        self.contacts[number] = None
        if len(self.contacts) > _MOST_CONTACTS:
            del self.contacts[next(iter(self.contacts))]

    def release(self, day: int) -> None:
        """Let a day count again of which nothing is under an alert any more."""
        if day in self.tallies:
            self.tallies[day].under_alert = False
        self._baseline_day = -1

    def baseline(self, day: int) -> Baseline:
        """Figures of the four weeks before ``day``, worked out once a day."""
        if self._baseline_day != day:
            self._baseline_day = day
            self._baseline = baseline_of(
                tally for known, tally in self.tallies.items() if day - MEMORY_DAYS <= known < day
            )
        return self._baseline


class Habits:
    """Memory of the organisation."""

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.first = 0.0
        self.now = 0.0
        self._groups: dict[str, dict[str, Person]] = {}
        self._by_place: dict[str, dict[str, dict[str, float]]] = {}
        self._by_org: dict[str, dict[str, float]] = {}
        self.known_numbers: dict[str, float] = {}
        self._waiting: deque[Observation] = deque()
        self.withheld = Withheld()
        self._typical: dict[str, tuple[int, Baseline]] = {}
        self.sites: dict[str, SiteHours] = {}

    @property
    def age(self) -> float:
        """Days since the first record."""
        return (self.now - self.first) / DAY

    def person(self, leg: Observation) -> Person:
        """The memory of the leg's own party, begun if new."""
        person = self.people.get(leg.user)
        if person is None:
            person = self.people[leg.user] = Person(leg)
            self._groups.setdefault(person.group, {})[leg.user] = person
            self._groups.setdefault(leg.location, {})[leg.user] = person
            if not self.first:
                self.first = leg.reported
        return person

    def advance(self, now: float) -> None:
        """Let a day pass for what waits to be taught."""
        self.now = max(self.now, now)
        waiting, due = self._waiting, self.now - TEACHING_DELAY
        while waiting and waiting[0].reported <= due:
            leg = waiting.popleft()
            if self.withheld.may_teach(leg.report_id):
                self._teach(leg)

    def note(self, leg: Observation, person: Person, counted: bool) -> None:
        """Remember a leg before detectors look at it; one that is not ``counted`` (a campaign) stays out of tallies."""
        tally = person.today(leg.day)
        if not counted:
            tally.excluded = True
        if leg.report_id in self.withheld.confirmed:
            tally.under_alert = True
        if leg.outbound:
            self._note_outbound(leg, person, tally)
        elif leg.inbound_public:
            person.inbound.add(leg)
            tally.inbound += 1
            tally.inbound_peak = max(tally.inbound_peak, person.inbound.busiest(leg.started, TEN_MINUTES))
        if leg.external:
            site = self.sites.get(leg.location)
            if site is None:
                site = self.sites[leg.location] = SiteHours()
            site.add(leg)
        if leg.external or leg.outbound:
            self._waiting.append(leg)

    def _note_outbound(self, leg: Observation, person: Person, tally: DayTally) -> None:
        if not leg.external:
            person.inside.add(leg)
            return
        if leg.redirected:
            tally.forwarded += 1
        else:
            person.out.add(leg)
            tally.out += 1
            tally.peak_ten = max(tally.peak_ten, person.out.busiest(leg.started, TEN_MINUTES))
            tally.peak_hour = max(tally.peak_hour, person.out.busiest(leg.started, HOUR))
            if leg.quiet:
                tally.quiet += 1
                tally.quiet_seconds += leg.seconds
        if leg.to.foreign or leg.premium:
            person.abroad.add(leg)
            tally.abroad += 1
            tally.abroad_seconds += leg.seconds
        tally.cost += leg.cost
        if leg.answered:
            tally.longest = max(tally.longest, leg.seconds)
            if leg.seconds >= _TALK_SECONDS:
                person.talks.add(leg)
                tally.live = max(tally.live, self.live_calls(leg, person))

    def live_calls(self, leg: Observation, person: Person) -> int:
        """The most answered calls of the user at once while ``leg`` lasted."""
        return len(self.simultaneous(leg, person))

    def simultaneous(self, leg: Observation, person: Person) -> list[Observation]:
        """The largest set of answered calls of the user that were all live at one moment of ``leg``."""
        rivals = [
            other for other in person.talks.between(leg.started - _LONGEST_CALL, leg.ended) if other.ended > leg.started
        ]
        best: list[Observation] = [leg]
        for pivot in rivals:
            at = max(leg.started, pivot.ended - pivot.seconds)
            live = [other for other in rivals if other.ended - other.seconds <= at < other.ended]
            if len(live) > len(best):
                best = live
        return best

    def _teach(self, leg: Observation) -> None:
        person = self.people[leg.user]
        if leg.outbound:
            person.hours.add(leg.cell, leg.day)
            if leg.external:
                person.remember_contact(leg.number)
            person.devices[leg.device] = leg.reported
        if not (leg.to.foreign or leg.premium):
            if leg.redirected and leg.outbound and leg.external:
                self._relate(person.forward_targets, leg.number, leg)
            return
        self.known_numbers.setdefault(leg.number, leg.reported)
        if not leg.outbound or leg.failed:
            return
        key = destination_key(leg.to)
        self._relate(person.destinations, key, leg)
        if leg.redirected:
            self._relate(person.forward_targets, leg.number, leg)
        self._by_place.setdefault(leg.location, {}).setdefault(key, {}).setdefault(leg.user, leg.reported)
        self._by_org.setdefault(key, {}).setdefault(leg.user, leg.reported)

    @staticmethod
    def _relate(relations: dict[str, Relation], key: str, leg: Observation) -> None:
        known = relations.get(key)
        relations[key] = known.again(leg.day) if known else Relation(leg.reported, leg.day, 1, 1)

    def taint(self, legs: list[Observation]) -> None:
        """Legs under an alert teach nothing, their days are no baseline, and young relations are taken back."""
        for leg in legs:
            person = self.people.get(leg.user)
            if person is None or not self.withheld.keep(leg):
                continue
            person.today(leg.day).under_alert = True
            self._forget(person, leg)

    def decide(self, verdicts: Mapping[str, str]) -> None:
        """Take people's verdicts by Report ID: harmless legs teach what they could not, confirmed ones never will."""
        freed = self.withheld.decide(verdicts)
        for leg in freed:
            if leg.reported <= self.now - TEACHING_DELAY:
                self._teach(leg)
        for user, day in {(leg.user, leg.day) for leg in freed}:
            if not self.withheld.has_day(user, day):
                self.people[user].release(day)

    def _forget(self, person: Person, leg: Observation) -> None:
        if not (leg.to.foreign or leg.premium):
            return
        key = destination_key(leg.to)
        known = person.destinations.get(key)
        if known is None or known.first < self.now - 2 * _ESTABLISHED_AFTER:
            return
        del person.destinations[key]
        self._by_place.get(person.location, {}).get(key, {}).pop(person.user, None)
        self._by_org.get(key, {}).pop(person.user, None)

    def peers(self, person: Person, day: int) -> Baseline:
        """What is typical among colleagues of the department at the site, or of the whole site."""
        members = self._groups[person.group]
        name = person.group if len(members) >= _SMALLEST_GROUP else person.location
        known = self._typical.get(name)
        if known is not None and known[0] == day:
            return known[1]
        typical = typical_of(
            member.baseline(day) for member in self._groups[name].values() if member.service == person.service
        )
        self._typical[name] = (day, typical)
        return typical

    def peer_days(self, person: Person, day: int) -> list[Baseline]:
        """The baselines of the colleagues that ``peers`` looks at, without the young ones and the person's own."""
        members = self._groups[person.group]
        if len(members) < _SMALLEST_GROUP:
            members = self._groups[person.location]
        alike = (each for each in members.values() if each is not person and each.service == person.service)
        return [own for each in alike if not (own := each.baseline(day)).is_young]

    def usual(self, person: Person, day: int) -> Baseline:
        """The user's own baseline, drawn towards colleagues' while young."""
        own = person.baseline(day)
        return towards_peers(own, self.peers(person, day)) if own.is_young else own

    def is_usual_hour(self, leg: Observation, person: Person, least: float) -> bool:
        """Whether the user makes at least that share of the calls around this hour of this kind of day."""
        return person.hours.share(leg.cell) >= least

    def people_at(self, location: str) -> int:
        """How many users the site has."""
        return len(self._groups.get(location, ()))

    def unfamiliarity(self, leg: Observation, person: Person) -> float:
        """From 0 (an everyday destination of this user) to 1 (nobody here ever called it)."""
        key = destination_key(leg.to)
        own = self._own_unfamiliarity(person.destinations.get(key))
        before = self.now - _KNOWN_AFTER
        here = _others(self._by_place.get(person.location, {}).get(key), person.user, before)
        anywhere = _others(self._by_org.get(key), person.user, before)
        shared = min(_BY_SITE[min(here, len(_BY_SITE) - 1)], _BY_ORG[min(anywhere, len(_BY_ORG) - 1)])
        first_seen = self.known_numbers.get(leg.number)
        known_number = first_seen is not None and first_seen < self.now - 2 * DAY
        return own * shared * (_KNOWN_NUMBER if known_number else 1.0)

    def _own_unfamiliarity(self, known: Relation | None) -> float:
        if known is None:
            return 1.0
        age = self.now - known.first
        if age > _ESTABLISHED_AFTER and known.days >= 2 and known.calls >= 3:
            return 0.08
        return 0.3 if age > _KNOWN_AFTER and known.calls >= 2 else 0.7


_BY_SITE = (1.0, 0.75, 0.55, 0.42, 0.33, 0.26, 0.2, 0.15)
_BY_ORG = (1.0, 0.9, 0.8, 0.7, 0.62, 0.55, 0.5, 0.45, 0.4, 0.35)
_KNOWN_NUMBER = 0.4
"""How much a destination is less of a surprise when that many others call it, or when the number is known."""


def _others(users: dict[str, float] | None, user: str, before: float) -> int:
    if not users:
        return 0
    count = 0
    for other, first in users.items():
        if other != user and first < before:
            count += 1
            if count >= len(_BY_ORG):
                break
    return count
