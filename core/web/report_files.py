"""Reports as files: made for the one who asks, or kept from an earlier making. That somebody took one is audited."""

import tempfile
from collections.abc import Iterator
from typing import IO

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route

from core.errors import NotAllowedError
from core.language import Language
from core.reports import files, forms, runs
from core.reports.document import Document
from core.reports.making import make
from core.reports.order import ReportOrder
from core.reports.runs import wanted_of
from core.services import Services
from core.store import audit
from core.store.models.reports import ReportRunRow
from core.web.errors import UnknownAddressError
from core.web.guard import guarded
from core.web.identity import Caller, caller_of
from core.web.services import services_of

KEPT_IN_MEMORY = 4 * 2**20
"""Bytes of a file up to which it needs no place on the disk."""
_CHUNK = 256 * 1024
_INLINE = "html"


def check_rights(caller: Caller, needs: tuple[str, ...]) -> None:
    """Raise ``NotAllowedError`` unless the caller holds every permission that a report's content asks for."""
    for permission in needs:
        if not caller.may(permission):
            raise NotAllowedError(permission=permission)


def made_for(
    services: Services, caller: Caller, order: ReportOrder, zone: str, language: Language | None = None
) -> Document:
    """A report for the one who asks, by the clock of ``zone``. Raises ``NotAllowedError`` and as ``make`` does."""
    check_rights(caller, order.needs)
    now = services.clock.now()
    return make(services, order, order.stretch(now, zone), language or caller.language, at=now)


def answer(services: Services, caller: Caller, document: Document, format: str, table: str = "") -> Response:
    """A report as a file, whole before its first byte leaves, so that what fails on the way is told as an error."""
    known = forms.format_of(format)
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=KEPT_IN_MEMORY)  # noqa: SIM115 - closed by the stream
    forms.write(document, format, file, table)  # type: ignore[arg-type]
    size = file.tell()
    file.seek(0)
    detail = {"report": document.kind, "format": format, "bytes": size, "about": document.sentence[:500]}
    with services.database.write() as session:
        audit.record(session, actor=caller.actor, action="report.export", detail=detail, at=services.clock.now())
    return StreamingResponse(
        _pieces(file),
        media_type=known.media_type,
        headers={
            "Content-Disposition": _disposition(format, forms.file_name(document, format, table)),
            "Content-Length": str(size),
            "Cache-Control": "no-store",
        },
    )


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_CHUNK):
            yield piece


def _disposition(format: str, name: str) -> str:
    return f'{"inline" if format == _INLINE else "attachment"}; filename="{name}"'


def kept_file(services: Services, caller: Caller, run_id: int, format: str) -> FileResponse:
    """A file of the history. Raises ``NotFoundError`` and ``NotAllowedError``."""
    with services.database.read() as session:
        row = runs.one(session, run_id)
    check_run(caller, row)
    kept = runs.file_of(row, format)
    path = files.path_of(services.settings, run_id, str(kept["name"]))
    detail = {"report": row.kind, "format": format, "bytes": kept["bytes"], "run": run_id}
    with services.database.write() as session:
        audit.record(session, actor=caller.actor, action="report.export", detail=detail, at=services.clock.now())
    headers = {"Content-Disposition": _disposition(format, path.name), "Cache-Control": "no-store"}
    return FileResponse(path, media_type=forms.format_of(format).media_type, headers=headers)


def check_run(caller: Caller, row: ReportRunRow) -> None:
    """Raise ``NotAllowedError`` unless the caller may see what the report tells of."""
    check_rights(caller, wanted_of(row).order.needs)


@guarded("reports.view")
async def by_order(request: Request) -> Response:
    """The report that the address asks for, as the address of the page does, with ``zone``, ``language``, ``table``."""
    return await run_in_threadpool(_by_order, request)


def _by_order(request: Request) -> Response:
    services, caller = services_of(request), caller_of(request)
    format = request.path_params["format"]
    if format not in forms.FORMATS:
        raise UnknownAddressError
    given = request.query_params
    zone = given.get("zone", "UTC")
    query = {name: given.getlist(name) for name in given} | {"report": [request.path_params["kind"]]}
    order = ReportOrder.from_query(query, zone)
    return answer(services, caller, made_for(services, caller, order, zone), format, given.get("table", ""))


@guarded("reports.view")
async def from_history(request: Request) -> Response:
    """A file of a report made earlier."""
    return await run_in_threadpool(_from_history, request)


def _from_history(request: Request) -> Response:
    number = request.path_params["run"]
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise UnknownAddressError
    return kept_file(services_of(request), caller_of(request), int(number), request.path_params["format"])


ROUTES = [
    Route("/exports/reports/history/{run}.{format}", from_history, methods=["GET"]),
    Route("/exports/reports/{kind}.{format}", by_order, methods=["GET"]),
]
