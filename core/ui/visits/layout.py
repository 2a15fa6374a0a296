"""Where visits stand in a calendar: days by the viewer's clock, and beside each other where they overlap. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from core.store.models.visits import VisitRow

MINUTES_A_DAY = 24 * 60
USUAL_HOURS = (7, 19)
"""The hours a calendar shows even when nothing is in them."""
SHORTEST_MINUTES = 30
"""What stands in the calendar is at least as high as this, so that it can be read and touched."""


@dataclass(frozen=True)
class Block:
    """A visit on one day, in minutes of the local day: column ``lane`` of ``lanes``."""

    visit: VisitRow
    begin: int
    end: int
    lane: int = 0
    lanes: int = 1


def week_of(day: date) -> list[date]:
    """The seven days from Monday that hold ``day``."""
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=count) for count in range(7)]


def bounds(days: Sequence[date], zone: tzinfo) -> tuple[datetime, datetime]:
    """The first instant of the first day and that after the last, by the clock of ``zone``."""
    after = days[-1] + timedelta(days=1)
    return (
        datetime(days[0].year, days[0].month, days[0].day, tzinfo=zone),
        datetime(after.year, after.month, after.day, tzinfo=zone),
    )


def blocks(visits: Iterable[VisitRow], days: Sequence[date], zone: tzinfo) -> dict[date, list[Block]]:
    """The visits of each day, by begin; one past midnight stands on both days."""
    found: dict[date, list[Block]] = {day: [] for day in days}
    for visit in visits:
        for day, begin, end in _pieces(visit, zone):
            if day in found:
                found[day].append(Block(visit, begin, end))
    return {day: _beside_each_other(pieces) for day, pieces in found.items()}


def hours(laid: dict[date, list[Block]]) -> tuple[int, int]:
    """First and last hour that a calendar of these must show."""
    every = [block for pieces in laid.values() for block in pieces]
    first = min((block.begin // 60 for block in every), default=USUAL_HOURS[0])
    last = max((-(-block.end // 60) for block in every), default=USUAL_HOURS[1])
    return min(first, USUAL_HOURS[0]), min(max(last, USUAL_HOURS[1]), 24)


def _pieces(visit: VisitRow, zone: tzinfo) -> Iterable[tuple[date, int, int]]:
    begin, end = visit.starts_at.astimezone(zone), visit.ends_at.astimezone(zone)
    first, last = begin.hour * 60 + begin.minute, end.hour * 60 + end.minute
    if begin.date() == end.date():
        # Where the clock was put back within the visit it would end before it began.
        yield begin.date(), first, max(last, first)
        return
    yield begin.date(), first, MINUTES_A_DAY
    if last:
        yield end.date(), 0, last


def _beside_each_other(pieces: list[Block]) -> list[Block]:
    """Share the width among those that overlap, as they are drawn."""
    laid: list[Block] = []
    group: list[Block] = []
    ends: list[int] = []
    for block in sorted(pieces, key=lambda one: (one.begin, one.end, one.visit.id)):
        if ends and block.begin >= max(ends):
            laid += [_of(len(ends), one) for one in group]
            group, ends = [], []
        shown_end = max(block.end, block.begin + SHORTEST_MINUTES)
        lane = next((place for place, end in enumerate(ends) if end <= block.begin), len(ends))
        ends[lane : lane + 1] = [shown_end]
        group.append(Block(block.visit, block.begin, block.end, lane))
    return laid + [_of(len(ends), one) for one in group]


def _of(lanes: int, block: Block) -> Block:
    return Block(block.visit, block.begin, block.end, block.lane, lanes)
