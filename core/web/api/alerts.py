"""Alerts for programs: lists, one, figures, reporting, working, comments, timeline, cases, and the filter as a file."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session

from core.alerts import evidence, explain, manual, query, timeline, work
from core.alerts.cases import Entity
from core.alerts.export import csv_chunks
from core.alerts.filters import AlertFilter
from core.alerts.manual import ManualAlert
from core.alerts.query import Reader
from core.alerts.work import Actor, Target
from core.assistant.views import views
from core.errors import InvalidInputError
from core.language import Language
from core.services import Services
from core.store import audit
from core.store.models.alerts import AlertRow
from core.web.api.alert_shapes import (
    AlertChange,
    AlertOut,
    CommentIn,
    EvidenceOut,
    FilterParameters,
    NewAlert,
    OneAlert,
    PageParameters,
    StatsOut,
    TimelineOut,
    alert_fields,
    alert_out,
    timeline_out,
)
from core.web.api.commands import IdempotencyKey
from core.web.api.parameters import Opened
from core.web.identity import Caller, require
from core.web.paging import DEFAULT_LIMIT, CursorText, Limit, Paged, decode_cursor, encode_cursor

router = APIRouter(tags=["alerts"])

Viewer = Annotated[Caller, Depends(require("alerts.view"))]
Worker = Annotated[Caller, Depends(require("alerts.work"))]
Remover = Annotated[Caller, Depends(require("alerts.delete"))]
Reference = Annotated[str, Path(max_length=20, description="Number or readable id, such as `17` or `A-7KQ2MZ4P`.")]


@router.get("/alerts")
def alerts(services: Opened, caller: Viewer, asked: Annotated[PageParameters, Query()]) -> Paged[AlertOut]:
    """The alerts of a filter, worst first unless told otherwise."""
    wanted = asked.filter(sort=asked.sort or "")
    with services.database.read() as session:
        reader = _reader(services, caller)
        page = query.page(session, wanted, reader, cursor=asked.cursor, limit=asked.size(), skip=asked.skipped())
        items = [alert_out(row, caller.language) for row in page.rows]
    return Paged(items=items, next=page.next, previous=page.previous)


@router.get("/alerts/stats/summary")
def stats(services: Opened, caller: Viewer, asked: Annotated[FilterParameters, Query()]) -> StatsOut:
    """The figures of a filter; without `state` of all alerts, closed ones included."""
    wanted = asked.filter()
    if not wanted.states:
        wanted = AlertFilter.from_query({**wanted.to_query(), "state": ["open_work", "resolved"]})
    with services.database.read() as session:
        found = query.stats(session, wanted, _reader(services, caller))
    told = vars(found) | {
        "by_severity": {name.upper(): number for name, number in found.by_severity.items()},
        "by_status": found.by_state,
    }
    return StatsOut(**{name: told[name] for name in StatsOut.model_fields})


@router.get("/alerts/export", response_class=StreamingResponse)
def export(services: Opened, caller: Viewer, asked: Annotated[PageParameters, Query()]) -> StreamingResponse:
    """The alerts of a filter as CSV, in its order; audited."""
    wanted = asked.filter(sort=asked.sort or "")
    now = services.clock.now()
    with services.database.write() as session:
        detail = {"filter": wanted.sentence("en"), "query": wanted.to_query()}
        audit.record(session, actor=caller.actor, action="alerts.export", detail=detail, at=now)
    headers = {
        "Content-Disposition": f'attachment; filename="alerts-{now:%Y%m%dT%H%M%SZ}.csv"',
        "Cache-Control": "no-store",
    }
    chunks: Iterator[bytes] = csv_chunks(services.database, wanted, _reader(services, caller), caller.language)
    return StreamingResponse(chunks, media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/alerts", status_code=201)
def create(new: NewAlert, services: Opened, caller: Worker, idempotency_key: IdempotencyKey = None) -> OneAlert:
    """Raise an alert by hand. The same `Idempotency-Key` of the same caller gives the first again."""
    kind, identifier = _entity_of(new)
    legs = evidence.facts_of_reports(services.calls, new.evidence)
    site = new.site or next((leg.site for leg in legs.values() if leg.site), "")
    made = ManualAlert(
        title=new.title,
        severity=new.severity.lower(),
        entity=Entity(kind, identifier, new.entity_name, site),
        alert_type=new.alert_type,
        description=new.description,
        evidence=tuple(new.evidence),
        legs=legs,
        key=idempotency_key or "",
    )
    with services.database.write() as session:
        row = manual.create(session, made, _actor(services, caller))
        return _whole(session, row, caller.language)


@router.get("/alerts/{reference}")
def one(reference: Reference, services: Opened, caller: Viewer) -> OneAlert:
    """One alert with its explanation and evidence."""
    with services.database.read() as session:
        return _whole(session, query.one(session, reference), caller.language)


@router.patch("/alerts/{reference}")
def change(reference: Reference, wanted: AlertChange, services: Opened, caller: Worker) -> OneAlert:
    """Acknowledge, assign, investigate, close, reopen, comment: several at once are done together or not at all."""
    actor = _actor(services, caller)
    with services.database.write() as session:
        row = query.one(session, reference)
        target = Target(row.id, wanted.version)
        if wanted.acknowledged:
            work.acknowledge(session, target, actor)
            target = Target(row.id)
        if wanted.owner is not None:
            work.assign(session, target, actor, owner=wanted.owner)
            target = Target(row.id)
        if wanted.status is not None:
            _to_status(session, target, actor, wanted)
        elif wanted.resolution_notes or wanted.verdict:
            raise InvalidInputError(field="status", problem="resolved")
        if wanted.comment:
            work.comment(session, row.id, actor, text=wanted.comment)
        return _whole(session, query.one(session, reference), caller.language)


def _to_status(session: Session, target: Target, actor: Actor, wanted: AlertChange) -> None:
    if wanted.status == "resolved":
        work.close(session, target, actor, verdict=wanted.verdict, notes=wanted.resolution_notes)
    elif wanted.status == "investigating":
        work.investigate(session, target, actor)
    else:
        work.reopen(session, target, actor)


@router.delete("/alerts/{reference}", status_code=204)
def delete(
    reference: Reference,
    services: Opened,
    caller: Remover,
    reason: Annotated[str, Query(max_length=300)] = "",
) -> None:
    """Take an alert off the desk; it stays in the database, the audit tells who did it."""
    with services.database.write() as session:
        row = query.one(session, reference)
        work.delete(session, Target(row.id), _actor(services, caller), reason=reason)


@router.get("/alerts/{reference}/timeline")
def history(
    reference: Reference,
    services: Opened,
    _caller: Viewer,
    cursor: CursorText = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Paged[TimelineOut]:
    """What happened to an alert, newest first."""
    before = decode_cursor(cursor, int)[0] if cursor else None
    with services.database.read() as session:
        row = query.one(session, reference)
        found = timeline.entries(session, row.id, limit + 1, before)
    shown = found[:limit]
    following = encode_cursor(shown[-1].id) if len(found) > limit else None
    return Paged(items=[timeline_out(entry) for entry in shown], next=following)


@router.post("/alerts/{reference}/comments", status_code=201)
def comment(reference: Reference, new: CommentIn, services: Opened, caller: Worker) -> TimelineOut:
    """Write into the timeline."""
    with services.database.write() as session:
        row = query.one(session, reference)
        work.comment(session, row.id, _actor(services, caller), text=new.text)
        session.flush()
        return timeline_out(timeline.entries(session, row.id, 1)[0])


def _reader(services: Services, caller: Caller) -> Reader:
    return Reader(services.clock.now(), caller.person.name)


def _actor(services: Services, caller: Caller) -> Actor:
    return Actor(caller.actor if caller.api_key else caller.person.name, services.clock.now())


def _entity_of(new: NewAlert) -> tuple[str, str]:
    if new.user_id:
        return "user", new.user_id
    if not new.entity:
        raise InvalidInputError(field="user_id", problem="user_id | entity")
    return new.entity_kind or "user", new.entity


def _whole(session: Session, row: AlertRow, language: Language) -> OneAlert:
    session.flush()
    rests = [
        EvidenceOut(report_id=one.report_id, correlation_id=one.correlation_id, started_at=one.started_at)
        for one in evidence.of_alerts(session, [row.id])
    ]
    return OneAlert(
        **alert_fields(row, language),
        written_explanation=explain.written_explanation(row, language),
        ai_analysis=_claudes_view(session, row),
        explanation=row.explanation,
        evidence=rests,
    )


def _claudes_view(session: Session, row: AlertRow) -> dict[str, Any] | None:
    found = views(session, "alert", row.id, name=row.entity_name or row.entity)
    return next((dict(view.answer) for view in found if view.answer), None)
