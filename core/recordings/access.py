"""Which connection tells what of a recording, and, where Webex withholds its files, why."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast, get_args

from core.errors import TollwatchError
from core.recordings import errors
from core.services import Services
from core.webex import recordings as wire
from core.webex.client import WebexClient, open_client
from core.webex.connections import ConnectionStatus, Kind, status
from core.webex.downloads import Downloads
from core.webex.errors import (
    NeedsAuthorisationError,
    NotConnectedError,
    NotFoundOnWebexError,
    RecordingsRightMissingError,
)
from core.webex.tokens import ConnectionTokens

LINKS_AFTER = timedelta(hours=2)
"""A recording younger than this may simply not be ready; an older one without links is withheld on purpose."""

_WHO_READS: tuple[Kind, ...] = ("compliance", "admin")
_WHO_LISTS: tuple[Kind, ...] = ("admin", "compliance")
_Refused = (RecordingsRightMissingError, NeedsAuthorisationError)


@dataclass(frozen=True)
class Found:
    """Details of a recording and the connection they came by; ``withheld`` says why there are no links."""

    details: wire.Details
    kind: Kind
    withheld: TollwatchError | None


class WebexAccess:
    """The connections in use during one pass; ``close`` when done. ``is_patient`` waits and tries again."""

    def __init__(
        self, services: Services, stopping: Callable[[], bool] = lambda: False, *, is_patient: bool = True
    ) -> None:
        self._services = services
        self._is_patient = is_patient
        self._statuses = {kind: status(services, kind) for kind in cast(tuple[Kind, ...], get_args(Kind))}
        self._clients: dict[Kind, WebexClient] = {}
        self.downloads = Downloads(services, stopping)

    def close(self) -> None:
        """Give back the connections."""
        self.downloads.close()
        for client in self._clients.values():
            client.close()

    def connected(self) -> list[Kind]:
        """The connections that can be used, in the order in which lists are asked for."""
        return [kind for kind in _WHO_LISTS if self._statuses[kind].is_connected]

    def person_email(self, kind: Kind) -> str:
        """Who a connection acts as."""
        return self._statuses[kind].person_email

    def tokens(self, kind: Kind) -> ConnectionTokens:
        """The tokens of a connection."""
        return ConnectionTokens(self._services, kind)

    def listed(
        self, since: datetime, until: datetime, owner_email: str = ""
    ) -> Iterator[tuple[Kind, list[dict[str, Any]]]]:
        """Pages of recordings created in that time, by the first connection that may list them.

        Raises ``NotConnectedError``, or what refused the last of them.
        """
        refusal: TollwatchError = NotConnectedError(kind="admin")
        for kind in self.connected():
            try:
                for page in wire.listed(self._client(kind), kind, since, until, owner_email):
                    yield kind, page
                return
            except _Refused as error:
                refusal = error
        raise refusal

    def details(self, identifier: str, created_at: datetime) -> Found:
        """A recording's details, with links where some connection gets them.

        Raises ``GoneError``, ``NotConnectedError``, a refusal, or what the client raises.
        """
        refusals: dict[Kind, TollwatchError] = {}
        for kind in self._readers():
            try:
                with _gone():
                    found = wire.read_details(self._client(kind), kind, identifier)
            except _Refused as error:
                refusals[kind] = error
                continue
            withheld = None if found.links else self._why_withheld(refusals.get("compliance"), created_at)
            return Found(found, kind, withheld)
        raise _first(refusals)

    def metadata(self, identifier: str) -> dict[str, Any]:
        """A recording's metadata. Raises ``MetadataMissingError`` while there are none, else as ``details``."""
        refusals: dict[Kind, TollwatchError] = {}
        for kind in self._readers():
            try:
                with _gone():
                    found = wire.read_metadata(self._client(kind), kind, identifier)
            except _Refused as error:
                refusals[kind] = error
                continue
            if not found:
                raise errors.MetadataMissingError
            return found
        raise _first(refusals)

    def _readers(self) -> list[Kind]:
        return [kind for kind in _WHO_READS if self._statuses[kind].is_connected]

    def _client(self, kind: Kind) -> WebexClient:
        if kind not in self._clients:
            client = open_client(self._services, kind)
            if not self._is_patient:
                client.tries, client.patience = 1, 0
            self._clients[kind] = client
        return self._clients[kind]

    def _why_withheld(self, refusal: TollwatchError | None, created_at: datetime) -> TollwatchError:
        age = self._services.clock.now() - created_at
        return why_withheld(self._statuses["compliance"], refusal, is_young=age < LINKS_AFTER)


def why_withheld(compliance: ConnectionStatus, refusal: TollwatchError | None, *, is_young: bool) -> TollwatchError:
    """Which of connection, scope, role, delay or *Prevent downloading* keeps the links back.

    ``refusal`` is what the compliance connection was answered, if it was refused.
    """
    if compliance.state == "disconnected":
        return errors.ComplianceMissingError()
    if compliance.state == "needs_authorisation" or isinstance(refusal, NeedsAuthorisationError):
        return NeedsAuthorisationError(kind="compliance")
    scope = wire.READ_SCOPES["compliance"]
    if scope in compliance.scopes_missing:
        return errors.ComplianceScopeError(scope=scope)
    if refusal is not None:
        return errors.ComplianceRoleError(person=compliance.person_name or compliance.person_email or "?")
    return errors.NotReadyError() if is_young else errors.DownloadPreventedError()


@contextmanager
def _gone() -> Iterator[None]:
    try:
        yield
    except NotFoundOnWebexError as error:
        raise errors.GoneError from error


def _first(refusals: dict[Kind, TollwatchError]) -> TollwatchError:
    return next(iter(refusals.values()), NotConnectedError(kind="admin"))
