"""Reading the organisation's directory as last synchronised: sites and people, by name, page by page."""

from sqlalchemy import or_, select, tuple_
from sqlalchemy.orm import Session

from core.store.engine import Database
from core.store.models.webex import WebexLocation, WebexPerson


def locations(database: Database, *, after: tuple[str, str] | None = None, limit: int = 100) -> list[WebexLocation]:
    """Up to ``limit`` sites behind the name and uuid in ``after``; without those removed in Webex."""
    query = select(WebexLocation).where(WebexLocation.is_removed.is_(False))
    if after is not None:
        query = query.where(tuple_(WebexLocation.name, WebexLocation.uuid) > after)
    with database.read() as session:
        return list(session.scalars(query.order_by(WebexLocation.name, WebexLocation.uuid).limit(limit)))


def persons(database: Database, *, after: tuple[str, str] | None = None, limit: int = 100) -> list[WebexPerson]:
    """Up to ``limit`` people behind the name and uuid in ``after``; without those removed in Webex."""
    query = select(WebexPerson).where(WebexPerson.is_removed.is_(False))
    if after is not None:
        query = query.where(tuple_(WebexPerson.name, WebexPerson.uuid) > after)
    with database.read() as session:
        return list(session.scalars(query.order_by(WebexPerson.name, WebexPerson.uuid).limit(limit)))


def locations_of(session: Session) -> list[WebexLocation]:
    """Every site, by name, in the caller's session; without those removed in Webex."""
    query = select(WebexLocation).where(WebexLocation.is_removed.is_(False))
    return list(session.scalars(query.order_by(WebexLocation.name, WebexLocation.uuid)))


def location_of(session: Session, site: str) -> WebexLocation | None:
    """The site of a uuid or, failing that, of a name; removed ones too, since alerts outlive them."""
    named = select(WebexLocation).where(or_(WebexLocation.uuid == site, WebexLocation.name == site))
    found = list(session.scalars(named.order_by(WebexLocation.is_removed)))
    return next((row for row in found if row.uuid == site), found[0] if found else None)
