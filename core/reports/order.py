"""What somebody asks for: which report, over which period, of what. One object gives the address and the making."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

from core.errors import InvalidInputError
from core.reports import periods
from core.reports.periods import Period, resolved, zone_of
from core.reports.registry import report, reports

DEFAULT_PERIOD = "7d"
KIND, PERIOD, SINCE, UNTIL = "report", "period", "since", "until"
RESERVED = (KIND, PERIOD, SINCE, UNTIL)
"""Keys of an address that no parameter of a report may have."""


@dataclass(frozen=True)
class ReportOrder:
    """Frozen and hashable. Either ``period`` names the stretch, or ``since`` and ``until`` (aware) bound it.

    Raises ``InvalidInputError`` for what cannot be meant and ``NotFoundError`` for an unknown kind.
    """

    kind: str
    period: str = DEFAULT_PERIOD
    since: datetime | None = None
    until: datetime | None = None
    parameters: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __post_init__(self) -> None:
        checked = report(self.kind).checked(dict(self.parameters))
        object.__setattr__(self, "parameters", tuple(sorted(checked.items())))
        if (self.since is None) != (self.until is None):
            raise InvalidInputError(field=UNTIL if self.since else SINCE, problem="–")
        if self.since and self.until:
            Period(self.since, self.until)
            object.__setattr__(self, "period", "")
        elif self.period not in periods.NAMES:
            raise InvalidInputError(field=PERIOD, problem=self.period[:40])

    @property
    def values(self) -> dict[str, tuple[str, ...]]:
        """The parameters by name."""
        return dict(self.parameters)

    @property
    def needs(self) -> tuple[str, ...]:
        """The permissions its content asks for, beside the one to see reports."""
        return report(self.kind).needs(self.values)

    def stretch(self, now: datetime, zone: str) -> Period:
        """The period meant at an aware instant by the clock of ``zone``."""
        if self.since and self.until:
            return Period(self.since.astimezone(UTC), self.until.astimezone(UTC), zone)
        return resolved(self.period, now, zone)

    def to_query(self) -> dict[str, list[str]]:
        """The parameters of an address that mean this order."""
        query = {KIND: [self.kind]}
        if self.since and self.until:
            query |= {SINCE: [_written(self.since)], UNTIL: [_written(self.until)]}
        elif self.period != DEFAULT_PERIOD:
            query[PERIOD] = [self.period]
        return query | {name: list(values) for name, values in self.parameters}

    @classmethod
    def from_query(cls, query: Mapping[str, Sequence[str]], zone: str = "UTC") -> Self:
        """The order that an address means; days are those of ``zone``, other keys are left alone. Raises as above."""
        kind = _first(query, KIND) or next(iter(reports()))
        known = {parameter.name for parameter in report(kind).parameters}
        return cls(
            kind,
            _first(query, PERIOD) or DEFAULT_PERIOD,
            _instant(SINCE, _first(query, SINCE), zone),
            _instant(UNTIL, _first(query, UNTIL), zone),
            tuple((name, tuple(values)) for name, values in query.items() if name in known),
        )

    @classmethod
    def stored(
        cls, kind: str, period: str, parameters: Mapping[str, Any], bounds: tuple[datetime, datetime] | None = None
    ) -> Self:
        """The order that a schedule keeps, or a run with the ``bounds`` of its period."""
        since, until = bounds or (None, None)
        given = tuple((name, tuple(values)) for name, values in parameters.items())
        return cls(kind, period, since, until, given)


def _first(query: Mapping[str, Sequence[str]], key: str) -> str:
    values = query.get(key) or [""]
    return (values if isinstance(values, str) else values[0]).strip()


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _instant(field: str, text: str, zone: str) -> datetime | None:
    """An instant of ISO 8601; a day alone is its beginning by the clock of ``zone``, as ``until`` its end."""
    if not text:
        return None
    try:
        if len(text) == len("2026-11-20"):
            day = date.fromisoformat(text) + timedelta(days=1 if field == UNTIL else 0)
            return datetime(day.year, day.month, day.day, tzinfo=zone_of(zone)).astimezone(UTC)
        at = datetime.fromisoformat(text)
        return (at.replace(tzinfo=zone_of(zone)) if at.tzinfo is None else at).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(field=field, problem=text[:40]) from error
