"""Converged recordings on Webex's wire: lists, details, metadata, deletion.

Who gets what (Webex's published description *Converged Recordings*): an administrator's ``spark-admin:recordings_read``
lists all and tells details without download links; links are for the owner and for a compliance officer
(``spark-compliance:recordings_read``). Links live three hours, so they are asked for just before they are used and
never kept. ``recordingDownloadLink`` is the name an older interface gives the audio.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from core.webex.client import WebexClient
from core.webex.connections import Kind
from core.webex.errors import ForbiddenError, MalformedAnswerError, RecordingsRightMissingError

LONGEST_INTERVAL = timedelta(days=30)
PAGE_SIZE = 100
MOST_IDS = 100
LONGEST_COMMENT = 255
READ_SCOPES: dict[Kind, str] = {
    "admin": "spark-admin:recordings_read",
    "compliance": "spark-compliance:recordings_read",
}
WRITE_SCOPES: dict[Kind, str] = {
    "admin": "spark-admin:recordings_write",
    "compliance": "spark-compliance:recordings_write",
}
_LIST = "/admin/convergedRecordings"
_ONE = "/convergedRecordings/{id}"
_LINKS = "temporaryDirectDownloadLinks"
_LONGEST_LINK = 8192


@dataclass(frozen=True)
class Links:
    """Where the files of one recording can be had for three hours at most; empty = Webex has none.

    Never stored, never logged: whoever holds one needs no token.
    """

    audio: str = field(default="", repr=False)
    transcript: str = field(default="", repr=False)


@dataclass(frozen=True)
class Details:
    """What Webex tells of one recording, its links apart; ``links`` is ``None`` where Webex withholds them."""

    told: dict[str, Any]
    links: Links | None


def listed(
    client: WebexClient, kind: Kind, since: datetime, until: datetime, owner_email: str = ""
) -> Iterator[list[dict[str, Any]]]:
    """Recordings created in [since, until), newest first, page by page; at most thirty days.

    Raises ``RecordingsRightMissingError`` without scope or role, and the errors of the client.
    """
    params = {"from": _stamp(since), "to": _stamp(until), "max": str(PAGE_SIZE), "status": "available"}
    if owner_email:
        params["ownerEmail"] = owner_email
    try:
        for page in client.pages(_LIST, params):
            yield [item for item in page if isinstance(item, dict) and isinstance(item.get("id"), str)]
    except ForbiddenError as error:
        raise _right_missing(error, READ_SCOPES[kind]) from error


def read_details(client: WebexClient, kind: Kind, identifier: str) -> Details:
    """One recording with its links, where this connection gets them. Raises as ``listed`` does."""
    try:
        told = client.get(_path(identifier))
    except ForbiddenError as error:
        raise _right_missing(error, READ_SCOPES[kind]) from error
    given = told.pop(_LINKS, None)
    if given is not None and not isinstance(given, dict):
        raise MalformedAnswerError(path=_ONE, problem=_LINKS)
    return Details(told, _links(given) if given else None)


def read_metadata(client: WebexClient, kind: Kind, identifier: str) -> dict[str, Any] | None:
    """Who spoke with whom and how it was recorded; ``None`` while Webex has nothing. Raises as ``listed`` does."""
    try:
        return client.find(_path(identifier) + "/metadata", {"showAllTypes": "true"})
    except ForbiddenError as error:
        raise _right_missing(error, READ_SCOPES[kind]) from error


def put_in_bin(client: WebexClient, identifiers: Sequence[str]) -> None:
    """Move recordings into Webex's recycle bin, from where an administrator can restore them."""
    content = {"trashAll": False, "recordingIds": list(identifiers[:MOST_IDS])}
    try:
        client.post("/convergedRecordings/softDelete", content)
    except ForbiddenError as error:
        raise _right_missing(error, WRITE_SCOPES["admin"]) from error


def empty_from_bin(client: WebexClient, identifiers: Sequence[str]) -> None:
    """Remove recordings from the recycle bin for good."""
    content = {"purgeAll": False, "recordingIds": list(identifiers[:MOST_IDS])}
    try:
        client.post("/convergedRecordings/purge", content)
    except ForbiddenError as error:
        raise _right_missing(error, WRITE_SCOPES["admin"]) from error


def destroy(client: WebexClient, identifier: str, *, reason: str, comment: str = "") -> None:
    """Remove a recording for good, as a compliance officer: nobody can take that back."""
    content = {"reason": reason, "comment": comment[:LONGEST_COMMENT]}
    try:
        client.delete(_path(identifier), content=content)
    except ForbiddenError as error:
        raise _right_missing(error, WRITE_SCOPES["compliance"]) from error


def _path(identifier: str) -> str:
    return _ONE.format(id=quote(identifier, safe=""))


def _links(given: dict[str, Any]) -> Links:
    def link(*names: str) -> str:
        values = (given.get(name) for name in names)
        return next((value for value in values if isinstance(value, str) and 0 < len(value) <= _LONGEST_LINK), "")

    return Links(link("audioDownloadLink", "recordingDownloadLink"), link("transcriptDownloadLink"))


def _right_missing(error: ForbiddenError, scope: str) -> RecordingsRightMissingError:
    return RecordingsRightMissingError(path=error.facts["path"], scope=scope, detail=error.facts["detail"])


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
