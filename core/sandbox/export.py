"""Writing a labelled history to files: the records, what the admin interface would tell, and the truth about abuse."""

import gzip
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from core.sandbox.abuse import KINDS, Incident, plan_incident, write_incident
from core.sandbox.archive import Archive, site_day
from core.sandbox.founding import build_world
from core.sandbox.randomness import stream
from core.sandbox.traffic import Traffic
from core.sandbox.world import ORGANISATION, World

QUIET_SHARE = 0.4
"""The first part of a history has no incident, so that a detector can learn from it."""


@dataclass(frozen=True)
class History:
    """What to write: so many days up to ``until`` (inclusive), of that seed and size, with so many incidents."""

    days: int
    seed: int
    people: int
    incidents: int
    until: date


@dataclass(frozen=True)
class Written:
    """How much was written."""

    legs: int
    incidents: int


def export(history: History, records: Path, directory: Path | None, labels: Path | None) -> Written:
    """Write the files; records as JSON lines in the order they were stored, gzipped when named ``.gz``."""
    world = build_world(history.seed, history.people)
    traffic = Traffic(world)
    first = history.until - timedelta(days=history.days - 1)
    incidents = draw_incidents(world, traffic, history, first)
    archive = Archive(traffic, first, lambda day: [each for each in incidents if _touches(each, day)])
    written = 0
    with gzip.open(records, "wb", compresslevel=3) if records.suffix == ".gz" else records.open("wb") as file:
        for ahead in range(history.days):
            copies = sorted(archive.day(first + timedelta(days=ahead)), key=lambda copy: copy.inserted)
            file.writelines(copy.body + b"\n" for copy in copies)
            written += len(copies)
    if directory is not None:
        _write(directory, describe(world))
    if labels is not None:
        _write(labels, [incident.label() for incident in incidents])
    return Written(written, len(incidents))


def draw_incidents(world: World, traffic: Traffic, history: History, first: date) -> list[Incident]:
    """Incidents spread over the later part of a history: every kind in turn, plain and half as strong."""
    draw = stream(history.seed, "export incidents")
    kinds: list[str] = []
    while len(kinds) < history.incidents:
        kinds += draw.sample(sorted(KINDS), len(KINDS))
    quiet = int(history.days * QUIET_SHARE)
    made: list[Incident] = []
    hit: set[str] = set()
    for position, kind in enumerate(kinds[: history.incidents]):
        latest = max(quiet + 1, history.days - KINDS[kind].days_it_lasts)
        day = first + timedelta(days=draw.randrange(quiet, latest))
        strength = (1.0, 0.5)[position % 2]
        for _ in range(20):
            incident = write_incident(world, traffic.templates, plan_incident(world, kind, day, draw, strength))
            if incident.entity not in hit:
                break
        hit.add(incident.entity)
        made.append(incident)
    return sorted(made, key=lambda incident: incident.started)


def describe(world: World) -> dict[str, Any]:
    """What the admin interface would tell: locations, users and declared campaigns."""
    users = [
        {
            "uuid": person.uuid,
            "name": person.name,
            "type": person.user_type,
            "location": person.site.uuid,
            "department": person.department,
            "number": person.direct_number,
            "extension": person.extension,
        }
        for person in world.people
    ]
    services = [
        {
            "uuid": service.uuid,
            "name": service.name,
            "type": service.user_type,
            "location": service.site.uuid,
            "department": "",
            "number": service.direct_number,
            "extension": service.extension,
        }
        for service in world.services
    ]
    return {
        "org": {"uuid": world.org_uuid, "name": ORGANISATION},
        "locations": [
            {"uuid": site.uuid, "name": site.name, "country": site.country, "timezone": site.zone}
            for site in world.sites
        ],
        "users": users + services,
        "campaigns": [
            {
                "users": [world.people[index].uuid for index in campaign.people],
                "start": campaign.start.isoformat(),
                "end": campaign.end.isoformat(),
            }
            for campaign in world.campaigns
        ],
    }


def yesterday(now: datetime) -> date:
    """The last whole day before ``now``, UTC."""
    return now.astimezone(UTC).date() - timedelta(days=1)


def _touches(incident: Incident, day: date) -> bool:
    return any(site_day(leg.start) == day for leg in incident.legs)


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
