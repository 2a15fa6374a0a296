"""Connecting a Webex organisation: consent, tokens, disconnection.

Authorisation-code flow with a client secret and PKCE (RFC 6749, 7636). The ``state`` works once, for ten minutes,
in the browser that began; only its hash is stored.
"""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from urllib.parse import quote, urlencode

from sqlalchemy import CursorResult, delete, update
from sqlalchemy.orm import Session

from core.errors import TollwatchError
from core.services import Services
from core.store import audit
from core.store.encryption import Vault
from core.store.models.webex import OAuthState, WebexConnection
from core.webex.call_settings import write_scopes
from core.webex.client import open_client
from core.webex.connections import (
    BY_HAND,
    ConnectionStatus,
    Kind,
    find,
    find_or_add,
    row_kind,
    scopes_of,
    set_error,
    status,
)
from core.webex.errors import (
    CodeRefusedError,
    ConsentDeniedError,
    StateMismatchError,
    TokenByHandError,
    WrongOrganisationError,
)
from core.webex.grants import Grant, GrantRefusedError, client_credentials, request_grant
from core.webex.identifiers import uuid_of
from core.webex.persons import Person, identify_token, plain
from core.webex.recordings import WRITE_SCOPES
from core.webex.tokens import access_token, refresh, store_grant

CALLBACK_PATH = "/webex/callback"
STATE_LIFETIME = timedelta(minutes=10)
_KEPT = timedelta(days=1)
_LONGEST_CODE = 4096

__all__ = [
    "CALLBACK_PATH",
    "Connected",
    "ConnectionStatus",
    "access_token",
    "disconnect",
    "finish_authorisation",
    "refresh",
    "start_authorisation",
    "status",
]


@dataclass(frozen=True)
class Connected:
    """What a finished consent led to; ``next_path`` is where the browser goes on, always on our own site."""

    kind: Kind
    next_path: str
    person_name: str
    org_name: str
    scopes_missing: list[str]


def redirect_uri(services: Services) -> str:
    """The address Webex sends the browser back to; must be registered with the integration exactly so."""
    return services.settings.base_url.rstrip("/") + CALLBACK_PATH


def start_authorisation(
    services: Services,
    *,
    kind: Kind = "admin",
    next_path: str = "/",
    actor: str,
    browser: str,
    writes_settings: bool = False,
    deletes_recordings: bool = False,
) -> str:
    """Begin a consent; gives the Webex address to send the browser to.

    ``browser`` is a secret of that browser (a cookie's value) that must come back with the answer.
    ``writes_settings`` asks an administrator for the right to change people's calling settings too,
    ``deletes_recordings`` either for that to delete recordings in Webex: no connection needs them to read.
    Raises ``ClientNotConfiguredError`` or ``TokenByHandError``.
    """
    if row_kind(services.settings, kind) == BY_HAND:
        raise TokenByHandError
    credentials = client_credentials(services.settings)
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    scopes, now = scopes_of(services.settings, kind), services.clock.now()
    if writes_settings or deletes_recordings:
        further = _optional_scopes(
            services, kind, writes_settings=writes_settings, deletes_recordings=deletes_recordings
        )
        scopes = " ".join(dict.fromkeys([*scopes.split(), *further]))
    with services.database.write() as session:
        session.execute(delete(OAuthState).where(OAuthState.expires_at < now - _KEPT))
        session.add(
            OAuthState(
                state_hash=_hash(state),
                kind=kind,
                code_verifier=Vault(services.settings, services.clock).encrypt(verifier),
                scopes=scopes,
                next_path=safe_path(next_path),
                browser_hash=_hash(browser),
                actor=actor,
                expires_at=now + STATE_LIFETIME,
            )
        )
    query = {
        "client_id": credentials.client_id,
        "response_type": "code",
        "redirect_uri": redirect_uri(services),
        "scope": scopes,
        "state": state,
        "code_challenge": _challenge(verifier),
        "code_challenge_method": "S256",
    }
    return f"{services.settings.webex_api}/authorize?{urlencode(query, quote_via=quote)}"


def _optional_scopes(services: Services, kind: Kind, *, writes_settings: bool, deletes_recordings: bool) -> list[str]:
    """The optional scopes now asked for, and those held already: one right more takes no other away."""
    settings_scopes = write_scopes(services.settings) if kind == "admin" else ()
    held = status(services, kind).scopes_granted or []
    return [
        *(scope for scope in settings_scopes if writes_settings or scope in held),
        *(scope for scope in (WRITE_SCOPES[kind],) if deletes_recordings or scope in held),
    ]


def finish_authorisation(
    services: Services,
    *,
    state: str,
    code: str = "",
    error: str = "",
    error_description: str = "",
    browser: str,
    actor: str,
) -> Connected:
    """Take Webex's answer to a consent: exchange the code, check who connected, keep the tokens.

    Raises ``StateMismatchError``, ``ConsentDeniedError``, ``CodeRefusedError``, ``WrongOrganisationError``, or a
    transient error; the consent must then be begun again.
    """
    consent = _use_state(services, state, browser)
    if error:
        raise ConsentDeniedError(detail=plain(error_description or error))
    if not code or len(code) > _LONGEST_CODE:
        raise CodeRefusedError(detail="code")
    vault = Vault(services.settings, services.clock)
    try:
        grant = request_grant(
            services,
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri(services),
                "code_verifier": vault.decrypt(consent.code_verifier),
            },
        )
    except GrantRefusedError as refused:
        raise CodeRefusedError(**refused.facts) from refused
    person = identify_token(services, grant.access_token, grant.scopes)
    return _keep(services, consent, grant, person, actor)


def disconnect(services: Services, *, kind: Kind = "admin", actor: str) -> bool:
    """Revoke at Webex where possible and wipe the tokens here in any case; whether Webex confirmed.

    Raises ``TokenByHandError`` for a token given by hand.
    """
    if row_kind(services.settings, kind) == BY_HAND:
        raise TokenByHandError
    is_revoked = _revoke(services, kind)
    now = services.clock.now()
    with services.database.write() as session:
        row = find_or_add(session, services.settings, kind)
        row.access_token = row.refresh_token = None
        row.access_expires_at = row.refresh_expires_at = row.refreshed_at = row.refreshing_until = None
        row.state = "disconnected"
        row.refresh_epoch += 1
        set_error(row, None, None)
        audit.record(
            session, actor=actor, action="webex.disconnect", subject=kind, detail={"revoked": is_revoked}, at=now
        )
    return is_revoked


def safe_path(path: str) -> str:
    """A path of our own site; anything that a browser could read as another site becomes ``/``."""
    is_own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if is_own and len(path) <= 500 else "/"


def _use_state(services: Services, state: str, browser: str) -> OAuthState:
    """Claim a state: one statement, so that of two callbacks only one goes on."""
    now = services.clock.now()
    with services.database.write() as session:
        claimed = session.execute(
            update(OAuthState)
            .where(
                OAuthState.state_hash == _hash(state),
                OAuthState.browser_hash == _hash(browser),
                OAuthState.used_at.is_(None),
                OAuthState.expires_at > now,
            )
            .values(used_at=now)
        )
        row = session.get(OAuthState, _hash(state))
        if cast(CursorResult[Any], claimed).rowcount != 1 or row is None:
            raise StateMismatchError
        return row


def _keep(services: Services, consent: OAuthState, grant: Grant, person: Person, actor: str) -> Connected:
    kind, now = cast(Kind, consent.kind), services.clock.now()
    vault = Vault(services.settings, services.clock)
    with services.database.write() as session:
        row = find_or_add(session, services.settings, kind)
        known = next(
            (one for one in (row, _other(session, services, kind)) if one and one.state != "disconnected"), row
        )
        expected = services.settings.webex_org_id or (known.org_id if known.state != "disconnected" else "")
        if expected and uuid_of(expected) != uuid_of(person.org_id):
            raise WrongOrganisationError(
                organisation=person.org_name or uuid_of(person.org_id), expected=known.org_name or uuid_of(expected)
            )
        if row.org_id and uuid_of(row.org_id) != uuid_of(person.org_id):
            row.analytics_url = None
        row.refresh_token, row.scopes_granted = None, None
        store_grant(row, grant, vault, now)
        row.scopes_asked = consent.scopes
        row.person_id, row.person_name, row.person_email = person.id, person.name, person.email
        same = uuid_of(known.org_id) == uuid_of(person.org_id)
        row.org_name = person.org_name or (known.org_name if same else "")
        row.org_id = person.org_id
        row.connected_at, row.connected_by = now, actor
        detail = {"person": person.email, "organisation": person.org_name, "scopes": grant.scopes}
        audit.record(session, actor=actor, action="webex.connect", subject=kind, detail=detail, at=now)
    granted = None if grant.scopes is None else grant.scopes.split()
    missing = [scope for scope in consent.scopes.split() if granted is not None and scope not in granted]
    return Connected(kind, consent.next_path, person.name, row.org_name, missing)


def _other(session: Session, services: Services, kind: Kind) -> WebexConnection | None:
    """The row of the other connection: both act in one organisation."""
    return find(session, services.settings, "compliance" if kind == "admin" else "admin")


def _revoke(services: Services, kind: Kind) -> bool:
    """Ask Webex to forget the grant. It forgets all of this integration's, so not while the other kind is in use."""
    with services.database.read() as session:
        used = _other(session, services, kind)
        if used is not None and used.state == "connected":
            return False
    client = open_client(services, kind)
    try:
        client.delete("/authorizations", {"clientId": client_credentials(services.settings).client_id})
    except TollwatchError:
        return False
    finally:
        client.close()
    return True


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
