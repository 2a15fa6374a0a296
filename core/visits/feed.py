"""A person's visits as a calendar to read along, by a signed address that opens nothing else."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access import people
from core.access.people import Person
from core.errors import NotFoundError
from core.services import Services
from core.store.encryption import LinkInvalidError, Vault
from core.store.models.visits import VisitRow
from core.visits import availability
from core.visits.filters import ME, VisitFilter
from core.visits.invitations import Reader, calendar
from core.visits.query import MOST_IN_CALENDAR

LINK_AGE = timedelta(days=180)
PATH = "/calendars/visits.ics"
_PURPOSE = "visit calendar"
_BACK, _AHEAD = timedelta(days=30), timedelta(days=366)


def address(services: Services, person_id: int) -> str:
    """The address of a person's calendar, whole, good for ``LINK_AGE``."""
    token = Vault(services.settings, services.clock).sign({"person": person_id}, purpose=_PURPOSE, max_age=LINK_AGE)
    return f"{services.settings.base_url.rstrip('/')}{PATH}?token={token}"


def read(services: Services, token: str) -> bytes:
    """The calendar an address leads to: the person's visits of the last month and the year to come.

    Raises ``LinkInvalidError``, ``LinkExpiredError``; a person who may no longer see visits has no calendar.
    """
    told = Vault(services.settings, services.clock).open_signed(token, purpose=_PURPOSE)
    try:
        person = people.get(services.database, int(told["person"]))
    except NotFoundError as error:
        raise LinkInvalidError from error
    if not person.may("visits.view"):
        raise LinkInvalidError
    now = services.clock.now()
    with services.database.read() as session:
        visits = _of(session, person, now)
    reader = Reader(role="operator", language=person.language)
    return calendar(visits, reader, at=now)


def _of(session: Session, person: Person, now: datetime) -> list[VisitRow]:
    mine = VisitFilter(operators=(ME,), since=now - _BACK, until=now + _AHEAD)
    me = availability.own_number(session, person.name)
    query = select(VisitRow).where(*mine.where(now, me)).order_by(VisitRow.starts_at)
    return list(session.scalars(query.limit(MOST_IN_CALENDAR)))
