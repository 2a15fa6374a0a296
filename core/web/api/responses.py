"""Answers to alerts in Webex for programs: what is proposed, applied on an explicit yes, and undone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from core.alerts import query as alerts
from core.respond import applying, proposals, query
from core.respond.proposals import Proposal
from core.respond.query import Response
from core.respond.rights import Right, write_right
from core.store.models.responses import ResponseChange
from core.web.api.commands import IdempotencyKey
from core.web.api.parameters import Opened
from core.web.identity import Caller, require
from core.web.paging import DEFAULT_LIMIT, CursorText, Limit, Paged, decode_cursor, encode_cursor
from core.webex.call_settings_shape import Difference

router = APIRouter(tags=["responses"])

Viewer = Annotated[Caller, Depends(require("alerts.view"))]
Applier = Annotated[Caller, Depends(require("responses.apply"))]
Reference = Annotated[str, Path(max_length=20, description="Number or readable id of the alert.")]
Number = Annotated[int, Path(ge=1, le=2**53)]
Key = Annotated[str, Field(max_length=160, pattern=r"^[a-z_]+:[\w.-]+$")]


class DifferenceOut(BaseModel):
    """One field of a setting: Webex's own words, before and after."""

    field: str
    aspect: str
    before: Any
    after: Any


class ProposalOut(BaseModel):
    """A change that an alert proposes; `changes` is empty until the setting was read, and when it is so already."""

    key: str
    action: str
    setting: str
    person_uuid: str
    person_name: str
    reason: str
    is_recommended: bool
    is_needless: bool
    call_types: list[str]
    changes: list[DifferenceOut]
    read_at: datetime | None


class ProposalsOut(BaseModel):
    """Everything proposed for an alert, and whether the connection may change settings."""

    write_right: Right
    items: list[ProposalOut]


class ChangeOut(BaseModel):
    """One setting of one person. `contested` tells, after a refused undo, what somebody else made of it."""

    action: str
    setting: str
    person_uuid: str
    person_name: str
    state: Literal["proposed", "applying", "applied", "failed", "undoing", "undone"]
    changes: list[DifferenceOut]
    contested: list[dict[str, Any]]
    saved_at: datetime | None
    applied_at: datetime | None
    undone_at: datetime | None
    error: dict[str, Any] | None


class ResponseOut(BaseModel):
    """A response: `is_working` while the sidecar has something to do for it."""

    id: int
    alert_id: int
    state: str
    is_working: bool
    can_be_undone: bool
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None
    undo_by: str
    undo_at: datetime | None
    changes: list[ChangeOut]


class Wanted(BaseModel):
    """Which proposals to apply, by key; `confirm` must be true."""

    model_config = ConfigDict(extra="forbid")

    proposals: Annotated[list[Key], Field(min_length=1, max_length=100)]
    confirm: bool = False


class Undoing(BaseModel):
    """`force` overwrites what somebody else changed since; `confirm` must be true."""

    model_config = ConfigDict(extra="forbid")

    confirm: bool = False
    force: bool = False


@router.get("/alerts/{reference}/responses/proposals")
def proposed(services: Opened, _caller: Viewer, reference: Reference) -> ProposalsOut:
    """What can be changed in Webex because of an alert, before and after."""
    found = proposals.of_alert(services, reference)
    return ProposalsOut(write_right=write_right(services), items=[_proposal(one) for one in found])


@router.get("/alerts/{reference}/responses")
def listing(
    services: Opened,
    _caller: Viewer,
    reference: Reference,
    cursor: CursorText = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Paged[ResponseOut]:
    """The responses to an alert, newest first."""
    before = decode_cursor(cursor, int)[0] if cursor else None
    with services.database.read() as session:
        alert = alerts.one(session, reference)
        found = query.of_alert(session, alert.id, before=before, limit=limit + 1)
        items = [_response(one) for one in found[:limit]]
    return Paged(items=items, next=encode_cursor(items[-1].id) if len(found) > limit else None)


@router.post("/alerts/{reference}/responses", status_code=202)
def apply(
    services: Opened, caller: Applier, reference: Reference, wanted: Wanted, idempotency_key: IdempotencyKey = None
) -> ResponseOut:
    """Apply proposals. The sidecar saves what Webex holds, changes it and reads it back; ask again to follow it."""
    key = f"{caller.person.id}:{idempotency_key}" if idempotency_key else None
    number = applying.apply(
        services,
        reference,
        wanted.proposals,
        actor=caller.actor,
        consent=wanted.confirm,
        idempotency_key=key,
    )
    with services.database.read() as session:
        return _response(query.one(session, number))


@router.get("/responses/{number}")
def one(services: Opened, _caller: Viewer, number: Number) -> ResponseOut:
    """One response as it stands."""
    with services.database.read() as session:
        return _response(query.one(session, number))


@router.post("/responses/{number}/undo", status_code=202)
def undo(services: Opened, caller: Applier, number: Number, undoing: Undoing) -> ResponseOut:
    """Put back exactly what was saved; what somebody else changed since is left alone unless forced."""
    applying.undo(services, number, actor=caller.actor, consent=undoing.confirm, forced=undoing.force)
    with services.database.read() as session:
        return _response(query.one(session, number))


def _proposal(found: Proposal) -> ProposalOut:
    return ProposalOut(
        key=found.key,
        action=found.action,
        setting=found.setting,
        person_uuid=found.person,
        person_name=found.person_name,
        reason=found.reason,
        is_recommended=found.is_recommended,
        is_needless=found.is_needless,
        call_types=list(found.call_types),
        changes=[_difference(each) for each in found.changes],
        read_at=found.read_at,
    )


def _difference(found: Difference) -> DifferenceOut:
    return DifferenceOut(field=found.field, aspect=found.aspect, before=found.before, after=found.after)


def _response(found: Response) -> ResponseOut:
    shared: Mapping[str, Any] = {
        name: getattr(found.row, name) for name in ResponseOut.model_fields if hasattr(found.row, name)
    }
    return ResponseOut(can_be_undone=found.can_be_undone, changes=[_change(each) for each in found.changes], **shared)


def _change(found: ResponseChange) -> ChangeOut:
    disputed = [{**_difference(each).model_dump(), "now": now} for each, now in query.contested(found)]
    shared: Mapping[str, Any] = {
        name: getattr(found, name) for name in ChangeOut.model_fields if name not in ("changes", "contested")
    }
    return ChangeOut(changes=[_difference(each) for each in query.made(found)], contested=disputed, **shared)
