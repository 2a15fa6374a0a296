"""Visits for programs: lists, one, scheduling, moving, cancelling, closing, the filter as a file, one as a calendar."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session

from core.notify.channels.email.letter import sender_address
from core.services import Services
from core.store import audit
from core.store.models.visits import VisitRow
from core.visits import availability, query, timeline, work
from core.visits.export import csv_chunks
from core.visits.invitations import Reader as Recipient
from core.visits.invitations import calendar
from core.visits.query import Reader
from core.visits.work import Actor, Guest, Move, NewVisit, Target
from core.web.api.commands import IdempotencyKey
from core.web.api.parameters import Opened
from core.web.api.visit_shapes import (
    CancelIn,
    FinishIn,
    MoveIn,
    OneVisit,
    PageParameters,
    VisitIn,
    VisitOut,
    deed_out,
    visit_fields,
)
from core.web.identity import Caller, require
from core.web.paging import Paged

router = APIRouter(tags=["visits"])

Viewer = Annotated[Caller, Depends(require("visits.view"))]
Worker = Annotated[Caller, Depends(require("visits.work"))]
Reference = Annotated[str, Path(max_length=20, description="Number or readable id, such as `17` or `V-7KQ2MZ4P`.")]
CALENDAR = "text/calendar; charset=utf-8"


@router.get("/visits")
def visits(services: Opened, caller: Viewer, asked: Annotated[PageParameters, Query()]) -> Paged[VisitOut]:
    """The visits of a filter, the soonest first unless told otherwise."""
    with services.database.read() as session:
        page = query.page(
            session, asked.filter(), _reader(session, services, caller), cursor=asked.cursor, limit=asked.limit
        )
    items = [VisitOut(**visit_fields(row)) for row in page.rows]
    return Paged(items=items, next=page.next, previous=page.previous)


@router.get("/visits/export", response_class=StreamingResponse)
def export(services: Opened, caller: Viewer, asked: Annotated[PageParameters, Query()]) -> StreamingResponse:
    """The visits of a filter as CSV, in its order; audited."""
    wanted, now = asked.filter(), services.clock.now()
    with services.database.write() as session:
        detail = {"filter": wanted.sentence("en"), "query": wanted.to_query()}
        audit.record(session, actor=caller.actor, action="visits.export", detail=detail, at=now)
        reader = _reader(session, services, caller)
    headers = {
        "Content-Disposition": f'attachment; filename="visits-{now:%Y%m%dT%H%M%SZ}.csv"',
        "Cache-Control": "no-store",
    }
    chunks: Iterator[bytes] = csv_chunks(services.database, wanted, reader, caller.language)
    return StreamingResponse(chunks, media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/visits", status_code=201)
def schedule(new: VisitIn, services: Opened, caller: Worker, idempotency_key: IdempotencyKey = None) -> OneVisit:
    """Schedule a visit and invite client and operator. The same `Idempotency-Key` of a caller gives the first again.

    409 when the operator is with somebody else then; what is only awkward stands in `concerns`.
    """
    client = new.client
    made = NewVisit(
        title=new.title,
        starts_at=new.starts_at,
        minutes=new.minutes,
        operator_id=new.operator_id,
        client=Guest(client.name, client.email, client.language or "", client.id),
        zone=new.zone,
        organizer=sender_address(services.settings),
        place=new.place,
        site=new.site,
        notes=new.notes,
        ticket_id=new.ticket_id,
    )
    with services.database.write() as session:
        actor = _actor(services, caller, idempotency_key)
        return _whole(session, work.schedule(session, made, actor), actor.at)


@router.get("/visits/{reference}")
def one(reference: Reference, services: Opened, _caller: Viewer) -> OneVisit:
    """One visit with what happened to it."""
    with services.database.read() as session:
        return _whole(session, query.one(session, reference), services.clock.now())


@router.get("/visits/{reference}/calendar.ics", response_class=Response)
def as_calendar(reference: Reference, services: Opened, caller: Viewer) -> Response:
    """One visit as a calendar file."""
    with services.database.read() as session:
        row = query.one(session, reference)
    reader = Recipient(role="operator", language=caller.language, link=_page(services, row))
    headers = {
        "Content-Disposition": f'attachment; filename="{row.public_id}.ics"',
        "Cache-Control": "no-store",
    }
    content = calendar([row], reader, at=services.clock.now())
    return Response(content, media_type=CALENDAR, headers=headers)


@router.post("/visits/{reference}/move")
def move(
    reference: Reference, wanted: MoveIn, services: Opened, caller: Worker, idempotency_key: IdempotencyKey = None
) -> OneVisit:
    """Give a visit another time, place or operator; everybody is told."""
    asked = Move(
        starts_at=wanted.starts_at,
        minutes=wanted.minutes,
        operator_id=wanted.operator_id,
        place=wanted.place,
        zone=wanted.zone,
        reason=wanted.reason,
    )
    with services.database.write() as session:
        target = Target(query.one(session, reference).id, wanted.version)
        actor = _actor(services, caller, idempotency_key)
        return _whole(session, work.move(session, target, asked, actor), actor.at)


@router.post("/visits/{reference}/cancel")
def cancel(
    reference: Reference, wanted: CancelIn, services: Opened, caller: Worker, idempotency_key: IdempotencyKey = None
) -> OneVisit:
    """Call a visit off; it leaves everybody's calendar."""
    with services.database.write() as session:
        target = Target(query.one(session, reference).id, wanted.version)
        actor = _actor(services, caller, idempotency_key)
        return _whole(session, work.cancel(session, target, actor, reason=wanted.reason), actor.at)


@router.post("/visits/{reference}/done")
def done(
    reference: Reference, wanted: FinishIn, services: Opened, caller: Worker, idempotency_key: IdempotencyKey = None
) -> OneVisit:
    """Say what came of a visit, or with `missed` that it did not take place."""
    with services.database.write() as session:
        target = Target(query.one(session, reference).id, wanted.version)
        actor = _actor(services, caller, idempotency_key)
        row = work.finish(session, target, actor, outcome=wanted.outcome, missed=wanted.missed)
        return _whole(session, row, actor.at)


def _reader(session: Session, services: Services, caller: Caller) -> Reader:
    return Reader(services.clock.now(), availability.own_number(session, caller.person.name))


def _actor(services: Services, caller: Caller, key: str | None) -> Actor:
    return Actor(caller.actor if caller.api_key else caller.person.name, services.clock.now(), key or "")


def _whole(session: Session, row: VisitRow, at: datetime) -> OneVisit:
    session.flush()
    fields = visit_fields(row) | {"concerns": availability.concerns_now(session, row, at)}
    return OneVisit(**fields, timeline=[deed_out(entry) for entry in timeline.entries(session, row.id)])


def _page(services: Services, row: VisitRow) -> str:
    return f"{services.settings.base_url.rstrip('/')}/visits?visit={row.id}"
