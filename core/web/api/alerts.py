"""Alerts for programs: lists, one, figures, reporting, working, comments, timeline, cases, and the filter as a file."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from core.alerts import cases, evidence, explain, manual, query, timeline, work
from core.alerts.cases import Entity
from core.alerts.export import csv_chunks
from core.alerts.filters import LONGEST_TEXT, MOST_VALUES, AlertFilter
from core.alerts.manual import LONGEST_DESCRIPTION, LONGEST_TITLE, MOST_EVIDENCE, ManualAlert
from core.alerts.query import Reader
from core.alerts.work import LONGEST_NOTES, Actor, Target
from core.errors import InvalidInputError
from core.language import Language
from core.services import Services
from core.store import audit
from core.store.models.alerts import AlertRow, CaseRow, TimelineRow
from core.web.api.commands import IdempotencyKey
from core.web.api.parameters import Opened
from core.web.identity import Caller, require
from core.web.paging import DEFAULT_LIMIT, LARGEST_LIMIT, CursorText, Limit, Paged, decode_cursor, encode_cursor

router = APIRouter(tags=["alerts"])

Viewer = Annotated[Caller, Depends(require("alerts.view"))]
Worker = Annotated[Caller, Depends(require("alerts.work"))]
Remover = Annotated[Caller, Depends(require("alerts.delete"))]
Value = Annotated[str, Field(max_length=LONGEST_TEXT)]
Values = Annotated[list[Value], Field(max_length=MOST_VALUES)]
Reference = Annotated[str, Path(max_length=20, description="Number or readable id, such as `17` or `A-7KQ2MZ4P`.")]
Version = Annotated[int | None, Field(ge=1, description="The version the change was made from; 409 when it moved on.")]


class FilterParameters(BaseModel):
    """Which alerts; by default those not closed. Parameters are combined with "and", the values of a repeated
    parameter with "or"."""

    model_config = ConfigDict(extra="forbid")

    state: Values = Field([], description="`open`, `investigating`, `resolved`, or `open_work` for the first two.")
    status: Values = Field([], description="As `state`.")
    severity: Values = Field([], description="`LOW`, `MEDIUM`, `HIGH`, `CRITICAL`.")
    owner: Value | None = Field(None, description="A name, `me` or `nobody`.")
    rule: Values = Field([], description="Detector or alert type.")
    alert_type: Values = Field([], description="As `rule`.")
    site: Values = Field([], description="Name of a location.")
    kind: Value | None = Field(None, description="`user`, `location`, `org` or `number`.")
    entity: Value | None = Field(None, description="Identifier of the user, location or number.")
    user_id: Value | None = Field(None, description="As `entity` of a user.")
    verdict: Values = Field([], description="`true_positive`, `benign`, `duplicate`, `tuned`.")
    q: Value | None = Field(None, description="Text in names, titles, sites and ids.")
    muted: Value | None = Field(None, description="`hide` (default), `only` or `all`.")
    last: Value | None = Field(None, description="Raised in the last hours or days such as `24h`, `7d`; or `all`.")
    since: Value | None = Field(None, description="Raised at or after, ISO 8601.")
    until: Value | None = Field(None, description="Raised before, ISO 8601.")

    def filter(self, **more: str) -> AlertFilter:
        """The filter meant. Raises ``InvalidInputError``."""
        given = {name: getattr(self, name) for name in FilterParameters.model_fields}
        asked = {name: value for name, value in given.items() if value} | {k: v for k, v in more.items() if v}
        asked["state"] = [*asked.pop("state", []), *asked.pop("status", [])]
        asked["rule"] = [*asked.pop("rule", []), *asked.pop("alert_type", [])]
        if user := asked.pop("user_id", None):
            asked |= {"kind": "user", "entity": user}
        return AlertFilter.from_query(asked)


class PageParameters(FilterParameters):
    """A page of the alerts of a filter."""

    sort: Value | None = Field(None, description="`severity` (worst first, default), `newest` or `cost`.")
    cursor: Annotated[str, Field(max_length=1024)] | None = Field(
        None, description="`next` or `previous` of an earlier answer."
    )
    limit: int = Field(DEFAULT_LIMIT, ge=1, le=LARGEST_LIMIT, description="Most items in one answer.")


class AlertOut(BaseModel):
    """An alert; instants are UTC, cost in US dollars, `user_id` only where it is about a user."""

    id: int
    public_id: str
    alert_type: str
    severity: str
    status: str
    title: str
    description: str
    user_id: str | None
    entity_kind: str
    entity: str
    entity_name: str
    site: str
    owner: str
    calls: int
    cost: float
    emitted_at: datetime
    first_seen: datetime
    last_seen: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str
    resolved_at: datetime | None
    resolved_by: str
    verdict: str
    resolution_notes: str
    muted_until: datetime | None
    is_manual: bool
    is_backfilled: bool
    case_id: int
    version: int
    changed_at: datetime
    changed_by: str


class EvidenceOut(BaseModel):
    """A call record an alert rests on: open it as `/cdr/{report_id}` and its call as `/journeys/{report_id}`."""

    report_id: str
    correlation_id: str
    started_at: datetime | None


class OneAlert(AlertOut):
    """An alert with why it was raised, in words and figures, and what it rests on."""

    written_explanation: str
    explanation: dict[str, Any]
    evidence: list[EvidenceOut]


class NewAlert(BaseModel):
    """What somebody or another system saw."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=LONGEST_TITLE)
    severity: Value
    alert_type: str = Field("manual", max_length=60)
    user_id: str | None = Field(None, max_length=200, description="UUID of the user it is about.")
    entity_kind: Literal["user", "location", "org", "number"] | None = None
    entity: str | None = Field(None, max_length=200)
    entity_name: str = Field("", max_length=200)
    site: str = Field("", max_length=200)
    description: str = Field("", max_length=LONGEST_DESCRIPTION)
    evidence: Annotated[list[Value], Field(max_length=MOST_EVIDENCE)] = Field([], description="Report IDs of calls.")


class AlertChange(BaseModel):
    """What to change; what is left out stays. Closing takes `status` `resolved` with `verdict` and notes."""

    model_config = ConfigDict(extra="forbid")

    version: Version = None
    status: Literal["open", "investigating", "resolved"] | None = None
    verdict: str = Field("", max_length=20)
    resolution_notes: str = Field("", max_length=LONGEST_NOTES)
    owner: str | None = Field(None, max_length=200, description="A name; empty gives it back.")
    acknowledged: Literal[True] | None = None
    comment: str = Field("", max_length=LONGEST_NOTES)


class CommentIn(BaseModel):
    """A comment for the timeline."""

    text: str = Field(min_length=1, max_length=LONGEST_NOTES)


class TimelineOut(BaseModel):
    """One thing that happened to an alert."""

    id: int
    at: datetime
    actor: str
    action: str
    from_state: str
    to_state: str
    reason: str
    comment: str
    detail: dict[str, Any]


class StatsOut(BaseModel):
    """Figures of a filter. Seconds are medians of alerts raised live; `precision` is the share of true positives
    among those judged."""

    total: int
    by_severity: dict[str, int]
    by_status: dict[str, int]
    by_type: dict[str, int]
    by_verdict: dict[str, int]
    unowned: int
    cost_at_risk: float
    seconds_to_own: float | None
    seconds_to_resolve: float | None
    precision: float | None


class CaseOut(BaseModel):
    """Alerts of one entity within a day."""

    id: int
    public_id: str
    entity_kind: str
    entity: str
    entity_name: str
    site: str
    state: str
    severity: str
    alerts: int
    cost: float
    opened_at: datetime
    last_at: datetime


class OneCase(CaseOut):
    """A case with its alerts, oldest first."""

    items: list[AlertOut]


@router.get("/alerts")
def alerts(services: Opened, caller: Viewer, asked: Annotated[PageParameters, Query()]) -> Paged[AlertOut]:
    """The alerts of a filter, worst first unless told otherwise."""
    wanted = asked.filter(sort=asked.sort or "")
    with services.database.read() as session:
        page = query.page(session, wanted, _reader(services, caller), cursor=asked.cursor, limit=asked.limit)
        items = [_shown(row, caller.language) for row in page.rows]
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
    return Paged(items=[_happened(entry) for entry in shown], next=following)


@router.post("/alerts/{reference}/comments", status_code=201)
def comment(reference: Reference, new: CommentIn, services: Opened, caller: Worker) -> TimelineOut:
    """Write into the timeline."""
    with services.database.write() as session:
        row = query.one(session, reference)
        work.comment(session, row.id, _actor(services, caller), text=new.text)
        session.flush()
        return _happened(timeline.entries(session, row.id, 1)[0])


@router.get("/cases")
def all_cases(
    services: Opened,
    _caller: Viewer,
    closed: Annotated[bool, Query(description="Closed cases too.")] = False,
    cursor: CursorText = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Paged[CaseOut]:
    """Cases, the newest sign first."""
    before = decode_cursor(cursor, int)[0] if cursor else None
    with services.database.read() as session:
        found = cases.listed(session, only_open=not closed, limit=limit + 1, before=before)
    shown = found[:limit]
    following = encode_cursor(shown[-1].id) if len(found) > limit else None
    return Paged(items=[CaseOut(**_case(row)) for row in shown], next=following)


@router.get("/cases/{reference}")
def one_case(reference: Reference, services: Opened, caller: Viewer) -> OneCase:
    """One case with its alerts."""
    with services.database.read() as session:
        row = cases.one(session, reference)
        items = [_shown(alert, caller.language) for alert in cases.alerts_of(session, row.id)]
    return OneCase(**_case(row), items=items)


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


def _shown(row: AlertRow, language: Language) -> AlertOut:
    return AlertOut(**_fields(row, language))


def _fields(row: AlertRow, language: Language) -> dict[str, Any]:
    fields = {name: getattr(row, name) for name in AlertOut.model_fields if hasattr(row, name)}
    return fields | {
        "severity": row.severity.upper(),
        "status": row.state,
        "title": explain.title(row, language),
        "description": row.description or explain.summary(row, language, UTC),
        "user_id": row.entity if row.entity_kind == "user" else None,
        "calls": row.evidence_count,
        "cost": round(row.cost, 2),
    }


def _whole(session: Session, row: AlertRow, language: Language) -> OneAlert:
    session.flush()
    rests = [
        EvidenceOut(report_id=one.report_id, correlation_id=one.correlation_id, started_at=one.started_at)
        for one in evidence.of_alerts(session, [row.id])
    ]
    return OneAlert(
        **_fields(row, language),
        written_explanation=explain.written_explanation(row, language),
        explanation=row.explanation,
        evidence=rests,
    )


def _happened(row: TimelineRow) -> TimelineOut:
    return TimelineOut(**{name: getattr(row, name) for name in TimelineOut.model_fields})


def _case(row: CaseRow) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in CaseOut.model_fields}
    return told | {"severity": row.severity.upper(), "cost": round(row.cost, 2)}
