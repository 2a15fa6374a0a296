"""How records reach the cloud's store: a little late, sometimes hours late, now and then twice or corrected.

Shares: field reports (records usually within five minutes, some up to a day late; duplicates inside and between
windows; the later Report time wins).
"""

from collections.abc import Iterable
from random import Random
from typing import NamedTuple

import orjson

from core.sandbox.legs import Leg, Record, stamp

DUPLICATE = 0.01
LATE = 0.025
CORRECTED = 0.0015
LATEST_SECONDS = 20 * 3600


class Delivered(NamedTuple):
    """One copy of a record: when its call was reported, when the copy was stored, and the copy as JSON."""

    report: int
    inserted: int
    start: int
    location: str
    report_id: str
    body: bytes


def deliver(legs: Iterable[Leg], draw: Random) -> list[Delivered]:
    """Every copy of every leg that the cloud ever holds, by the time it was stored."""
    copies: list[Delivered] = []
    for leg in legs:
        inserted = leg.report + _delay(draw)
        body = _written(leg.record)
        first = _copy(leg.report, inserted, leg, body)
        copies.append(first)
        coin = draw.random()
        if coin < DUPLICATE:
            copies.append(first._replace(inserted=inserted + _repeat_delay(draw)))
        elif coin < DUPLICATE + CORRECTED:
            report = leg.report + draw.randrange(2000, 90_000)
            corrected = _written(_corrected(leg.record, report))
            copies.append(_copy(report, max(report, inserted) + _delay(draw), leg, corrected))
    copies.sort(key=lambda copy: copy.inserted)
    return copies


def _copy(report: int, inserted: int, leg: Leg, body: bytes) -> Delivered:
    return Delivered(report, inserted, leg.start, leg.record["Location"], leg.record["Report ID"], body)


def _written(record: Record) -> bytes:
    """The record as JSON, in a buffer of its own size: the one orjson hands out holds ten times as much."""
    return bytes(memoryview(orjson.dumps(record)))


def _delay(draw: Random) -> int:
    if draw.random() < LATE:
        return int(min(draw.lognormvariate(7.3, 1.3), LATEST_SECONDS) * 1000)
    return int(draw.triangular(3, 45, 9) * 1000)


def _repeat_delay(draw: Random) -> int:
    return draw.randrange(0, 90_000) if draw.random() < 0.7 else draw.randrange(90_000, 4 * 3_600_000)


def _corrected(record: Record, report: int) -> Record:
    """The same leg written again with what was learned since: the result of its recording, how long it was held."""
    copy = {**record, "Report time": stamp(report)}
    if record["Call Recording Platform Name"]:
        copy["Call Recording Result"] = "successful but not kept"
    elif record["Duration"] > 10:
        copy["Hold duration"] = record["Hold duration"] + 3
    return copy
