"""What a list of journeys is narrowed to; one object gives the SQL condition of all of it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any


@dataclass(frozen=True)
class JourneyFilter:
    """A period (aware instants, ``until`` excluded) and what the calls have in common; empty asks nothing.

    ``number`` is a number or extension of anybody on the call, or its beginning; ``agents`` are people's UUIDs;
    waits and talk are seconds, both bounds included.
    """

    since: datetime | None = None
    until: datetime | None = None
    results: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    number: str = ""
    min_wait: float | None = None
    max_wait: float | None = None
    min_attendant: float | None = None
    min_talk: float | None = None
    max_talk: float | None = None

    def days(self) -> tuple[date | None, date | None]:
        """First and last UTC day that the filter can touch; ``None`` where it is open."""
        last = self.until.astimezone(UTC) - timedelta(microseconds=1) if self.until else None
        return (self.since.astimezone(UTC).date() if self.since else None, last.date() if last else None)

    def condition(self) -> tuple[str, list[Any]]:
        """The SQL condition over ``JOURNEY_SCHEMA`` and its parameters in order; ``true`` when nothing is asked."""
        parts: list[str] = []
        parameters: list[Any] = []
        for sql, value in self._terms():
            if value not in (None, "", ()):
                parts.append(sql)
                parameters.append(list(value) if isinstance(value, tuple) else value)
        return (" AND ".join(parts) or "true", parameters)

    def _terms(self) -> list[tuple[str, Any]]:
        return [
            ("started >= ?", _naive(self.since)),
            ("started < ?", _naive(self.until)),
            ("list_contains(?, result)", self.results),
            ("list_contains(?, direction)", self.directions),
            ("list_has_any(queues, ?)", self.queues),
            ("list_has_any(agents, ?)", self.agents),
            ("list_contains(?, site_uuid)", self.sites),
            ("len(list_filter(numbers, lambda one: starts_with(one, ?))) > 0", self.number),
            ("t_queue >= ?", self.min_wait),
            ("t_queue <= ?", self.max_wait),
            ("t_aa >= ?", self.min_attendant),
            ("talk_seconds >= ?", self.min_talk),
            ("talk_seconds <= ?", self.max_talk),
        ]


def _naive(instant: datetime | None) -> datetime | None:
    return instant.astimezone(UTC).replace(tzinfo=None) if instant else None
