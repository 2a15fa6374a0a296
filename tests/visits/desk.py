"""What the tests of visits share: operators, a schedule, and reading what was told."""

from datetime import datetime, timedelta
from typing import Any

from icalendar import Calendar, Component

from core.services import Services
from core.store.engine import Database
from core.store.models.visits import VisitRow
from core.visits import work
from core.visits.work import Actor, Guest, NewVisit
from tests.conftest import NOON
from tests.notify.receivers import Mailman
from tests.visits.operators import add_operator

SOON = NOON + timedelta(days=3)
"""A Monday, noon in Bogotá."""

CLIENT = Guest("Comercial Ñandú", "gerencia@nandu.example", "es")


def grace(at: datetime = NOON, key: str = "") -> Actor:
    """Who schedules, at a moment."""
    return Actor("grace@example", at, key)


def new_visit(operator_id: int, **given: Any) -> NewVisit:
    """A visit of an hour on Monday at noon, changed by ``given``."""
    values: dict[str, Any] = {
        "title": "Revisión",
        "starts_at": SOON,
        "minutes": 60,
        "client": CLIENT,
        "zone": "America/Bogota",
        "organizer": "tollwatch@desk.example.com",
        "place": "Calle 93",
        **given,
    }
    return NewVisit(operator_id=operator_id, **values)


def scheduled(database: Database, operator_id: int, actor: Actor | None = None, **given: Any) -> VisitRow:
    """A visit scheduled in a transaction of its own."""
    with database.write() as session:
        return work.schedule(session, new_visit(operator_id, **given), actor or grace())


def invitations(mailman: Mailman, recipient: str) -> list[tuple[str, Component]]:
    """Method and event of every invitation that reached an address, in the order of arrival."""
    found = []
    for mail in mailman.mails():
        if mail["To"] != recipient:
            continue
        parts = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
        for part in parts:
            calendar = Calendar.from_ical(part.get_content())
            found.append((str(calendar["METHOD"]), calendar.walk("VEVENT")[0]))
    return found


def luisa(services_or_database: Services | Database) -> int:
    """The number of an operator who speaks Spanish."""
    database = services_or_database.database if isinstance(services_or_database, Services) else services_or_database
    return add_operator(database, "Luisa Fernández", "luisa@example.com", "es")
