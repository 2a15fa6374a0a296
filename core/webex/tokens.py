"""The access token to act with, renewed by one refresher at a time.

The refresher claims the row (``refreshing_until``), asks Webex outside any transaction, and stores the new pair by
compare-and-set on ``refresh_epoch`` before anybody uses it. Everybody else waits for the epoch to grow. Whether
Webex gives a new refresh token or keeps the old one, both work.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, cast

from sqlalchemy import CursorResult, or_, update
from sqlalchemy.orm import Session

from core.errors import PermanentError, TollwatchError, TransientError
from core.services import Services
from core.store.encryption import Vault
from core.store.models.webex import WebexConnection
from core.webex.connections import BY_HAND, Kind, find, find_or_add, note_error, row_kind, set_error
from core.webex.errors import (
    NeedsAuthorisationError,
    NotConnectedError,
    TokenByHandError,
    TokenRejectedError,
    UnavailableError,
)
from core.webex.grants import Grant, GrantRefusedError, request_grant

EXPIRY_MARGIN = timedelta(minutes=5)
REFRESH_AHEAD = timedelta(hours=48)
REFRESH_TOKEN_AHEAD = timedelta(days=30)
"""Each use renews a refresh token's 90 days: it is used long before they run out."""

_CLAIM = timedelta(seconds=400)
_POLL_SECONDS = 0.1


class TokenSource(Protocol):
    """What a client needs: a token, another one after a 401, and the error to raise when that fails too."""

    def token(self) -> str:
        """The token to send."""

    def replacement(self, rejected: str) -> str:
        """Another token after Webex refused ``rejected``."""

    def refused(self) -> PermanentError:
        """Note that Webex refuses the new token as well; gives the error to raise."""


@dataclass(frozen=True)
class ConnectionTokens:
    """The tokens of a stored connection, or the one given by hand."""

    services: Services
    kind: Kind = "admin"

    def token(self) -> str:
        return access_token(self.services, self.kind)

    def replacement(self, rejected: str) -> str:
        if row_kind(self.services.settings, self.kind) == BY_HAND:
            raise self.refused()
        row = _usable_row(self.services, self.kind)
        if _decrypted(self.services, row) == rejected:
            _refresh_from(self.services, self.kind, row)
        return _stored_token(self.services, self.kind)

    def refused(self) -> PermanentError:
        by_hand = row_kind(self.services.settings, self.kind) == BY_HAND
        error = TokenRejectedError(kind=self.kind) if by_hand else NeedsAuthorisationError(kind=self.kind)
        now = self.services.clock.now()
        with self.services.database.write() as session:
            row = find_or_add(session, self.services.settings, self.kind)
            row.state = "needs_authorisation"
            set_error(row, error, now)
        return error


def access_token(services: Services, kind: Kind = "admin") -> str:
    """A token that is valid now, renewed first when it is about to expire.

    Raises ``NotConnectedError``, ``NeedsAuthorisationError``, or a transient error when it has expired and cannot be
    renewed at the moment.
    """
    if row_kind(services.settings, kind) == BY_HAND:
        return services.settings.webex_access_token.get_secret_value()
    row = _usable_row(services, kind)
    now = services.clock.now()
    if row.access_expires_at is not None and row.access_expires_at - now <= EXPIRY_MARGIN:
        try:
            refresh(services, kind=kind)
        except TransientError:
            if row.access_expires_at <= now:
                raise
    return _stored_token(services, kind)


def refresh(services: Services, *, kind: Kind = "admin", force: bool = False) -> bool:
    """Renew the tokens when it is time to, or at once with ``force``; whether the tokens are new since the call.

    Raises ``NotConnectedError``, ``NeedsAuthorisationError`` (Webex refuses the refresh token),
    ``TokenByHandError``, or a transient error.
    """
    if row_kind(services.settings, kind) == BY_HAND:
        raise TokenByHandError
    row = _usable_row(services, kind)
    if not force and not is_due(row, services.clock.now()):
        return False
    _refresh_from(services, kind, row)
    return True


def is_due(row: WebexConnection, now: datetime) -> bool:
    """Whether to renew ahead of expiry: 48 hours before, or a quarter of a lifetime shorter than eight days."""
    if row.access_expires_at is None:
        return False
    ahead = REFRESH_AHEAD
    if row.refreshed_at is not None:
        ahead = max(min(ahead, (row.access_expires_at - row.refreshed_at) / 4), EXPIRY_MARGIN)
    if row.access_expires_at - now <= ahead:
        return True
    return row.refresh_expires_at is not None and row.refresh_expires_at - now <= REFRESH_TOKEN_AHEAD


def store_grant(row: WebexConnection, grant: Grant, vault: Vault, now: datetime) -> None:
    """Write a pair of tokens on a row of the caller's transaction; an absent refresh token keeps the old one."""
    row.access_token = vault.encrypt(grant.access_token)
    row.access_expires_at = grant.access_expires_at
    if grant.refresh_token is not None:
        row.refresh_token = vault.encrypt(grant.refresh_token)
    if grant.refresh_expires_at is not None:
        row.refresh_expires_at = grant.refresh_expires_at
    if grant.scopes is not None:
        row.scopes_granted = grant.scopes
    row.state = "connected"
    row.refreshed_at = now
    row.refresh_epoch += 1
    row.refreshing_until = None
    set_error(row, None, None)


def _refresh_from(services: Services, kind: Kind, row: WebexConnection) -> None:
    """Replace the tokens of ``row``: by us, or by whoever claimed it first."""
    if not _claim(services, kind, row.refresh_epoch):
        _await_other(services, kind, row.refresh_epoch)
        return
    try:
        _renew(services, kind, row)
    except GrantRefusedError as refused:
        raise _fail(services, kind, row.refresh_epoch) from refused
    except TollwatchError as error:
        _release(services, kind, row.refresh_epoch)
        note_error(services, kind, error)
        raise


def _usable_row(services: Services, kind: Kind) -> WebexConnection:
    with services.database.read() as session:
        row = find(session, services.settings, kind)
    if row is None or row.state == "disconnected":
        raise NotConnectedError(kind=kind)
    if row.state == "needs_authorisation" or not row.access_token:
        raise NeedsAuthorisationError(kind=kind)
    return row


def _stored_token(services: Services, kind: Kind) -> str:
    return _decrypted(services, _usable_row(services, kind))


def _decrypted(services: Services, row: WebexConnection) -> str:
    return Vault(services.settings, services.clock).decrypt(cast(str, row.access_token))


def _renew(services: Services, kind: Kind, row: WebexConnection) -> None:
    vault = Vault(services.settings, services.clock)
    if not row.refresh_token:
        raise GrantRefusedError(detail="no refresh token")
    form = {"grant_type": "refresh_token", "refresh_token": vault.decrypt(row.refresh_token)}
    grant = request_grant(services, form)
    with services.database.write() as session:
        current = session.get(WebexConnection, kind, with_for_update=True)
        if current is not None and current.refresh_epoch == row.refresh_epoch:
            store_grant(current, grant, vault, services.clock.now())


def _claim(services: Services, kind: Kind, epoch: int) -> bool:
    now = services.clock.now()
    free = or_(WebexConnection.refreshing_until.is_(None), WebexConnection.refreshing_until < now)
    with services.database.write() as session:
        return _change(session, kind, epoch, free, refreshing_until=now + _CLAIM) == 1


def _release(services: Services, kind: Kind, epoch: int) -> None:
    with services.database.write() as session:
        _change(session, kind, epoch, refreshing_until=None)


def _fail(services: Services, kind: Kind, epoch: int) -> NeedsAuthorisationError:
    error = NeedsAuthorisationError(kind=kind)
    with services.database.write() as session:
        row = session.get(WebexConnection, kind, with_for_update=True)
        if row is not None and row.refresh_epoch == epoch:
            row.state = "needs_authorisation"
            row.refreshing_until = None
            set_error(row, error, services.clock.now())
    return error


def _change(session: Session, kind: Kind, epoch: int, *conditions: Any, **values: Any) -> int:
    same = (WebexConnection.kind == kind, WebexConnection.refresh_epoch == epoch)
    result = session.execute(update(WebexConnection).where(*same, *conditions).values(**values))
    return cast(CursorResult[Any], result).rowcount


def _await_other(services: Services, kind: Kind, epoch: int) -> None:
    """Wait for the present refresher. Raises when it failed, or took longer than its claim."""
    deadline = services.clock.monotonic() + _CLAIM.total_seconds()
    while services.clock.monotonic() < deadline:
        row = _usable_row(services, kind)
        if row.refresh_epoch != epoch:
            return
        if row.refreshing_until is None or row.refreshing_until < services.clock.now():
            break
        services.clock.sleep(_POLL_SECONDS)
    raise UnavailableError(path="/access_token", problem="RefreshFailed")
