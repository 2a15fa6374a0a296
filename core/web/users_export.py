"""Calling users as a file, streamed; that somebody took it is audited."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import datetime

import pyarrow as pa
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from core.calls.formulas import harmless
from core.language import Language, translate
from core.risk import query
from core.risk.query import UserFilter, UserRisk
from core.services import Services
from core.store import audit
from core.web.guard import guarded
from core.web.identity import caller_of
from core.web.services import services_of

_PAGE = 1000
_COLUMNS = tuple(field.name for field in fields(UserRisk) if field.name != "site_uuid")


@guarded("calls.export")
async def by_filter(request: Request) -> Response:
    """The users that ``search``, ``site``, ``department`` and ``band`` leave, the riskiest first, times in UTC."""
    return await run_in_threadpool(_by_filter, request)


def _by_filter(request: Request) -> Response:
    services, caller = services_of(request), caller_of(request)
    given = request.query_params
    wanted = UserFilter.from_query({name: given.getlist(name) for name in given})
    now = services.clock.now()
    with services.database.write() as session:
        detail = {"filter": wanted.to_query(), "users": query.count(session, wanted)}
        audit.record(session, actor=caller.actor, action="users.export", detail=detail, at=now)
    headers = {
        "Content-Disposition": f'attachment; filename="users-{now:%Y%m%dT%H%M%SZ}.csv"',
        "Cache-Control": "no-store",
    }
    lines = _lines(services, wanted, now, caller.language)
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


def _lines(services: Services, wanted: UserFilter, now: datetime, language: Language) -> Iterator[str]:
    yield "\N{ZERO WIDTH NO-BREAK SPACE}" + _line([translate(f"risk.columns.{name}", language) for name in _COLUMNS])
    mark: query.Mark | None = None
    while True:
        with services.database.read() as session:
            page = query.page(session, wanted, now, after=mark, limit=_PAGE)
        yield _rows(page.users, language)
        mark = page.next
        if mark is None:
            return


def _rows(users: Sequence[UserRisk], language: Language) -> str:
    if not users:
        return ""
    columns = [harmless(pa.array([_cell(user, name, language) for user in users])) for name in _COLUMNS]
    return "".join(_line(list(cells)) for cells in zip(*(column.to_pylist() for column in columns), strict=True))


def _cell(user: UserRisk, name: str, language: Language) -> str:
    value = getattr(user, name)
    if name == "band":
        return translate(f"risk.bands.{value}", language)
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)


def _line(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


ROUTES = [Route("/exports/users.csv", by_filter, methods=["GET"])]
