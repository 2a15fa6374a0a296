"""Tickets for programs: lists, one, figures, making, changing, comments, links, merging, and the filter as a file."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session

from core.errors import InvalidInputError
from core.operators import clients, roster
from core.services import Services
from core.store import audit
from core.tickets import assigning, query, tied_calls, work
from core.tickets.export import csv_chunks
from core.tickets.filters import TicketFilter
from core.tickets.links import Link
from core.tickets.query import Reader
from core.tickets.work import Actor, NewTicket, Target, Wait
from core.web.api.commands import IdempotencyKey
from core.web.api.parameters import Opened
from core.web.api.ticket_shapes import (
    CommentIn,
    FilterParameters,
    LinkIn,
    MergeIn,
    OneTicket,
    PageParameters,
    TicketChange,
    TicketIn,
    TicketOut,
    TicketStatsOut,
    stats_out,
    ticket_out,
    whole_out,
)
from core.web.identity import Caller, require
from core.web.paging import Paged

router = APIRouter(tags=["tickets"])

Viewer = Annotated[Caller, Depends(require("tickets.view"))]
Worker = Annotated[Caller, Depends(require("tickets.work"))]
Reference = Annotated[str, Path(max_length=20, description="Number or readable id, such as `17` or `T-17`.")]


@router.get("/tickets", include_in_schema=False)
@router.get("/tickets/")
def tickets(services: Opened, caller: Viewer, asked: Annotated[PageParameters, Query()]) -> Paged[TicketOut]:
    """The tickets of a filter, the next deadline first unless told otherwise."""
    with services.database.read() as session:
        page = query.page(
            session, asked.filter(), _reader(session, services, caller), cursor=asked.cursor, limit=asked.limit
        )
        items = [ticket_out(row, caller.language) for row in page.rows]
    return Paged(items=items, next=page.next, previous=page.previous)


@router.get("/tickets/stats")
def stats(services: Opened, caller: Viewer, asked: Annotated[FilterParameters, Query()]) -> TicketStatsOut:
    """The figures of a filter; without `view` and `state` of all tickets, ended ones included."""
    wanted = asked.filter()
    if asked.view is None and not wanted.states:
        wanted = TicketFilter.from_query({**wanted.to_query(), "view": "all"})
    with services.database.read() as session:
        return stats_out(query.stats(session, wanted, _reader(session, services, caller)))


@router.get("/tickets/export", response_class=StreamingResponse)
def export(services: Opened, caller: Viewer, asked: Annotated[PageParameters, Query()]) -> StreamingResponse:
    """The tickets of a filter as CSV, in its order; audited."""
    wanted, now = asked.filter(), services.clock.now()
    with services.database.write() as session:
        reader = _reader(session, services, caller)
        names = {"operators": roster.names(session), "clients": clients.names(session)}
        detail = {"filter": wanted.sentence("en"), "query": wanted.to_query()}
        audit.record(session, actor=caller.actor, action="tickets.export", detail=detail, at=now)
    headers = {
        "Content-Disposition": f'attachment; filename="tickets-{now:%Y%m%dT%H%M%SZ}.csv"',
        "Cache-Control": "no-store",
    }
    chunks: Iterator[bytes] = csv_chunks(services.database, wanted, reader, caller.language, names)
    return StreamingResponse(chunks, media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/tickets", status_code=201, include_in_schema=False)
@router.post("/tickets/", status_code=201)
def create(new: TicketIn, services: Opened, caller: Worker, idempotency_key: IdempotencyKey = None) -> OneTicket:
    """Make a ticket. The same `Idempotency-Key` of the same caller gives the first again."""
    actor = _actor(services, caller)
    made = NewTicket(
        title=new.title,
        description=new.description,
        priority=new.priority,
        client_id=new.client_id,
        site=new.site,
        requested_by=actor.name,
        skills=tuple(new.skills),
        links=tuple(tied_calls.found(services, [Link(one.kind, one.reference, one.label) for one in new.links])),
        watchers=tuple(new.watchers),
        key=idempotency_key or "",
    )
    with services.database.write() as session:
        if new.client_id is not None:
            clients.one(session, new.client_id)
        number = work.create(session, made, actor=actor.name, at=actor.at)
        row = query.one(session, number)
        if new.assign and row.version == 1 and row.is_open:
            assigning.give(session, Target(number), actor)
        return _whole(session, number, caller)


@router.get("/tickets/{reference}")
def one(reference: Reference, services: Opened, caller: Viewer) -> OneTicket:
    """One ticket with its timeline, links and watchers; a merged one tells where it went."""
    with services.database.read() as session:
        return whole_out(query.whole(session, reference), caller.language)


@router.put("/tickets/{reference}")
def change(reference: Reference, wanted: TicketChange, services: Opened, caller: Worker) -> OneTicket:
    """Change a ticket: its facts, priority, operator, state. 409 when `version` no longer stands."""
    actor = _actor(services, caller)
    with services.database.write() as session:
        number = query.one(session, reference).id
        _apply(session, Target(number, wanted.version), actor, wanted)
        return _whole(session, number, caller)


@router.post("/tickets/{reference}/comments", status_code=201)
def comment(reference: Reference, new: CommentIn, services: Opened, caller: Worker) -> OneTicket:
    """Write a comment into the timeline."""
    with services.database.write() as session:
        number = query.one(session, reference).id
        work.comment(session, number, _actor(services, caller), text=new.text)
        return _whole(session, number, caller)


@router.post("/tickets/{reference}/links", status_code=201)
def link(reference: Reference, new: LinkIn, services: Opened, caller: Worker) -> OneTicket:
    """Tie a ticket to a thing there is; once more changes nothing."""
    (wanted,) = tied_calls.found(services, [Link(new.kind, new.reference, new.label)])
    with services.database.write() as session:
        number = query.one(session, reference).id
        work.link(session, number, _actor(services, caller), wanted)
        return _whole(session, number, caller)


@router.post("/tickets/{reference}/merge")
def merge(reference: Reference, wanted: MergeIn, services: Opened, caller: Worker) -> OneTicket:
    """Make a ticket part of another; gives the other."""
    with services.database.write() as session:
        number, into = query.one(session, reference).id, query.one(session, wanted.into).id
        actor = _actor(services, caller)
        stays = work.merge(session, Target(number, wanted.version), actor, into=into, reason=wanted.reason)
        return _whole(session, stays.id, caller)


def _apply(session: Session, target: Target, actor: Actor, wanted: TicketChange) -> None:
    """Do what is asked, in an order in which each counts for the next; the version is compared by the first."""
    row = query.one(session, target.ticket_id)
    if wanted.client_id:
        clients.one(session, wanted.client_id)
    if (changes := wanted.changes()) is not None:
        work.edit(session, target, actor, changes, reason=wanted.reason)
        target = Target(target.ticket_id)
    if wanted.priority is not None and wanted.priority != row.priority:
        work.prioritise(session, target, actor, priority=wanted.priority, reason=wanted.reason)
        target = Target(target.ticket_id)
    if wanted.assign:
        assigning.give(session, target, actor)
        target = Target(target.ticket_id)
    elif "operator_id" in wanted.model_fields_set:
        _assign(session, target, actor, wanted)
        target = Target(target.ticket_id)
    if wanted.state is not None:
        if wanted.waiting_until is not None and wanted.waiting_until.tzinfo is None:
            raise InvalidInputError(field="waiting_until", problem="ISO 8601, UTC±hh:mm")
        wait = Wait(wanted.reason, wanted.waiting_until) if wanted.state == "waiting" else None
        work.change_state(
            session, target, actor, to=wanted.state, reason=wanted.reason, wait=wait, resolution=wanted.resolution
        )


def _assign(session: Session, target: Target, actor: Actor, wanted: TicketChange) -> None:
    if wanted.operator_id is not None:
        roster.one(session, wanted.operator_id)
    work.assign(session, target, actor, operator_id=wanted.operator_id, reason=wanted.reason)


def _reader(session: Session, services: Services, caller: Caller) -> Reader:
    operator = roster.find_by_person(session, caller.person.name)
    return Reader(services.clock.now(), operator.id if operator else None, caller.person.name)


def _actor(services: Services, caller: Caller) -> Actor:
    return Actor(caller.actor if caller.api_key else caller.person.name, services.clock.now())


def _whole(session: Session, number: int, caller: Caller) -> OneTicket:
    session.flush()
    return whole_out(query.whole(session, number), caller.language)
