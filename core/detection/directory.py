"""Who is who, as the admin API tells: locations, people with departments, declared outbound campaigns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from core.detection.calendar import EPOCH
from core.detection.rates import ContractTariff

NO_DAYS: frozenset[int] = frozenset()
MARGIN_DAYS = 1
"""A campaign that begins on the 3rd may be prepared on the 2nd and tailed off on the day after its end."""


@dataclass(frozen=True, slots=True)
class Place:
    """A location; ``timezone`` is an IANA name."""

    uuid: str
    name: str
    country: str = ""
    timezone: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A person, workspace or service of the organisation."""

    uuid: str
    name: str = ""
    type: str = ""
    location: str = ""
    department: str = ""


@dataclass
class Directory:
    """Lookups of what is known; empty when nothing is, and then the records tell."""

    org: str = ""
    places: dict[str, Place] = field(default_factory=dict)
    place_by_name: dict[str, Place] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    member_by_number: dict[str, Member] = field(default_factory=dict)
    campaign_days: dict[str, set[int]] = field(default_factory=dict)
    days_off: dict[str, frozenset[int]] = field(default_factory=dict)
    tariff: ContractTariff | None = None

    def in_campaign(self, user: str, day: int) -> bool:
        """Whether ``user`` takes part in a declared campaign on that day since 1970."""
        days = self.campaign_days.get(user)
        return days is not None and day in days

    def days_off_at(self, location: str) -> frozenset[int]:
        """Days since 1970 on which a site is closed beyond its country's holidays; those of the empty name are
        everybody's."""
        return self.days_off.get(location, NO_DAYS) | self.days_off.get("", NO_DAYS)


def _text(row: Mapping[str, Any], key: str) -> str:
    return str(row.get(key) or "").strip()


def directory_of(told: Mapping[str, Any]) -> Directory:
    """A directory from the shape of ``directory.json``; unknown keys and broken rows are passed over."""
    directory = Directory(org=_org(told.get("org")))
    for row in _rows(told, "locations"):
        place = Place(_text(row, "uuid"), _text(row, "name"), _text(row, "country"), _text(row, "timezone"))
        directory.places[place.uuid] = place
        directory.place_by_name[place.name.casefold()] = place
    for row in _rows(told, "users"):
        member = Member(*(_text(row, key) for key in ("uuid", "name", "type", "location", "department")))
        directory.members[member.uuid] = member
        for key in ("number", "extension"):
            if _text(row, key):
                directory.member_by_number.setdefault(_text(row, key), member)
    for row in _rows(told, "campaigns"):
        _add_campaign(directory, row)
    for row in _rows(told, "days_off"):
        _add_day_off(directory, row)
    return directory


def _org(told: Any) -> str:
    return _text(told, "uuid") if isinstance(told, Mapping) else str(told or "")


def _rows(told: Mapping[str, Any], key: str) -> Iterable[Mapping[str, Any]]:
    rows = told.get(key)
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _add_campaign(directory: Directory, row: Mapping[str, Any]) -> None:
    try:
        start = date.fromisoformat(_text(row, "start")[:10]) - timedelta(days=MARGIN_DAYS)
        end = date.fromisoformat(_text(row, "end")[:10]) + timedelta(days=MARGIN_DAYS)
    except ValueError:
        return
    days = range(start.toordinal() - EPOCH, end.toordinal() - EPOCH + 1)
    people = row.get("users")
    for user in people if isinstance(people, list) else []:
        directory.campaign_days.setdefault(str(user), set()).update(days)


def _add_day_off(directory: Directory, row: Mapping[str, Any]) -> None:
    """One row of ``days_off``: ``location`` (empty: every site) and ``day``."""
    try:
        day = date.fromisoformat(_text(row, "day")[:10]).toordinal() - EPOCH
    except ValueError:
        return
    location = _text(row, "location")
    directory.days_off[location] = directory.days_off.get(location, NO_DAYS) | {day}
