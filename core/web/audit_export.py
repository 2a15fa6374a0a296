"""The audit as a file, streamed; that somebody took it is an entry of its own."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from core.errors import InvalidInputError
from core.language import Language, translate
from core.services import Services
from core.store import audit
from core.store.audit import AuditFilter
from core.store.models.operations import AuditEntry
from core.web.guard import guarded
from core.web.identity import caller_of
from core.web.services import services_of

_PAGE = 1000
_LONGEST = 300
_COLUMNS = ("at", "actor", "action", "subject", "detail")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@guarded("audit.view")
async def by_address(request: Request) -> Response:
    """The entries that ``actor``, ``action``, ``since`` and ``until`` (ISO 8601) leave, newest first, times in UTC."""
    return await run_in_threadpool(_by_address, request)


def _by_address(request: Request) -> Response:
    services, caller, wanted = services_of(request), caller_of(request), _wanted(request)
    now = services.clock.now()
    detail = {name: str(value) for name, value in vars(wanted).items() if value}
    with services.database.write() as session:
        audit.record(session, actor=caller.actor, action="audit.export", detail=detail, at=now)
    headers = {
        "Content-Disposition": f'attachment; filename="audit-{now:%Y%m%dT%H%M%SZ}.csv"',
        "Cache-Control": "no-store",
    }
    lines = _lines(services, wanted, caller.language)
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


def _wanted(request: Request) -> AuditFilter:
    given = request.query_params
    return AuditFilter(
        actor=given.get("actor", "")[:_LONGEST],
        action=given.get("action", "")[:_LONGEST],
        since=_instant("since", given.get("since", "")),
        until=_instant("until", given.get("until", "")),
    )


def _instant(field: str, value: str) -> datetime | None:
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise InvalidInputError(field=field, problem="ISO 8601") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _lines(services: Services, wanted: AuditFilter, language: Language) -> Iterator[str]:
    titles = [translate(f"users.audit.{column}", language) for column in _COLUMNS]
    yield "\N{ZERO WIDTH NO-BREAK SPACE}" + _line(titles)
    before: int | None = None
    while True:
        with services.database.read() as session:
            page = audit.entries(session, wanted, before=before, limit=_PAGE)
        yield "".join(_line(_cells(entry)) for entry in page.entries)
        before = page.next
        if before is None:
            return


def _cells(entry: AuditEntry) -> list[str]:
    detail = json.dumps(entry.detail, ensure_ascii=False) if entry.detail else ""
    return [entry.at.astimezone(UTC).isoformat(), entry.actor, entry.action, entry.subject, detail]


def _line(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell for cell in cells])
    return line.getvalue()


ROUTES = [Route("/exports/audit.csv", by_address, methods=["GET"])]
