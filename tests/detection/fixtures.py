"""Short histories told in a few words beside each detector, made into records and shown to the engine."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any

import pyarrow as pa

from core.calls.normalise import normalise_records
from core.detection.directory import Directory
from core.detection.engine import Engine
from core.detection.finding import AlertDraft
from core.detection.observation import observations
from tests.calls.records import leg, uuid_of

BEGIN = datetime(2026, 3, 2, 5, tzinfo=UTC)
"""Midnight in Bogotá of a Monday: the first day of every fixture's history."""

COLLEAGUES = ("ana", *(f"p{number}" for number in range(1, 26)))
DAILY_CALLS = 5
SERVICE = "AutomatedAttendantVideo"


def alerts_of(detector: str, fixture: Mapping[str, Any]) -> list[AlertDraft]:
    """The alerts that one detector alone raises over a fixture's routine and legs."""
    table = pa.concat_tables([routine_table(fixture["days"], fixture.get("known", "")), legs_table(fixture["legs"])])
    engine = Engine(Directory(), only={detector})
    return [draft for draft in engine.feed(observations(table, Directory())) if draft.is_new]


@lru_cache(maxsize=8)
def routine_table(days: int, known: str) -> pa.Table:
    """``routine`` as rows of the table of calls; made once for all fixtures."""
    return _typed(routine(days, known))


def legs_table(told: list[Mapping[str, Any]]) -> pa.Table:
    """The legs that a fixture tells, as rows of the table of calls."""
    return _typed(_legs(told))


def _typed(records: Iterable[dict[str, Any]]) -> pa.Table:
    return normalise_records(records, source="import", stored_at=BEGIN + timedelta(days=100)).table


def routine(days: int, known: str) -> Iterator[dict[str, Any]]:
    """Ordinary working days of everybody: calls to acquaintances, in and out; ``known`` is one more that Ana calls."""
    draw = Random("routine")
    number = 0
    for day in range(days + 1 if days else 0):
        if (BEGIN + timedelta(days=day)).weekday() >= 5 or day == days:
            continue
        for who in COLLEAGUES:
            for _ in range(DAILY_CALLS):
                number += 1
                start = BEGIN + timedelta(days=day, hours=8 + 9 * draw.random())
                far = f"+5730{draw.randrange(10)}{draw.randrange(10):07d}"
                yield record(number, who, start, far, draw.randrange(20, 500))
                if draw.random() < 0.4:
                    yield record(-number, who, start + timedelta(minutes=20), far, 90, inbound=True)
        if known:
            number += 1
            yield record(number, "ana", BEGIN + timedelta(days=day, hours=11), known, 200)


def _legs(told: list[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for position, spec in enumerate(told):
        day, clock = str(spec["at"]).split()
        hour, minute = clock.split(":")
        first = BEGIN + timedelta(days=int(day), hours=int(hour), minutes=int(minute))
        for n in range(int(spec["times"])):
            start = first + timedelta(minutes=n * float(spec["every"]))
            inbound = "from" in spec
            far = str(spec["from"] if inbound else spec["to"]).format(n=n)
            who = str(spec["who"]).format(n=n + 1)
            yield record(1_000_000 + position * 10_000 + n, who, start, far, int(spec["seconds"]), inbound, spec, n)


def record(
    number: int,
    who: str,
    start: datetime,
    far: str,
    seconds: int,
    inbound: bool = False,
    spec: Mapping[str, Any] | None = None,
    n: int = 0,
) -> dict[str, Any]:
    """One record of somebody in Bogotá."""
    spec = spec or {}
    own = f"+57601555{1000 + COLLEAGUES.index(who):04d}"
    inside = bool(spec.get("inside"))
    foreign = not far.startswith("+57")
    kind = (
        "SIP_INBOUND" if inbound else "SIP_ENTERPRISE" if inside else "SIP_INTERNATIONAL" if foreign else "SIP_MOBILE"
    )
    ring = int(spec.get("ring", 6))
    fields: dict[str, Any] = {
        "User": who,
        "User UUID": uuid_of(who),
        "User number": own,
        "Direction": "TERMINATING" if inbound else "ORIGINATING",
        "Call type": kind,
        "Calling number": far if inbound else own,
        "Called number": own if inbound else far,
        "Ring duration": str(ring),
        "Answered": "true" if seconds else "false",
        "Authorization code": str(spec.get("code", "")).format(n=n),
    }
    if not seconds:
        end = (start + timedelta(seconds=ring)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        fields |= {"Answer time": "", "Release time": end, "Report time": end}
    if spec.get("device"):
        fields |= {"Device MAC": str(spec["device"]), "Client type": "WXC_THIRD_PARTY"}
    if spec.get("failed"):
        fields |= {"Call outcome": "Refusal", "Call outcome reason": "CallRejected"}
    if spec.get("forward"):
        fields |= {
            "Redirect reason": "Unconditional",
            "Related reason": "CallForwardAlways",
            "Redirecting number": own,
        }
    return leg(number, start=start, seconds=seconds, **fields)
