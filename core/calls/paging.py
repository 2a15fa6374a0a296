"""Where a page of calls begins: the mark that goes into links, and the walk over days that fills the page."""

import base64
import binascii
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from core.calls.filter_terms import InvalidFilterError

_DAY_IN_PATH = re.compile(r"/dt=([0-9]{4}-[0-9]{2}-[0-9]{2})/")
_LONGEST_MARK = 400


@dataclass(frozen=True)
class PageMark:
    """A place between two legs in the order (start time, Report ID), and the way to read on from it.

    ``start_time`` is naive UTC as in the table; ``newer`` reads towards newer legs, else towards older ones.
    """

    start_time: datetime
    report_id: str
    newer: bool = False

    def text(self) -> str:
        """The mark as opaque, URL-safe text."""
        content = json.dumps([self.start_time.isoformat(), self.report_id, int(self.newer)], separators=(",", ":"))
        return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> Self:
        """The mark of ``text``. Raises ``InvalidInputError`` for anything ``text()`` did not make."""
        try:
            if len(text) > _LONGEST_MARK:
                raise ValueError(text)
            padded = text + "=" * (-len(text) % 4)
            start_time, report_id, newer = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
            instant = datetime.fromisoformat(start_time)
            if instant.tzinfo is not None or not isinstance(report_id, str) or newer not in (0, 1):
                raise ValueError(text)
        except (ValueError, TypeError, binascii.Error) as error:
            raise InvalidFilterError("cursor", "cursor") from error
        return cls(instant, report_id, bool(newer))

    def condition(self) -> tuple[str, list[Any]]:
        """The SQL condition of the legs beyond the mark and its parameters.

        The bare comparison of the start time is there for DuckDB to skip row groups by.
        """
        sign = ">" if self.newer else "<"
        sql = f"start_time {sign}= ? AND (start_time {sign} ? OR report_id {sign} ?)"
        return sql, [self.start_time, self.start_time, self.report_id]


def files_by_day(files: Sequence[str]) -> dict[date, list[str]]:
    """The files of each UTC day, newest day first."""
    days: dict[date, list[str]] = defaultdict(list)
    for path in files:
        found = _DAY_IN_PATH.search(path)
        if found:
            days[date.fromisoformat(found[1])].append(path)
    return dict(sorted(days.items(), reverse=True))


def widening(days: Sequence[list[str]], first: int = 1) -> Iterator[list[str]]:
    """The files of the ``first`` days, of the next twice as many, and so on: a page of any leg stops at once, and a
    page of rare ones costs a handful of questions instead of one a day."""
    position, step = 0, first
    while position < len(days):
        yield [path for files in days[position : position + step] for path in files]
        position += step
        step *= 2
