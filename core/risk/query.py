"""Reading calling users: by search, site, department and band, the riskiest first, page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from core.errors import InvalidInputError, NotFoundError
from core.risk import score
from core.risk.score import BANDS, Band
from core.store.models.detection import CallingUser

LONGEST_TEXT = 200
LARGEST_PAGE = 1000
Mark = tuple[float, str, str]
"""Where a page ends: risk sum, name, UUID."""


@dataclass(frozen=True)
class UserFilter:
    """Which users; an empty field does not restrict. ``search`` is a part of name, number or extension."""

    search: str = ""
    sites: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    band: Band | None = None

    def to_query(self) -> dict[str, list[str]]:
        """The URL parameters."""
        told: dict[str, list[str]] = {
            "search": [self.search],
            "site": list(self.sites),
            "department": list(self.departments),
            "band": [self.band or ""],
        }
        return {name: values for name, values in told.items() if values and values != [""]}

    @classmethod
    def from_query(cls, query: Mapping[str, str | Sequence[str]]) -> "UserFilter":
        """The filter that URL parameters mean. Raises ``InvalidInputError`` for a band that is none."""

        def several(name: str) -> tuple[str, ...]:
            value = query.get(name, ())
            values = (value,) if isinstance(value, str) else tuple(value)
            return tuple(each.strip()[:LONGEST_TEXT] for each in values if each.strip())

        search, told = next(iter(several("search")), ""), next(iter(several("band")), "")
        band = next((one for one in BANDS if one == told), None)
        if told and band is None:
            raise InvalidInputError(field="band", problem=told[:20])
        return cls(search, several("site"), several("department"), band)

    def condition(self) -> ColumnElement[bool]:
        """The condition over ``CallingUser``."""
        parts: list[ColumnElement[bool]] = [CallingUser.uuid != ""]
        if self.search:
            columns = (CallingUser.name, CallingUser.number, CallingUser.extension)
            parts.append(or_(*(_holds(column, self.search) for column in columns)))
        if self.sites:
            parts.append(or_(CallingUser.site.in_(self.sites), CallingUser.site_uuid.in_(self.sites)))
        if self.departments:
            parts.append(CallingUser.department.in_(self.departments))
        if self.band is not None:
            low, high = score.sums_of(self.band)
            parts.append(CallingUser.risk_sum >= low)
            if high != float("inf"):
                parts.append(CallingUser.risk_sum < high)
        return and_(*parts)


def _holds(column: Any, text: str) -> ColumnElement[bool]:
    """Whether a column holds a text in any case; SQLite knows the case of ASCII letters alone."""
    return or_(func.lower(column).contains(text.lower(), autoescape=True), column.contains(text, autoescape=True))


@dataclass(frozen=True)
class UserRisk:
    """A calling user as pages and the API show them; ``trend`` is the change of the score within a week."""

    uuid: str
    name: str
    number: str
    extension: str
    site_uuid: str
    site: str
    department: str
    risk: float
    band: Band
    trend: float
    anomalies: int
    open_alerts: int
    devices: int
    first_seen: datetime | None
    last_seen: datetime | None


@dataclass(frozen=True)
class UserPage:
    """Users and the mark of the next page, ``None`` at the end."""

    users: list[UserRisk]
    next: Mark | None


def page(
    session: Session,
    wanted: UserFilter,
    now: datetime,
    *,
    after: Mark | None = None,
    limit: int = 100,
) -> UserPage:
    """Users by falling risk, then name; ``after`` is a former page's ``next``."""
    limit = max(1, min(limit, LARGEST_PAGE))
    query: Select[CallingUser] = select(CallingUser).where(wanted.condition())
    if after is not None:
        total, name, uuid = after
        same = and_(CallingUser.risk_sum == total, CallingUser.name == name, CallingUser.uuid > uuid)
        later = and_(CallingUser.risk_sum == total, CallingUser.name > name)
        query = query.where(or_(CallingUser.risk_sum < total, later, same))
    order = (CallingUser.risk_sum.desc(), CallingUser.name, CallingUser.uuid)
    rows = list(session.scalars(query.order_by(*order).limit(limit + 1)))
    last = rows[limit - 1] if len(rows) > limit else None
    return UserPage(
        [_shown(row, now) for row in rows[:limit]], (last.risk_sum, last.name, last.uuid) if last is not None else None
    )


def count(session: Session, wanted: UserFilter) -> int:
    """How many users a filter shows."""
    return session.scalar(select(func.count()).select_from(CallingUser).where(wanted.condition())) or 0


def bands(session: Session) -> dict[Band, int]:
    """How many users are in each band."""
    return {band: count(session, UserFilter(band=band)) for band in BANDS}


def one(session: Session, uuid: str, now: datetime) -> UserRisk:
    """One user. Raises ``NotFoundError``."""
    row = session.get(CallingUser, uuid)
    if row is None:
        raise NotFoundError(what="user")
    return _shown(row, now)


def choices(session: Session) -> tuple[list[str], list[str]]:
    """The names of sites and of departments that users have."""
    found: list[list[str]] = []
    columns: tuple[Any, ...] = (CallingUser.site, CallingUser.department)
    for column in columns:
        query = select(column).where(column != "").distinct().order_by(column).limit(LARGEST_PAGE)
        found.append(list(session.scalars(query)))
    return found[0], found[1]


def _shown(row: CallingUser, now: datetime) -> UserRisk:
    value = score.score(row.risk_sum, now - row.risk_at) if row.risk_at else 0.0
    return UserRisk(
        uuid=row.uuid,
        name=row.name,
        number=row.number,
        extension=row.extension,
        site_uuid=row.site_uuid,
        site=row.site,
        department=row.department,
        risk=round(value, 1),
        band=score.band(value),
        trend=round(value - row.risk_week_ago, 1),
        anomalies=row.anomalies,
        open_alerts=row.open_alerts,
        devices=row.devices,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
    )
