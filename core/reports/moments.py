"""Parts of a period as a table inside a question: rows of the database fall into hours, days or weeks of any clock.

The parts' bounds are instants, so that a day with a clock change counts as the day it was, on either database.
"""

from collections.abc import Sequence
from datetime import UTC

from sqlalchemy import CTE, DateTime, Integer, column, values

from core.reports.periods import Part


def part_table(parts: Sequence[Part]) -> CTE:
    """A table of ``number`` (from 0), ``begins`` and ``ends`` (naive UTC, as tables keep instants)."""
    rows = [
        (number, part.since.astimezone(UTC).replace(tzinfo=None), part.until.astimezone(UTC).replace(tzinfo=None))
        for number, part in enumerate(parts)
    ]
    shape = values(column("number", Integer), column("begins", DateTime), column("ends", DateTime), name="part")
    return shape.data(rows).cte("part")
