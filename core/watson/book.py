"""Whom and what a message can name: clients, sites, operators, people and channels that are known, and no others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from core.access import people
from core.notify import channel_book
from core.notify.places import place_of
from core.operators import clients, roster
from core.services import Services
from core.visits.days import zone_of
from core.watson.words import folded, words_in
from core.webex.directory import locations_of

OPERATOR, PERSON, CHANNEL = "operator", "person", "channel"
_SHORTEST_PART = 4


@dataclass(frozen=True)
class Entry:
    """Something known: its kind and number, what it is called, where its mail goes, and its time zone or site."""

    kind: str
    id: int
    name: str
    email: str = ""
    site: str = ""
    language: str = "en"

    @property
    def key(self) -> str:
        """How facts name it."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True)
class Found:
    """An entry that a text names, and where."""

    entry: Entry
    start: int
    end: int


@dataclass(frozen=True)
class Book:
    """Everything that can be named, as it stood when the message came."""

    clients: Sequence[Entry] = ()
    operators: Sequence[Entry] = ()
    people: Sequence[Entry] = ()
    channels: Sequence[Entry] = ()
    sites: Sequence[str] = ()
    zones: Mapping[str, str] | None = None
    zone: str = "UTC"

    @cached_property
    def recipients(self) -> Mapping[str, Entry]:
        """Whom messages can go to, by key: operators and people with a mail address, and channels."""
        reached = [one for one in (*self.operators, *self.people) if one.email]
        return {one.key: one for one in (*reached, *self.channels)}

    def client(self, number: object) -> Entry | None:
        """A client by number."""
        return next((one for one in self.clients if one.id == number), None)

    def operator(self, number: object) -> Entry | None:
        """An operator by number."""
        return next((one for one in self.operators if one.id == number), None)

    def zone_at(self, site: str) -> ZoneInfo:
        """The clock of a site, else the one most sites go by."""
        return zone_of((self.zones or {}).get(site) or self.zone)


def load(services: Services) -> Book:
    """The book as it stands now."""
    everybody = [one for one in people.everybody(services.database) if "@" in one.name]
    with services.database.read() as session:
        places = locations_of(session)
        return Book(
            clients=[
                Entry("client", row.id, row.name, row.email, row.site, row.language)
                for row in clients.everybody(session)
            ],
            operators=[
                Entry(OPERATOR, row.id, row.name, roster.reached_at(row), language=row.language)
                for row in roster.everybody(session)
            ],
            people=[
                Entry(PERSON, one.id, one.display_name, one.name, language=one.language)
                for one in everybody
                if not one.disabled
            ],
            channels=[
                Entry(CHANNEL, row.id, row.name, language=row.language)
                for row in channel_book.listed(session)
                if not row.is_paused
            ],
            sites=[place.name for place in places],
            zones={place.name: place.time_zone for place in places if place.time_zone},
            zone=place_of(session, "").zone,
        )


def named(text: str, entries: Sequence[Entry]) -> list[Found]:
    """The entries that a text names whole, longest names first where they overlap, in the order of the text."""
    plain = folded(text)
    found: list[Found] = []
    for entry in sorted(entries, key=lambda one: -len(one.name)):
        place = _place(plain, folded(entry.name))
        if place is not None and not any(one.start < place[1] and place[0] < one.end for one in found):
            found.append(Found(entry, *place))
    return sorted(found, key=lambda one: one.start)


def meant(text: str, entries: Sequence[Entry], *, every: bool = False) -> list[Found]:
    """As ``named``; where none is named whole, whoever alone bears one of the words ("Luisa" among all operators).

    ``every``: those who are named by a word beside others who are named whole are meant too.
    """
    whole = named(text, entries)
    if whole and not every:
        return whole
    bearers: dict[str, set[int]] = {}
    for place, entry in enumerate(entries):
        for word in words_in(entry.name):
            if len(word.text) >= _SHORTEST_PART:
                bearers.setdefault(word.text, set()).add(place)
    found: dict[int, Found] = {}
    for word in words_in(text):
        if any(one.start <= word.start < one.end for one in whole):
            continue
        borne = bearers.get(word.text, set())
        # A name in a sentence begins with a capital letter; a bare answer need not.
        if len(borne) == 1 and (text[word.start].isupper() or len(text.split()) <= 3):
            place = next(iter(borne))
            found.setdefault(place, Found(entries[place], word.start, word.end))
    others = [one for one in found.values() if one.entry not in [known.entry for known in whole]]
    return sorted([*whole, *others], key=lambda one: one.start)


def site_in(text: str, sites: Sequence[str]) -> str:
    """The site that a text names, else nothing."""
    found = named(text, [Entry("site", place, name) for place, name in enumerate(sites)])
    return found[0].entry.name if found else ""


def _place(plain: str, name: str) -> tuple[int, int] | None:
    start = plain.find(name) if name.strip() else -1
    while start >= 0:
        end = start + len(name)
        before, after = plain[start - 1 : start], plain[end : end + 1]
        if not before.isalnum() and not after.isalnum():
            return start, end
        start = plain.find(name, start + 1)
    return None
