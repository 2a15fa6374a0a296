"""Dialling for programs, ``/api/v2``: a token, a call to a number, and how it stands.

These addresses and shapes are those that programs of the earlier dialler already speak; the policy is the same as at
the dial pad. A program that gives no reason dials for the reason of its key.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from core.access import api_keys, sessions, sign_in
from core.access.permissions import permissions_of
from core.access.sessions import Origin
from core.calls.filter_terms import MOST_VALUES
from core.dialer import desk, query
from core.dialer.attempt import attempt
from core.dialer.desk import Dialler, Wish
from core.dialer.export import csv_chunks
from core.dialer.filters import OutboundFilter
from core.dialer.outcome_words import outcome_words, talk_seconds
from core.dialer.policy import LONGEST_INPUT, LONGEST_REASON
from core.errors import InvalidInputError, NotAllowedError
from core.services import Services
from core.store import audit, rate_gate
from core.store.models.dialer import OutboundCallRow
from core.web.api import dialed_recordings
from core.web.api.application import api_application
from core.web.api.commands import IdempotencyKey
from core.web.api.parameters import Opened
from core.web.errors import TooManyRequestsError
from core.web.identity import Caller, require
from core.web.origin import client_address
from core.web.paging import DEFAULT_LIMIT, CursorText, Limit, Paged

PREFIX = "/api/v2"
DESCRIPTION = " ".join(
    (
        "Calls to a number, for programs. Take a token by name and password, or send an API key, as",
        "`Authorization: Bearer tw_…`. The dialing policy holds as at the dial pad: what it refuses is a 403 with code",
        "`dialer_refused` and the rules in `facts.rules`. Everything else, and the shape of errors and lists, is told",
        "in `/api/v1/docs`.",
    )
)
TOKENS_A_MINUTE = 10
TOKEN_DAYS = 1
TOKEN_SCOPES = frozenset({"dialer.view", "dialer.dial"})
_SECONDS_A_DAY = 86_400
_LONGEST_BODY = 4096

router = APIRouter(tags=["dialing"])
router.add_api_route("/calls/{call_id}/recording", dialed_recordings.recording, response_class=StreamingResponse)

Viewer = Annotated[Caller, Depends(require("dialer.view"))]
Dials = Annotated[Caller, Depends(require("dialer.dial"))]
CallId = Annotated[str, Path(max_length=40, description="As given when the call was asked for.")]


class Credentials(BaseModel):
    """Who asks for a token."""

    username: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=1, max_length=256)


class Token(BaseModel):
    """A key for dialling alone, valid for ``expires_in`` seconds; sent as ``Authorization: Bearer``."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - the kind of token, not one
    expires_in: int = TOKEN_DAYS * _SECONDS_A_DAY


class Interaction(BaseModel):
    """How to place a call: with ``context`` and ``extension`` Asterisk's dialplan goes on with an answered one."""

    context: str = Field(default="", max_length=80)
    extension: str = Field(default="", max_length=80)
    priority: int | None = Field(default=None, ge=1, le=1000)
    timeout: int | None = Field(default=None, ge=1, le=180, description="Seconds to let it ring.")
    caller_id: str = Field(default="", max_length=120)
    reason: str = Field(default="", max_length=LONGEST_REASON)
    site: str = Field(default="", max_length=300, description="Where it is dialled from; empty = the first site.")


class NewCall(Interaction):
    """A call to a number."""

    phone_number: str = Field(min_length=1, max_length=LONGEST_INPUT)


class CallsParameters(BaseModel):
    """The filter of a list of calls."""

    status: list[str] = Field(default=[], max_length=MOST_VALUES)
    source: list[str] = Field(default=[], max_length=MOST_VALUES)
    by: list[str] = Field(default=[], max_length=MOST_VALUES, description="Who asked; `me` for the caller.")
    number: str = Field(default="", max_length=80, description="The beginning of a number.")
    since: datetime | None = None
    until: datetime | None = None
    cursor: CursorText = None
    limit: Limit = DEFAULT_LIMIT

    def filter(self) -> OutboundFilter:
        """Raises ``InvalidInputError``."""
        return OutboundFilter(
            statuses=tuple(self.status),
            sources=tuple(self.source),
            people=tuple(self.by),
            number=self.number,
            since=self.since.astimezone(UTC) if self.since else None,
            until=self.until.astimezone(UTC) if self.until else None,
        )


class CallOut(BaseModel):
    """A call as it stands; instants are UTC, ``duration`` is seconds of talk."""

    call_id: str
    status: str
    phone_number: str
    created_at: datetime
    dialed_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    duration: float | None
    context: str | None
    extension: str | None
    caller_id: str | None
    cause: int | None
    sip_code: int | None
    message: str


_CREDENTIALS = {"schema": Credentials.model_json_schema()}
_TOKEN_BODY: dict[str, Any] = {
    "security": [],
    "requestBody": {
        "required": True,
        "content": {"application/json": _CREDENTIALS, "application/x-www-form-urlencoded": _CREDENTIALS},
    },
}
"""The body is read by hand, so that no answer repeats a password; this tells programs what it holds."""


@router.post("/token", openapi_extra=_TOKEN_BODY)
async def token(request: Request, services: Opened) -> Token:
    """A token by `username` and `password`, as JSON or as a form; ten tries a minute from one address."""
    body = await request.body()
    return await run_in_threadpool(_token, services, request, body)


@router.post("/interaction/{number}", status_code=201)
def interaction(
    number: Annotated[str, Path(max_length=LONGEST_INPUT)],
    services: Opened,
    caller: Dials,
    how: Interaction | None = None,
    idempotency_key: IdempotencyKey = None,
) -> CallOut:
    """Dial a number now."""
    return _dialled(services, caller, number, how or Interaction(), idempotency_key)


@router.get("/status/{call_id}")
def status(call_id: CallId, services: Opened, caller: Viewer) -> CallOut:
    """How a call stands."""
    return _found(services, caller, call_id)


@router.get("/calls")
def calls(services: Opened, caller: Viewer, asked: Annotated[CallsParameters, Query()]) -> Paged[CallOut]:
    """The calls of a filter, newest first."""
    with services.database.read() as session:
        page = query.page(session, asked.filter(), person=caller.person.name, cursor=asked.cursor, limit=asked.limit)
    return Paged(items=[_shown(row, caller) for row in page.rows], next=page.next, previous=page.previous)


@router.get("/calls.csv", response_class=StreamingResponse)
def export(services: Opened, caller: Viewer, asked: Annotated[CallsParameters, Query()]) -> StreamingResponse:
    """The calls of a filter as CSV, newest first; audited."""
    wanted, now = asked.filter(), services.clock.now()
    with services.database.write() as session:
        detail = {"filter": wanted.sentence("en"), "query": wanted.to_query()}
        audit.record(session, actor=caller.actor, action="dialer.export", detail=detail, at=now)
    headers = {
        "Content-Disposition": f'attachment; filename="outbound-calls-{now:%Y%m%dT%H%M%SZ}.csv"',
        "Cache-Control": "no-store",
    }
    chunks: Iterator[bytes] = csv_chunks(services.database, wanted, caller.person.name, caller.language)
    return StreamingResponse(chunks, media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/calls", status_code=201)
def create(new: NewCall, services: Opened, caller: Dials, idempotency_key: IdempotencyKey = None) -> CallOut:
    """Dial a number now. The same `Idempotency-Key` of a person dials once."""
    return _dialled(services, caller, new.phone_number, new, idempotency_key)


@router.get("/calls/{call_id}")
def one(call_id: CallId, services: Opened, caller: Viewer) -> CallOut:
    """How a call stands."""
    return _found(services, caller, call_id)


@router.delete("/calls/{call_id}", status_code=202)
def hang_up(call_id: CallId, services: Opened, caller: Dials) -> CallOut:
    """End a call of one's own, with `dialer.override` anybody's; it is ended when its status says so."""
    with services.database.write() as session:
        by = Dialler(caller.person.name, caller.may("dialer.override"))
        desk.hang_up(session, call_id, by, at=services.clock.now())
    return _found(services, caller, call_id)


def application() -> FastAPI:
    """The routes as one ASGI application, to be mounted at ``PREFIX``."""
    return api_application([router], title="Tollwatch dialing", version="2", description=DESCRIPTION, example="/calls")


def _token(services: Services, request: Request, body: bytes) -> Token:
    address = client_address(request)
    gate = f"api-token:{sign_in.network_of(address)}"[:120]
    wait = rate_gate.take(services.database, gate, capacity=TOKENS_A_MINUTE, per_seconds=60, clock=services.clock)
    if wait > 0:
        raise TooManyRequestsError(retry_after_seconds=wait, seconds=max(1, round(wait)))
    told = _credentials(request, body)
    origin = Origin(method="password", address=address, agent="api")
    opened = sign_in.with_password(services.database, services.clock, told.username, told.password, origin)
    try:
        person = sessions.person_of(services.database, opened, services.clock)
    finally:
        sessions.end(services.database, services.clock, opened)
    scopes = TOKEN_SCOPES & permissions_of(person.role) if person else frozenset()
    if person is None or "dialer.dial" not in scopes:
        raise NotAllowedError(permission="dialer.dial")
    issued = api_keys.issue(
        services.database, services.clock, person, name="dialing token", scopes=scopes, valid_days=TOKEN_DAYS
    )
    return Token(access_token=issued.token)


def _credentials(request: Request, body: bytes) -> Credentials:
    is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    try:
        if len(body) > _LONGEST_BODY:
            raise ValueError
        if not is_form:
            return Credentials.model_validate_json(body)
        fields = parse_qs(body.decode(), max_num_fields=10)
        return Credentials.model_validate({name: values[0] for name, values in fields.items()})
    except (ValidationError, ValueError):
        # The library's own words would repeat the password.
        raise InvalidInputError(field="username, password", problem="unreadable") from None


def _dialled(services: Services, caller: Caller, number: str, how: Interaction, key: str | None) -> CallOut:
    settings = services.settings
    wish = Wish(
        text=number,
        reason=how.reason.strip() or caller.actor,
        site=how.site,
        caller_id=how.caller_id,
        context=how.context or (settings.default_context if how.extension or settings.default_extension else ""),
        extension=how.extension or (settings.default_extension if how.context or settings.default_context else ""),
        priority=how.priority or settings.default_priority,
        ring_seconds=how.timeout or settings.default_timeout,
        source="api",
        idempotency_key=key,
    )
    call_id = attempt(services.database, settings, wish, Dialler(caller.person.name), at=services.clock.now())
    return _found(services, caller, call_id)


def _found(services: Services, caller: Caller, call_id: str) -> CallOut:
    with services.database.read() as session:
        return _shown(query.one(session, call_id), caller)


def _shown(row: OutboundCallRow, caller: Caller) -> CallOut:
    told: dict[str, Any] = {name: getattr(row, name) or None for name in ("context", "extension", "caller_id")}
    return CallOut(
        call_id=row.call_id,
        status=row.status,
        phone_number=row.number,
        created_at=row.created_at,
        dialed_at=row.dialed_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        duration=talk_seconds(row),
        cause=row.cause,
        sip_code=row.sip_code,
        message=outcome_words(row, caller.language),
        **told,
    )
