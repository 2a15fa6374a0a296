"""State of the installation and of work that was asked for."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from core.store import commands, data_version
from core.web import health
from core.web.api.parameters import Identifier, Opened
from core.web.identity import Caller, require

router = APIRouter(tags=["system"])


class ComponentState(BaseModel):
    """One part and whether it works."""

    name: str
    ok: bool
    needed: bool
    detail: str


class SystemStatus(BaseModel):
    """What the installation is and how it is; instants are UTC."""

    environment: Literal["sandbox", "real"]
    components: list[ComponentState]
    calls_changed_at: datetime | None
    calls_version: int


class CommandState(BaseModel):
    """How far a command is: queued, claimed, done, failed or dead."""

    id: int
    kind: str
    state: str
    attempts: int
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None
    result: dict[str, Any] | None
    error: dict[str, Any] | None


@router.get("/status")
def status(services: Opened, _caller: Annotated[Caller, Depends(require("overview.view"))]) -> SystemStatus:
    """The parts of the installation and the freshness of its data."""
    with services.database.read() as session:
        number, changed_at = data_version.current(session, "calls")
    return SystemStatus(
        environment="sandbox" if services.settings.sandbox else "real",
        components=[ComponentState(**vars(component)) for component in health.components(services)],
        calls_changed_at=changed_at,
        calls_version=number,
    )


@router.get("/commands/{command_id}")
def command(
    command_id: Identifier,
    services: Opened,
    _caller: Annotated[Caller, Depends(require("jobs.view"))],
) -> CommandState:
    """What became of work that was asked for."""
    with services.database.read() as session:
        row = commands.find(session, command_id)
    return CommandState(
        id=row.id,
        kind=row.kind,
        state=row.state,
        attempts=row.attempts,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        finished_at=row.finished_at,
        result=row.result,
        error=row.error,
    )
