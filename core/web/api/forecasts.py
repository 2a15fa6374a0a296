"""Forecasts for programs: calls expected by hour or day, with the bounds of 99 in 100."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from core.forecast import store
from core.forecast.series import HOUR, ORG
from core.web.api.parameters import Opened
from core.web.identity import Caller, require
from core.web.paging import DEFAULT_LIMIT, CursorText, Limit, Paged, decode_cursor, encode_cursor

router = APIRouter(tags=["forecasts"])

Viewer = Annotated[Caller, Depends(require("overview.view"))]
AFTER = timedelta(days=15)


class SiteForecast(BaseModel):
    """How a site's forecast stands: `ready` (a model of its own), `pooled` (the mean of like hours), or `young`."""

    site_uuid: str
    site: str
    time_zone: str
    state: str
    history_days: float
    fitted_at: datetime


class BandOut(BaseModel):
    """Calls expected in the hour, or on the UTC day, that begins at `at`."""

    at: datetime
    low: float
    expected: float
    high: float


@router.get("/forecasts/sites")
def sites(
    services: Opened, _caller: Viewer, cursor: CursorText = None, limit: Limit = DEFAULT_LIMIT
) -> Paged[SiteForecast]:
    """The organisation (empty `site_uuid`) and every site."""
    begin = max(0, decode_cursor(cursor, int)[0]) if cursor else 0
    with services.database.read() as session:
        found = store.fits(session)
    items = [SiteForecast(**vars(fit)) for fit in found[begin : begin + limit]]
    return Paged(items=items, next=encode_cursor(begin + limit) if len(found) > begin + limit else None)


@router.get("/forecasts")
def forecasts(
    services: Opened,
    _caller: Viewer,
    site: Annotated[str, Query(max_length=100, description="UUID of a site; empty: the organisation.")] = ORG,
    grain: Annotated[Literal["hour", "day"], Query(description="Hours, or UTC days.")] = "hour",
    cursor: CursorText = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Paged[BandOut]:
    """The bands of one site from the present hour or day on, seven days ahead, oldest first."""
    now = services.clock.now()
    begin = now.replace(minute=0, second=0, microsecond=0)
    if grain == "day":
        begin = begin.replace(hour=0)
    skipped = max(0, decode_cursor(cursor, int)[0]) if cursor else 0
    step = HOUR if grain == "hour" else timedelta(days=1)
    begin += step * min(skipped, int(AFTER / HOUR))
    with services.database.read() as session:
        found = store.bands(session, site, grain, begin, begin + AFTER)
    items = [BandOut(**vars(point)) for point in found[:limit]]
    return Paged(items=items, next=encode_cursor(skipped + limit) if len(found) > limit else None)
