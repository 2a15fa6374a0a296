"""The file of a recording that Asterisk keeps, in parts as they come."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from urllib.parse import quote

import httpx

from core.asterisk.address import AsteriskAddress
from core.asterisk.errors import (
    AsteriskCredentialsError,
    AsteriskFailedError,
    AsteriskRefusedError,
    RecordingEmptyError,
    RecordingTooLongError,
    RecordingUnfinishedError,
)
from core.asterisk.unreached import unreached
from core.errors import NotFoundError

SECONDS = 10.0
LONGEST_FILE_BYTES = 512 * 1024 * 1024
"""Four hours as Asterisk writes WAV, 8000 samples of two bytes a second, are 230 MB."""
_MEGABYTE = 1024 * 1024
_HEAD = b"RIFF"
_HEAD_BYTES = 44
"""What stands before the first sample of a WAV; Asterisk writes it when it closes the file."""
_NOT_FOUND, _SERVER = 404, 500


async def recording_parts(
    address: AsteriskAddress, name: str, *, longest: int = LONGEST_FILE_BYTES
) -> AsyncGenerator[bytes, None]:
    """The WAV stored under ``name``; the first part comes once it is known to be one that can be heard.

    Raises ``NotFoundError`` where Asterisk keeps none of that name, ``RecordingUnfinishedError`` while it is written,
    ``RecordingEmptyError`` where nobody sent a sound, ``RecordingTooLongError`` above ``longest`` bytes, else the
    other errors of ``core.asterisk.errors``.
    """
    length, held = 0, b""
    # Closed at once where the reader has enough or nothing is given: left to itself the connection would stay open.
    async with aclosing(_parts(address, name, longest)) as parts:
        async for part in parts:
            length += len(part)
            _require_bearable(length, longest)
            if length <= _HEAD_BYTES:
                held += part
                continue
            if length - len(part) <= _HEAD_BYTES and not (held + part).startswith(_HEAD):
                raise RecordingUnfinishedError
            yield held + part
            held = b""
    if length <= _HEAD_BYTES:
        raise RecordingEmptyError if held.startswith(_HEAD) else RecordingUnfinishedError


async def _parts(address: AsteriskAddress, name: str, longest: int) -> AsyncGenerator[bytes, None]:
    path = f"{address.base}/recordings/stored/{quote(name, safe='')}/file"
    try:
        async with (
            httpx.AsyncClient(
                headers={"Authorization": address.authorization},
                timeout=SECONDS,
                verify=address.tls or True,
                trust_env=False,
                follow_redirects=False,
            ) as http,
            http.stream("GET", path) as response,
        ):
            _require_found(response.status_code, name)
            told = response.headers.get("content-length", "")
            _require_bearable(int(told) if told.isdecimal() else 0, longest)
            async for part in response.aiter_bytes():
                yield part
    except httpx.HTTPError as error:
        raise unreached(error, address.host) from error


def _require_bearable(length: int, longest: int) -> None:
    if length > longest:
        raise RecordingTooLongError(megabytes=length // _MEGABYTE, most=longest // _MEGABYTE)


def _require_found(status: int, name: str) -> None:
    if httpx.codes.is_success(status):
        return
    if status == _NOT_FOUND:
        raise NotFoundError(what=f"recording {name}")
    if status == 401:
        raise AsteriskCredentialsError
    if status >= _SERVER:
        raise AsteriskFailedError(status=status, detail="")
    raise AsteriskRefusedError(status=status, detail="")
