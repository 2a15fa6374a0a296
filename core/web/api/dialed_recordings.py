"""The recording of an outbound call, ``/api/v2/calls/{call_id}/recording``, handed on from Asterisk as it comes."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from fastapi import Depends, Path
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from core.asterisk.recording_file import recording_parts
from core.dialer.asterisk import address_of
from core.dialer.desk import Dialler
from core.dialer.errors import DialerNotConfiguredError
from core.dialer.recording import name_of, note_given
from core.services import Services
from core.web.api.parameters import Opened
from core.web.identity import Caller, require


async def recording(
    call_id: Annotated[str, Path(max_length=40)],
    services: Opened,
    caller: Annotated[Caller, Depends(require("dialer.dial"))],
) -> StreamingResponse:
    """The recording of a call of one's own, with `dialer.override` of anybody's, as WAV; audited."""
    address = address_of(services.settings)
    if address is None:
        raise DialerNotConfiguredError
    name = await run_in_threadpool(_name, services, caller, call_id)
    parts = recording_parts(address, name)
    # What Asterisk refuses is told as an error: once the answer has begun it is too late for that.
    first = await anext(parts, b"")
    try:
        await run_in_threadpool(_note, services, caller, call_id)
    except BaseException:
        await parts.aclose()
        raise
    headers = {"Content-Disposition": f'attachment; filename="{name}.wav"', "Cache-Control": "no-store"}
    return StreamingResponse(_whole(first, parts), media_type="audio/wav", headers=headers)


async def _whole(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(rest):
        yield first
        async for part in rest:
            yield part


def _name(services: Services, caller: Caller, call_id: str) -> str:
    with services.database.read() as session:
        return name_of(session, call_id, Dialler(caller.person.name, caller.may("dialer.override")))


def _note(services: Services, caller: Caller, call_id: str) -> None:
    with services.database.write() as session:
        note_given(session, call_id, actor=caller.actor, at=services.clock.now())
