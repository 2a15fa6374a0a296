"""What is going on now, for a wall and for programs: figures of calls, alerts, tickets and operators of this day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.alerts.desk import desk_figures
from core.calls.filters import CallFilter
from core.calls.query import CallQueries
from core.language import Language, translate
from core.reports import ticket_figures
from core.reports.document import Figure, Kind
from core.reports.periods import resolved
from core.services import Services
from core.store.models.alerts import AlertRow
from core.store.models.tickets import TicketRow
from core.tickets.figures import stats
from core.tickets.filters import Reader, TicketFilter

SECTIONS: dict[str, str] = {
    "calls": "overview.view",
    "alerts": "alerts.view",
    "tickets": "tickets.view",
    "operators": "tickets.view",
}
"""Each part of the wall and the permission to see it, in the order it is shown."""


@dataclass(frozen=True)
class Moment:
    """When and for whom: an aware instant, the clock whose day is meant, and the language of titles."""

    now: datetime
    zone: str
    language: Language

    @property
    def day_began(self) -> datetime:
        """The beginning of the day that holds ``now``."""
        return resolved("today", self.now, self.zone).since


def live(services: Services, moment: Moment, may: Callable[[str], bool]) -> dict[str, tuple[Figure, ...]]:
    """The figures of each section the reader may see; ``before`` is the day before at the same time.

    Raises ``CallQueryTooLongError``.
    """
    made: Mapping[str, Callable[[Services, Moment], tuple[Figure, ...]]] = {
        "calls": _calls,
        "alerts": _alerts,
        "tickets": _tickets,
        "operators": _operators,
    }
    return {name: made[name](services, moment) for name, permission in SECTIONS.items() if may(permission)}


def _figure(
    moment: Moment,
    section: str,
    name: str,
    value: float | int | None,
    kind: Kind = "count",
    before: float | int | None = None,
) -> Figure:
    return Figure(name, translate(f"dashboard.{section}.{name}", moment.language), value, kind, before)


def _calls(services: Services, moment: Moment) -> tuple[Figure, ...]:
    queries = CallQueries(services.calls, services.clock)
    begun, now, day = moment.day_began, moment.now, timedelta(days=1)
    today = queries.aggregate(CallFilter(since=begun, until=max(now, begun + timedelta(seconds=1))))
    since = resolved("yesterday", now, moment.zone).since
    before = queries.aggregate(CallFilter(since=since, until=max(now - day, since + timedelta(seconds=1))))
    hour = queries.count(CallFilter(since=now - timedelta(hours=1), until=now))
    hour_before = queries.count(CallFilter(since=now - day - timedelta(hours=1), until=now - day))
    return (
        _figure(moment, "calls", "calls_today", today.calls, "count", before.calls),
        _figure(moment, "calls", "records_last_hour", hour, "count", hour_before),
        _figure(moment, "calls", "answered_share", today.answered_share, "share", before.answered_share),
        _figure(moment, "calls", "international", today.international, "count", before.international),
    )


def _alerts(services: Services, moment: Moment) -> tuple[Figure, ...]:
    with services.database.read() as session:
        found = desk_figures(session, moment.now)
        raised = _raised(session, moment.day_began, moment.now)
        yesterday = resolved("yesterday", moment.now, moment.zone).since
        before = _raised(session, yesterday, moment.now - timedelta(days=1))
    severe = found.open.get("critical", 0) + found.open.get("high", 0)
    return (
        _figure(moment, "alerts", "open", found.total_open),
        _figure(moment, "alerts", "severe", severe),
        _figure(moment, "alerts", "unowned", found.unowned),
        _figure(moment, "alerts", "raised_today", raised, "count", before),
        _figure(moment, "alerts", "cost_at_risk", found.cost_at_risk, "money"),
        _figure(moment, "alerts", "to_own", found.to_own.median, "seconds"),
    )


def _raised(session: Session, since: datetime, until: datetime) -> int:
    asked = (AlertRow.emitted_at >= since, AlertRow.emitted_at < until, AlertRow.deleted_at.is_(None))
    return session.scalar(select(func.count()).select_from(AlertRow).where(*asked)) or 0


def _tickets(services: Services, moment: Moment) -> tuple[Figure, ...]:
    with services.database.read() as session:
        found = stats(session, TicketFilter(), Reader(moment.now))
        made = _counted(session, TicketRow.created_at, moment)
        solved = _counted(session, TicketRow.resolved_at, moment)
        recent = stats(session, TicketFilter(view="all", last="7d"), Reader(moment.now))
    return (
        _figure(moment, "tickets", "open", found.open),
        _figure(moment, "tickets", "unassigned", found.unassigned),
        _figure(moment, "tickets", "overdue", found.overdue),
        _figure(moment, "tickets", "due_soon", found.due_soon),
        _figure(moment, "tickets", "made_today", made[0], "count", made[1]),
        _figure(moment, "tickets", "resolved_today", solved[0], "count", solved[1]),
        _figure(moment, "tickets", "kept", recent.resolve.share, "share"),
        _figure(moment, "tickets", "to_resolve", recent.to_resolve.median, "seconds"),
    )


def _counted(session: Session, column: Any, moment: Moment) -> tuple[int, int]:
    """Tickets of which something happened today, and yesterday by this time."""
    yesterday = resolved("yesterday", moment.now, moment.zone).since
    day = timedelta(days=1)
    stretches = ((moment.day_began, moment.now), (yesterday, moment.now - day))
    found = []
    for since, until in stretches:
        asked = (column >= since, column < until)
        found.append(session.scalar(select(func.count()).select_from(TicketRow).where(*asked)) or 0)
    return found[0], found[1]


def _operators(services: Services, moment: Moment) -> tuple[Figure, ...]:
    today = resolved("today", moment.now, moment.zone)
    with services.database.read() as session:
        works = ticket_figures.work_of_operators(session, {}, today, moment.now)
    owned = [one for one in works if one.operator_id is not None]
    return (
        _figure(moment, "operators", "working", sum(one.open > 0 for one in owned)),
        _figure(moment, "operators", "most_loaded", max((one.open for one in owned), default=0)),
        _figure(moment, "operators", "resolved_today", sum(one.resolved for one in owned)),
    )
