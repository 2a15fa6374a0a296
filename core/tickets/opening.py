"""Opening hours as people write them: some weekdays, from when to when; and as calendars keep them."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import InvalidInputError
from core.tickets.calendars import MINUTES_A_DAY, WEEKDAYS

MOST_SPANS = 40


@dataclass(frozen=True)
class Opening:
    """Some weekdays (0 = Monday) from a local minute to another.

    Ends that are not later than the beginning are of the next day; midnight as an end is the end of the day.
    """

    weekdays: tuple[int, ...]
    begins: int
    ends: int


Hours = tuple[tuple[tuple[int, int], ...], ...]


def hours_of(openings: Sequence[Opening]) -> Hours:
    """The hours of each weekday; spans that overlap or meet become one. Raises ``InvalidInputError``."""
    if len(openings) > MOST_SPANS:
        raise InvalidInputError(field="hours", problem=f"<= {MOST_SPANS}")
    minutes: list[list[tuple[int, int]]] = [[] for _ in WEEKDAYS]
    for opening in openings:
        if not opening.weekdays or any(day not in WEEKDAYS for day in opening.weekdays):
            raise InvalidInputError(field="weekdays", problem="–")
        if not (0 <= opening.begins < MINUTES_A_DAY and 0 <= opening.ends <= MINUTES_A_DAY):
            raise InvalidInputError(field="hours", problem="00:00-24:00")
        for day in opening.weekdays:
            if opening.ends > opening.begins:
                minutes[day].append((opening.begins, opening.ends))
            else:
                minutes[day].append((opening.begins, MINUTES_A_DAY))
                minutes[(day + 1) % len(WEEKDAYS)].append((0, opening.ends))
    return tuple(_joined(spans) for spans in minutes)


def _joined(spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return tuple(joined)


def openings_of(hours: Hours) -> list[Opening]:
    """How the hours of a week would be written, weekdays with the same span together."""
    days: dict[tuple[int, int], list[int]] = {}
    for weekday in WEEKDAYS:
        for span in hours[weekday]:
            days.setdefault(span, []).append(weekday)
    return [Opening(tuple(weekdays), begin, end) for (begin, end), weekdays in days.items()]
