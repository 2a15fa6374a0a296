"""The file of a recording that Asterisk keeps, in parts as they come."""

from collections.abc import AsyncIterator
from urllib.parse import quote

import httpx

from core.asterisk.address import AsteriskAddress
from core.asterisk.errors import (
    AsteriskCredentialsError,
    AsteriskFailedError,
    AsteriskMalformedError,
    AsteriskRefusedError,
    AsteriskUnreachableError,
)
from core.errors import NotFoundError

SECONDS = 10.0
LONGEST_FILE_BYTES = 512 * 1024 * 1024
"""Four hours as Asterisk writes WAV, 8000 samples of two bytes a second, are 230 MB."""
_NOT_FOUND, _SERVER = 404, 500


async def recording_parts(address: AsteriskAddress, name: str) -> AsyncIterator[bytes]:
    """The WAV stored under ``name``; the first part comes once Asterisk has it.

    Raises ``NotFoundError`` where Asterisk keeps none of that name, else the errors of ``core.asterisk.errors``.
    """
    path = f"{address.base}/recordings/stored/{quote(name, safe='')}/file"
    length = 0
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
            async for part in response.aiter_bytes():
                length += len(part)
                if length > LONGEST_FILE_BYTES:
                    raise AsteriskMalformedError(problem="too long")
                yield part
    except httpx.HTTPError as error:
        raise AsteriskUnreachableError(host=address.host, problem=type(error).__name__) from error


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
