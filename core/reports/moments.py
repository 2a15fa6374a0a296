"""Parts of a period as a table inside a question: rows of the database fall into hours, days or weeks of any clock.

The parts' bounds are instants, so that a day with a clock change counts as the day it was, on either database.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo

from sqlalchemy import CTE, DateTime, Integer, column, values

from core.reports.periods import Part, Step

STEPS: dict[str, Step] = {"hour": "hour", "day": "day", "week": "week", "month": "month"}
"""Steps of time by the names people group by."""


def part_table(parts: Sequence[Part], name: str = "part") -> CTE:
    """A table of ``number`` (from 0), ``begins`` and ``ends`` (naive UTC, as tables keep instants)."""
    rows = [
        (number, part.since.astimezone(UTC).replace(tzinfo=None), part.until.astimezone(UTC).replace(tzinfo=None))
        for number, part in enumerate(parts)
    ]
    shape = values(column("number", Integer), column("begins", DateTime), column("ends", DateTime), name=f"{name}_rows")
    return shape.data(rows).cte(name)


def beginning(part: Part, step: str, clock: tzinfo) -> datetime | date:
    """What a part is called: its hour, or the first day of its day, week or month though the period cut it."""
    if step == "hour":
        return part.since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    day = part.since.astimezone(clock).date()
    if step == "week":
        return date.fromordinal(day.toordinal() - day.weekday())
    return day.replace(day=1) if step == "month" else day
