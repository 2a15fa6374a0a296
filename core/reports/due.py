"""When a schedule is due: five fields of cron by the clock of a time zone.

APScheduler counts weekdays from Monday, cron from Sunday; names mean the same to both, so numbers become names.
A time that a clock change leaves out comes an hour later, one that it repeats comes once.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from apscheduler.triggers.cron import CronTrigger

from core.errors import InvalidInputError
from core.reports.periods import zone_of

LONGEST_CRON = 100
SHORTEST_WAIT = timedelta(minutes=15)
"""Between two reports of a schedule: more often is a dashboard's work."""
_LOOKED_AT = 50
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_RANGE = re.compile(r"(?P<first>[0-7])(?:-(?P<last>[0-7]))?", re.ASCII)


def following(cron: str, zone: str, after: datetime) -> datetime:
    """The first due instant after an aware one, aware UTC. Raises ``InvalidInputError`` for what is no schedule."""
    trigger = _trigger(cron, zone)
    found = trigger.get_next_fire_time(None, after + timedelta(seconds=1))
    while found is not None and found.fold:
        found = trigger.get_next_fire_time(None, found.astimezone(UTC) + timedelta(seconds=1))
    if found is None:
        raise InvalidInputError(field="cron", problem=cron[:LONGEST_CRON])
    due: datetime = found.astimezone(UTC)
    return due


def checked(cron: str, zone: str, now: datetime) -> str:
    """A schedule in its usual spelling. Raises ``InvalidInputError`` where it is none, or comes too often."""
    spelt = " ".join(cron.split())
    seen = list(_times(spelt, zone, now))
    if any(later - earlier < SHORTEST_WAIT for earlier, later in pairwise(seen)):
        raise InvalidInputError(field="cron", problem=f"< {SHORTEST_WAIT.seconds // 60} min")
    return spelt


def _times(cron: str, zone: str, now: datetime) -> Iterator[datetime]:
    at = now
    for _ in range(_LOOKED_AT):
        at = following(cron, zone, at)
        yield at


def _trigger(cron: str, zone: str) -> CronTrigger:
    fields = cron.split()
    if len(cron) > LONGEST_CRON or len(fields) != 5 or not cron.isascii():
        raise InvalidInputError(field="cron", problem=cron[:LONGEST_CRON])
    try:
        fields[4] = ",".join(_named_days(part) for part in fields[4].split(","))
        return CronTrigger.from_crontab(" ".join(fields), timezone=zone_of(zone))
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(field="cron", problem=cron[:LONGEST_CRON]) from error


def _named_days(part: str) -> str:
    """Numbers of weekdays as names, a range as a list since it may pass Sunday; all else as it is."""
    found = _DAY_RANGE.fullmatch(part)
    if not found:
        if any(sign.isdigit() for sign in part.partition("/")[0]):
            raise ValueError(part)
        return part
    first, last = int(found["first"]), int(found["last"] or found["first"])
    if last < first:
        raise ValueError(part)
    return ",".join(dict.fromkeys(_DAYS[first : last + 1]))
