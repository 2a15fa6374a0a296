"""Reminders: client and operator are reminded once a lead, a day and two hours before, by the newest invitation."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from core.services import Services
from core.store import data_version
from core.store.crash_points import reached
from core.store.models.visits import VisitRow
from core.store.timeline import Deed
from core.visits import telling, timeline
from core.visits.telling import News
from core.visits.vocabulary import DATA_VERSION, REMINDER_MINUTES, SCHEDULED

ACTOR = "reminders"
_MOST_A_RUN = 500


def remind_due(services: Services, stopping: Callable[[], bool] = lambda: False) -> int:
    """Write the reminders that are due, each visit in a transaction of its own; gives how many visits were told of.

    Safe to run at once in several processes and to be killed at any point: what was noted is written, once.
    """
    now, reminded = services.clock.now(), 0
    with services.database.read() as session:
        due = list(session.scalars(select(VisitRow.id).where(*_due(now)).order_by(VisitRow.starts_at)))
    for visit_id in due[:_MOST_A_RUN]:
        if stopping():
            break
        with services.database.write() as session:
            reminded += _remind(session, visit_id, now)
            reached("visits.reminded")
        reached("visits.reminder_committed")
    return reminded


def _due(now: datetime) -> list[ColumnElement[bool]]:
    alternatives = [
        (VisitRow.starts_at <= now + timedelta(minutes=lead))
        & or_(VisitRow.reminded_minutes.is_(None), VisitRow.reminded_minutes > lead)
        for lead in REMINDER_MINUTES
    ]
    return [VisitRow.state == SCHEDULED, VisitRow.starts_at > now, or_(*alternatives)]


def _remind(session: Session, visit_id: int, now: datetime) -> bool:
    data_version.bump(session, DATA_VERSION, now)
    visit = session.scalars(select(VisitRow).where(VisitRow.id == visit_id, *_due(now)).with_for_update()).one_or_none()
    if visit is None:
        return False
    lead = min(lead for lead in REMINDER_MINUTES if visit.starts_at - timedelta(minutes=lead) <= now)
    visit.reminded_minutes = lead
    news = News("reminder", now, ACTOR, mark=f":{visit.starts_at:%Y%m%dT%H%M}:{lead}")
    written = telling.invite(session, visit, news)
    timeline.write(session, visit, Deed("reminded", ACTOR, now, detail={"minutes": lead, "mails": written}))
    return True
