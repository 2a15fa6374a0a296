"""The delivery log as a file, streamed; that somebody took it is audited."""

import csv
import io
from collections.abc import Iterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from core.language import Language
from core.notify import deliveries
from core.notify.deliveries import DeliveryFilter, filter_from
from core.services import Services
from core.store import audit
from core.web.guard import guarded
from core.web.identity import caller_of
from core.web.services import services_of


@guarded("notifications.manage")
async def by_filter(request: Request) -> Response:
    """The messages that ``state``, ``channel``, ``about`` and ``number`` leave, newest first, times in UTC."""
    return await run_in_threadpool(_by_filter, request)


def _by_filter(request: Request) -> Response:
    services, caller = services_of(request), caller_of(request)
    given = request.query_params
    wanted = filter_from({name: given.getlist(name) for name in given})
    now = services.clock.now()
    with services.database.write() as session:
        audit.record(session, actor=caller.actor, action="delivery.export", detail=wanted.to_query(), at=now)
    headers = {
        "Content-Disposition": f'attachment; filename="deliveries-{now:%Y%m%dT%H%M%SZ}.csv"',
        "Cache-Control": "no-store",
    }
    lines = _lines(services, wanted, caller.language)
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


def _lines(services: Services, wanted: DeliveryFilter, language: Language) -> Iterator[str]:
    yield "\N{ZERO WIDTH NO-BREAK SPACE}"
    for row in deliveries.export_rows(services.database, wanted, language):
        line = io.StringIO()
        csv.writer(line).writerow(row)
        yield line.getvalue()


ROUTES = [Route("/exports/deliveries.csv", by_filter, methods=["GET"])]
