"""The cloud's store of call records, made day by day when asked for and kept only as long as it is useful."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from threading import Lock

from core.sandbox.abuse import Incident
from core.sandbox.delivery import Delivered, deliver
from core.sandbox.legs import Leg
from core.sandbox.randomness import stream
from core.sandbox.traffic import Traffic

_KEPT_DAYS = 5
_REACH_DAYS = 2
"""A record of day D (site time) is stored at the latest on D + 2 (UTC): longest call, western zone, latest leg."""


def milliseconds(instant: datetime) -> int:
    """An aware instant as integer milliseconds since 1970."""
    return int(instant.timestamp() * 1000)


def instant(moment: int) -> datetime:
    """Integer milliseconds since 1970 as an aware instant, UTC."""
    return datetime.fromtimestamp(moment / 1000, UTC)


class Archive:
    """All copies of records of a world, ordinary calls and what ``incidents`` adds to a day; safe from threads.

    ``obeyed`` makes of written legs what happens under people's settings.
    """

    def __init__(
        self,
        traffic: Traffic,
        begin: date,
        incidents: Callable[[date], Sequence[Incident]] | None = None,
        obeyed: Callable[[Iterable[Leg]], list[Leg]] = list,
    ) -> None:
        self.traffic = traffic
        self.begin = begin
        self._incidents = incidents
        self._obeyed = obeyed
        self._lock = Lock()
        self._days: OrderedDict[date, list[Delivered]] = OrderedDict()

    def forget(self) -> None:
        """Make the days anew when next asked for, because an incident was added or a setting changed."""
        with self._lock:
            self._days.clear()

    def day(self, day: date) -> list[Delivered]:
        """The copies of the calls that began on ``day`` (site time)."""
        if day < self.begin:
            return []
        with self._lock:
            known = self._days.get(day)
            if known is None:
                known = self._make(day)
                self._days[day] = known
                while len(self._days) > _KEPT_DAYS:
                    self._days.popitem(last=False)
            self._days.move_to_end(day)
            return known

    def reported(self, since: int, until: int, now: int) -> list[Delivered]:
        """Copies whose report time lies in [since, until) and that are stored by ``now``, by report time."""
        found = [c for c in self._around(since, until) if since <= c.report < until and c.inserted <= now]
        return sorted(found, key=lambda copy: (copy.report, copy.inserted))

    def begun(self, since: int, until: int, now: int) -> list[Delivered]:
        """Like ``reported``, but by the start of the call, as some of Cisco's own explanations have it."""
        found = [c for c in self._around(since, until) if since <= c.start < until and c.inserted <= now]
        return sorted(found, key=lambda copy: (copy.start, copy.inserted))

    def stored(self, since: int, until: int, now: int) -> list[Delivered]:
        """Copies stored in [since, until), by that time."""
        found = [c for c in self._around(since, until) if since <= c.inserted < until and c.inserted <= now]
        return sorted(found, key=lambda copy: copy.inserted)

    def _around(self, since: int, until: int) -> list[Delivered]:
        first = instant(since).date() - timedelta(days=_REACH_DAYS)
        days = (instant(until).date() - first).days + 1
        return [copy for ahead in range(days) for copy in self.day(first + timedelta(days=ahead))]

    def _make(self, day: date) -> list[Delivered]:
        seed = self.traffic.world.seed
        copies = deliver(self._obeyed(self.traffic.day(day)), stream(seed, "delivery", day))
        for incident in self._incidents(day) if self._incidents is not None else ():
            legs = self._obeyed(leg for leg in incident.legs if site_day(leg.start) == day)
            for copy in deliver(legs, stream(seed, "delivery", day, incident.id)):
                copies.append(copy._replace(inserted=max(copy.inserted, incident.known_from + copy.report % 20_000)))
        return copies


def site_day(moment: int) -> date:
    """The day of an instant in the middle of the organisation's zones (six hours behind UTC)."""
    return instant(moment - 6 * 3_600_000).date()
