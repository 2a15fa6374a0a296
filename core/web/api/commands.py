"""What a route answers when it has only asked for work: the command by which to follow it."""

from typing import Annotated

from fastapi import Header
from pydantic import BaseModel

from core.services import Services
from core.store import audit, commands
from core.web.identity import Caller

IdempotencyKey = Annotated[
    str | None,
    Header(max_length=100, description="Repeating a request with the same key asks for the work only once."),
]


class CommandAccepted(BaseModel):
    """The sidecar will do it; ``/api/v1/commands/{command_id}`` tells how far it is."""

    command_id: int


def ask_for(
    services: Services, caller: Caller, job: str, arguments: dict[str, object], idempotency_key: str | None
) -> CommandAccepted:
    """Put a run of ``job`` into the command table, audited."""
    now = services.clock.now()
    key = f"api:{caller.person.id}:{job}:{idempotency_key}" if idempotency_key else None
    with services.database.write() as session:
        command = commands.request(session, "run_job", {"job": job, **arguments}, caller.actor, now, key)
        audit.record(session, actor=caller.actor, action="job.asked", subject=job, detail={"command": command}, at=now)
    return CommandAccepted(command_id=command)
