"""The Webex connection behind the call records: its state, the directory it brought, and asking for records now."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel

from core.errors import InvalidInputError
from core.web.api.commands import CommandAccepted, IdempotencyKey, ask_for
from core.web.api.parameters import Opened
from core.web.identity import Caller, require
from core.web.paging import DEFAULT_LIMIT, CursorText, Limit, Paged, decode_cursor, encode_cursor
from core.webex import directory
from core.webex.connections import status as connection_status

router = APIRouter(tags=["connections"])

Reader = Annotated[Caller, Depends(require("connections.view"))]
Runner = Annotated[Caller, Depends(require("jobs.run"))]


class ConnectionOut(BaseModel):
    """The state of the Webex connection, from our own tables; instants are UTC."""

    connected: bool
    state: str
    method: str
    environment: str
    person_name: str
    person_email: str
    org_id: str
    org_name: str
    scopes_missing: list[str]
    access_expires_at: datetime | None
    refresh_expires_at: datetime | None
    connected_at: datetime | None
    last_error_code: str | None
    last_error_at: datetime | None


class LocationOut(BaseModel):
    """A site; ``uuid`` equals the records' Site UUID, ``time_zone`` is an IANA name or empty."""

    uuid: str
    name: str
    time_zone: str
    country: str
    city: str


class DirectoryPersonOut(BaseModel):
    """A person of the Webex organisation; ``uuid`` equals the records' User UUID."""

    uuid: str
    name: str
    email: str
    department: str
    location_uuid: str
    extension: str
    work_number: str


class Window(BaseModel):
    """The time of the records to ask for; both left out = what is new."""

    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


@router.get("/cdrs/status")
def status(services: Opened, _caller: Reader) -> ConnectionOut:
    """Whether Webex is connected, as whom, and what went wrong last."""
    found = connection_status(services)
    shared = {name: getattr(found, name) for name in ConnectionOut.model_fields if hasattr(found, name)}
    return ConnectionOut(connected=found.is_connected, environment="sandbox" if found.is_sandbox else "real", **shared)


@router.get("/cdrs/locations")
def locations(
    services: Opened, _caller: Reader, cursor: CursorText = None, limit: Limit = DEFAULT_LIMIT
) -> Paged[LocationOut]:
    """The sites of the organisation, by name, as last synchronised."""
    found = directory.locations(services.database, after=_after(cursor), limit=limit + 1)
    items = [LocationOut(**_fields(LocationOut, row)) for row in found[:limit]]
    return Paged(items=items, next=_next(found, limit))


@router.get("/cdrs/people")
def people(
    services: Opened, _caller: Reader, cursor: CursorText = None, limit: Limit = DEFAULT_LIMIT
) -> Paged[DirectoryPersonOut]:
    """The people of the organisation, by name, as last synchronised."""
    found = directory.persons(services.database, after=_after(cursor), limit=limit + 1)
    items = [DirectoryPersonOut(**_fields(DirectoryPersonOut, row)) for row in found[:limit]]
    return Paged(items=items, next=_next(found, limit))


@router.post("/cdrs/sync", status_code=202)
def sync(
    services: Opened, caller: Runner, window: Window | None = None, idempotency_key: IdempotencyKey = None
) -> CommandAccepted:
    """Ask the sidecar to fetch call records from Webex now."""
    return ask_for(services, caller, "ingest", _arguments(window), idempotency_key)


@router.post("/cdr/ingest", status_code=202)
def ingest(
    services: Opened, caller: Runner, window: Window | None = None, idempotency_key: IdempotencyKey = None
) -> CommandAccepted:
    """The same as ``POST /cdrs/sync``, under its older name."""
    return ask_for(services, caller, "ingest", _arguments(window), idempotency_key)


def _arguments(window: Window | None) -> dict[str, object]:
    if window is None:
        return {}
    if window.since and window.until and window.since >= window.until:
        raise InvalidInputError(field="until", problem="since >= until")
    given = {"since": window.since, "until": window.until}
    return {name: instant.isoformat() for name, instant in given.items() if instant}


def _after(cursor: str | None) -> tuple[str, str] | None:
    if not cursor:
        return None
    name, uuid = decode_cursor(cursor, str, str)
    return name, uuid


def _fields(model: type[BaseModel], row: object) -> dict[str, Any]:
    return {name: getattr(row, name) for name in model.model_fields}


def _next(found: list[Any], limit: int) -> str | None:
    return encode_cursor(found[limit - 1].name, found[limit - 1].uuid) if len(found) > limit else None
