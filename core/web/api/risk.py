"""Calling users for programs: who they are, how risky their alerts make them, and what is usual for each."""

from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from core.risk import query, record, score, usual
from core.risk.query import LONGEST_TEXT, UserFilter, UserRisk
from core.risk.score import BANDS
from core.web.api.parameters import Opened
from core.web.identity import Caller, require
from core.web.paging import DEFAULT_LIMIT, CursorText, Limit, Paged, decode_cursor, encode_cursor

router = APIRouter(tags=["users"])

Viewer = Annotated[Caller, Depends(require("people.view"))]
Value = Annotated[str, Field(max_length=LONGEST_TEXT)]
Values = Annotated[list[Value], Field(max_length=100)]
HISTORY_DAYS = 30


class UserParameters(BaseModel):
    """Which users; parameters are combined with "and", repeated values with "or"."""

    model_config = ConfigDict(extra="forbid")

    search: Value | None = Field(None, description="A part of name, number or extension.")
    site: Values = Field([], description="Name of a location, or its UUID.")
    department: Values = Field([], description="Name of a department.")
    band: Value | None = Field(None, description=f"One of {', '.join(BANDS)}.")
    cursor: CursorText = None
    limit: Limit = DEFAULT_LIMIT

    def filter(self) -> UserFilter:
        """The filter meant. Raises ``InvalidInputError``."""
        given = {name: getattr(self, name) for name in ("search", "site", "department", "band")}
        return UserFilter.from_query({name: value for name, value in given.items() if value})


class UserOut(BaseModel):
    """A calling user; `risk` from 0 to 100, `trend` its change in a week, `anomalies` of 28 days, instants UTC."""

    uuid: str
    name: str
    number: str
    extension: str
    site_uuid: str
    site: str
    department: str
    risk: float
    band: str
    trend: float
    anomalies: int
    open_alerts: int
    devices: int
    first_seen: datetime | None
    last_seen: datetime | None


class Point(BaseModel):
    """The score at an instant."""

    at: datetime
    risk: float


class RangeOut(BaseModel):
    """A figure of an active day: usual, below which 19 of 20 days lie, most of four weeks, most of this week."""

    figure: str
    middle: float
    upper: float
    most: float
    this_week: float


class CountryOut(BaseModel):
    """A country the user called within 90 days."""

    country: str
    first: datetime
    last: datetime
    calls: int
    minutes: float


class DeviceOut(BaseModel):
    """A device the user's records name within 90 days."""

    name: str
    first: datetime
    last: datetime
    legs: int


class DayOut(BaseModel):
    """International minutes of a local day."""

    day: date
    minutes: float


class BaselineOut(BaseModel):
    """What is usual: calls by hour of the site's week (Monday first) over four weeks and in the last, and more."""

    active_days: int
    usual_hours: list[list[float]]
    recent_hours: list[list[float]]
    ranges: list[RangeOut]
    countries: list[CountryOut]
    abroad_minutes: list[DayOut]
    devices: list[DeviceOut]


class OneUser(BaseModel):
    """A calling user with the score of 30 days and the baseline."""

    user: UserOut
    history: list[Point]
    baseline: BaselineOut


@router.get("/users/risk")
def users(services: Opened, _caller: Viewer, asked: Annotated[UserParameters, Query()]) -> Paged[UserOut]:
    """Calling users, the riskiest first."""
    after: query.Mark | None = None
    if asked.cursor:
        total, name, uuid = decode_cursor(asked.cursor, float, str, str)
        after = (total, name, uuid)
    with services.database.read() as session:
        page = query.page(session, asked.filter(), services.clock.now(), after=after, limit=asked.limit)
    following = encode_cursor(*page.next) if page.next is not None else None
    return Paged(items=[_shown(user) for user in page.users], next=following)


@router.get("/users/{user_id}/risk")
def one_user(
    user_id: Annotated[str, Path(max_length=LONGEST_TEXT, description="UUID of the user.")],
    services: Opened,
    _caller: Viewer,
) -> OneUser:
    """One user: score, its history, and what is usual."""
    now = services.clock.now()
    with services.database.read() as session:
        user = query.one(session, user_id, now)
        alerts = record.alerts_of(session, user_id, now - timedelta(days=HISTORY_DAYS) - score.FORGOTTEN)
    found = usual.usual(services, user_id)
    line = score.history(alerts, now, HISTORY_DAYS, timedelta(days=1))
    return OneUser(
        user=_shown(user),
        history=[Point(at=at, risk=round(value, 1)) for at, value in line],
        baseline=BaselineOut(
            active_days=found.active_days,
            usual_hours=found.usual_hours,
            recent_hours=found.recent_hours,
            ranges=[RangeOut(**vars(each)) for each in found.ranges],
            countries=[CountryOut(**vars(each)) for each in found.countries],
            abroad_minutes=[DayOut(day=day, minutes=minutes) for day, minutes in found.abroad_minutes],
            devices=[DeviceOut(**vars(each)) for each in found.devices],
        ),
    )


def _shown(user: UserRisk) -> UserOut:
    return UserOut(**vars(user))
