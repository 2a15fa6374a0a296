"""Reports for programs: made on the spot, put together, as datasets for analysis, by schedule, and their history."""

from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import FileResponse, StreamingResponse
from starlette.responses import Response

from core.reports import runs, schedules
from core.reports.analytics import DATASETS, dataset
from core.reports.asking import ask_for
from core.reports.registry import reports
from core.reports.runs import Wanted
from core.reports.schedules import schedule_of
from core.web.api.commands import IdempotencyKey
from core.web.api.parameters import Identifier, Opened
from core.web.api.report_shapes import (
    AnalyticsParameters,
    CustomReport,
    FormatName,
    KindName,
    KindOut,
    ReportParameters,
    RunIn,
    RunOut,
    ScheduleChange,
    ScheduleIn,
    ScheduleOut,
    kind_out,
    run_out,
    schedule_out,
)
from core.web.identity import Caller, require
from core.web.paging import DEFAULT_LIMIT, CursorText, Limit, Paged, decode_cursor, encode_cursor
from core.web.report_files import answer, check_rights, check_run, kept_file, made_for

router = APIRouter(tags=["reports"])

Viewer = Annotated[Caller, Depends(require("reports.view"))]
Manager = Annotated[Caller, Depends(require("reports.manage"))]

_FILE: dict[int | str, dict[str, Any]] = {200: {"description": "The report in the form asked for, by default JSON."}}


@router.get("/reports")
def kinds(caller: Viewer) -> list[KindOut]:
    """The kinds of report, what each tells and takes."""
    return [kind_out(kind, caller.language) for kind in reports().values()]


@router.get("/reports/analytics", response_class=StreamingResponse, responses=_FILE)
def analytics(services: Opened, caller: Viewer, asked: Annotated[AnalyticsParameters, Query()]) -> Response:
    """A dataset for analysis: every column under its stable name, instants in UTC in JSON and Parquet; audited."""
    check_rights(caller, (DATASETS[asked.dataset],))
    now = services.clock.now()
    period = asked.order("calls", {}).stretch(now, asked.time_zone)
    document = dataset(services, asked.dataset, period, at=now, limit=asked.limit)
    return answer(services, caller, document, asked.format)


@router.post("/reports/custom", response_class=StreamingResponse, responses=_FILE)
def custom(asked: CustomReport, services: Opened, caller: Viewer) -> Response:
    """A report of chosen fields, or of measures by group; audited."""
    order = asked.order("custom", asked.parameters())
    document = made_for(services, caller, order, asked.time_zone, asked.language)
    return answer(services, caller, document, asked.format)


@router.get("/reports/schedules")
def listed(services: Opened, _caller: Viewer) -> Paged[ScheduleOut]:
    """Every schedule, by name."""
    with services.database.read() as session:
        return Paged(items=[schedule_out(row) for row in schedules.listed(session)])


@router.post("/reports/schedules", status_code=201)
def add(new: ScheduleIn, services: Opened, caller: Manager) -> ScheduleOut:
    """Have a report made again and again."""
    schedule = new.schedule()
    check_rights(caller, schedule.order.needs)
    with services.database.write() as session:
        made = schedules.add(session, schedule, actor=caller.actor, at=services.clock.now())
        return schedule_out(schedules.one(session, made))


@router.get("/reports/schedules/{identifier}")
def schedule(identifier: Identifier, services: Opened, _caller: Viewer) -> ScheduleOut:
    """One schedule."""
    with services.database.read() as session:
        return schedule_out(schedules.one(session, identifier))


@router.put("/reports/schedules/{identifier}")
def change(identifier: Identifier, wanted: ScheduleChange, services: Opened, caller: Manager) -> ScheduleOut:
    """Replace what a schedule says; `paused` lets it rest, and go on from its next time."""
    said = wanted.schedule()
    check_rights(caller, said.order.needs)
    now = services.clock.now()
    with services.database.write() as session:
        row = schedules.change(session, identifier, said, actor=caller.actor, at=now, version=wanted.version)
        if (row.next_at is None) != wanted.paused:
            row = schedules.pause(session, identifier, paused=wanted.paused, actor=caller.actor, at=now)
        return schedule_out(row)


@router.delete("/reports/schedules/{identifier}", status_code=204)
def remove(identifier: Identifier, services: Opened, caller: Manager) -> None:
    """Remove a schedule; what it made stays in the history."""
    with services.database.write() as session:
        schedules.remove(session, identifier, actor=caller.actor, at=services.clock.now())


@router.post("/reports/schedules/{identifier}/run", status_code=202)
def run_now(
    identifier: Identifier, services: Opened, caller: Manager, idempotency_key: IdempotencyKey = None
) -> RunOut:
    """Make a schedule's report now, as if it were due."""
    with services.database.read() as session:
        order = schedule_of(schedules.one(session, identifier)).order
    check_rights(caller, order.needs)
    key = f"api:{caller.person.id}:{identifier}:{idempotency_key or uuid4().hex}"
    now = services.clock.now()
    with services.database.write() as session:
        made = schedules.run_now(session, identifier, actor=caller.actor, at=now, key=key)
        return run_out(runs.one(session, made))


@router.get("/reports/history")
def history(
    services: Opened, _caller: Viewer, cursor: CursorText = None, limit: Limit = DEFAULT_LIMIT
) -> Paged[RunOut]:
    """Reports made and to be made, newest first."""
    before = decode_cursor(cursor, int)[0] if cursor else None
    with services.database.read() as session:
        found = runs.page(session, before=before, limit=limit + 1)
    shown = found[:limit]
    following = encode_cursor(shown[-1].id) if len(found) > limit else None
    return Paged(items=[run_out(row) for row in shown], next=following)


@router.post("/reports/history", status_code=202)
def order_report(asked: RunIn, services: Opened, caller: Viewer, idempotency_key: IdempotencyKey = None) -> RunOut:
    """Have a report made in the background and kept; ask for it again to see how far it is."""
    order = asked.order(asked.report, {name: list(values) for name, values in asked.parameters.items()})
    check_rights(caller, order.needs)
    now = services.clock.now()
    period = order.stretch(now, asked.time_zone)
    wanted = Wanted(order, period, tuple(asked.formats), asked.language or caller.language)
    key = f"api:{caller.person.id}:{idempotency_key or uuid4().hex}"
    with services.database.write() as session:
        made = ask_for(session, wanted, key=key, requested_by=caller.actor, at=now)
        return run_out(runs.one(session, made))


@router.get("/reports/history/{identifier}")
def one_run(identifier: Identifier, services: Opened, _caller: Viewer) -> RunOut:
    """One report of the history."""
    with services.database.read() as session:
        return run_out(runs.one(session, identifier))


@router.get("/reports/history/{identifier}/files/{format}", response_class=FileResponse, responses=_FILE)
def run_file(identifier: Identifier, format: FormatName, services: Opened, caller: Viewer) -> FileResponse:
    """A file of a report made; audited."""
    return kept_file(services, caller, identifier, format)


@router.post("/reports/history/{identifier}/retry", status_code=202)
def retry(identifier: Identifier, services: Opened, caller: Manager) -> RunOut:
    """Make a failed report after all."""
    with services.database.write() as session:
        row = runs.one(session, identifier)
        check_run(caller, row)
        runs.retry(session, identifier, services.clock.now())
        session.refresh(row)
        return run_out(row)


@router.get("/reports/{kind}", response_class=StreamingResponse, responses=_FILE)
def report(
    kind: Annotated[KindName, Path(description="Which report.")],
    services: Opened,
    caller: Viewer,
    asked: Annotated[ReportParameters, Query()],
) -> Response:
    """A report over a period: figures beside those of the period before, pictures' data and tables; audited."""
    order = asked.order(kind, asked.parameters())
    document = made_for(services, caller, order, asked.time_zone, asked.language)
    return answer(services, caller, document, asked.format, asked.table)
