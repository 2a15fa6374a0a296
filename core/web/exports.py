"""Files of calls, streamed: each export is written into the audit when it begins and when it ends."""

from collections.abc import Iterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from core.calls.export import CallExport
from core.calls.export_link import ExportOrder, order_of
from core.journeys.export import JourneyExport, JourneyOrder
from core.journeys.export import order_of as journey_order_of
from core.journeys.query import JourneyQueries
from core.journeys.update import open_journeys
from core.services import Services
from core.store import audit
from core.store.encryption import LinkInvalidError, Vault
from core.web.errors import UnknownAddressError
from core.web.guard import guarded
from core.web.identity import Caller, caller_of
from core.web.services import services_of

MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
BEGUN, ENDED = "calls.export", "calls.export.ended"


def stream_export(services: Services, caller: Caller, order: ExportOrder) -> StreamingResponse:
    """The answer that carries the file. ``X-Expected-Rows`` tells how many rows it should hold; an export that fails
    on the way breaks the connection off and ends in a line that says so."""
    now = services.clock.now()
    export = CallExport(
        services.calls, order.filter.resolved(now), order.format, order.columns, order.zone, caller.language
    )
    expected = export.estimate()
    detail = {
        "filter": order.filter.sentence("en"),
        "query": order.filter.to_query(),
        "columns": list(order.columns),
        "format": order.format,
        "expected_rows": expected,
    }
    _note(services, caller, BEGUN, detail)
    name = f"calls-{now:%Y%m%dT%H%M%SZ}.{order.format}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
        "X-Expected-Rows": str(expected),
    }
    return StreamingResponse(_audited(services, caller, export), media_type=MEDIA_TYPES[order.format], headers=headers)


def _audited(services: Services, caller: Caller, export: CallExport | JourneyExport) -> Iterator[bytes]:
    try:
        yield from export.chunks()
    finally:
        _note(services, caller, ENDED, {"rows": export.rows, "complete": export.complete})


def _note(services: Services, caller: Caller, action: str, detail: dict[str, object]) -> None:
    with services.database.write() as session:
        audit.record(session, actor=caller.actor, action=action, detail=detail, at=services.clock.now())


@guarded("calls.export")
async def by_link(request: Request) -> Response:
    """The export a page's link orders, for the person the link was made for."""
    return await run_in_threadpool(_by_link, request)


def _by_link(request: Request) -> Response:
    services, caller = services_of(request), caller_of(request)
    vault = Vault(services.settings, services.clock)
    format = request.path_params["format"]
    if format not in MEDIA_TYPES:
        raise UnknownAddressError
    person, order = order_of(vault, request.query_params.get("token", ""), format)
    if person != caller.person.id:
        raise LinkInvalidError
    return stream_export(services, caller, order)


def stream_journeys(services: Services, caller: Caller, order: JourneyOrder) -> StreamingResponse:
    """The answer that carries a list of journeys as CSV, audited as every export is."""
    export = JourneyExport(JourneyQueries(open_journeys(services)), order, caller.language)
    detail: dict[str, object] = {
        "filter": order.filter.sentence("en"),
        "query": order.filter.to_query(),
        "format": "csv",
    }
    _note(services, caller, "journeys.export", detail)
    name = f"journeys-{services.clock.now():%Y%m%dT%H%M%SZ}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(_audited(services, caller, export), media_type=MEDIA_TYPES["csv"], headers=headers)


@guarded("calls.export")
async def journeys_by_link(request: Request) -> Response:
    """The list of journeys a page's link orders, for the person the link was made for."""
    return await run_in_threadpool(_journeys_by_link, request)


def _journeys_by_link(request: Request) -> Response:
    services, caller = services_of(request), caller_of(request)
    vault = Vault(services.settings, services.clock)
    person, order = journey_order_of(vault, request.query_params.get("token", ""))
    if person != caller.person.id:
        raise LinkInvalidError
    return stream_journeys(services, caller, order)


ROUTES = [
    Route("/exports/calls.{format}", by_link, methods=["GET"]),
    Route("/exports/journeys.csv", journeys_by_link, methods=["GET"]),
]
