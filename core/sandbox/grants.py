"""Who has been let in: codes, access and refresh tokens, kept in a file so that a restart keeps the connection.

Only fingerprints of tokens are stored. Life times are Webex's: 14 days for access, 90 for refresh; a refresh token
lives on by being used. ``life_scale`` shortens what tokens really live, not what the answers say.
"""

import json
import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from threading import RLock
from typing import Any
from uuid import uuid4

from core.clock import Clock
from core.sandbox.wire import WireError

ACCESS_SECONDS = 1_209_599
REFRESH_SECONDS = 7_775_999
CODE_SECONDS = 300.0
INVALID_REFRESH = "The refresh token provided is expired, revoked, malformed, or invalid"


@dataclass
class Grant:
    """One consent: for which client and scopes, and the fingerprints of the tokens it has."""

    id: str
    client_id: str
    scopes: str
    created: str
    refresh: str
    refresh_until: float
    access: dict[str, float]


@dataclass(frozen=True)
class Code:
    """An authorization code waiting to be redeemed."""

    client_id: str
    redirect_uri: str
    scopes: str
    challenge: str
    method: str
    until: float


@dataclass(frozen=True)
class Tokens:
    """A fresh pair, in clear, to hand out once."""

    access: str
    refresh: str
    scopes: str


def fingerprint(token: str) -> str:
    """What is stored of a token."""
    return sha256(token.encode()).hexdigest()


class GrantBook:
    """Codes and grants of the pretend cloud; safe from threads."""

    def __init__(self, path: Path, clock: Clock, org_uuid: str, life_scale: float = 1.0) -> None:
        self._path = path
        self._clock = clock
        self._org = org_uuid
        self.life_scale = life_scale
        self._lock = RLock()
        self._codes: dict[str, Code] = {}
        self._grants: dict[str, Grant] = {}
        self._read()

    def new_code(self, client_id: str, redirect_uri: str, scopes: str, challenge: str, method: str) -> str:
        """A code that can be redeemed once within five minutes."""
        code = secrets.token_urlsafe(32)
        with self._lock:
            self._codes[code] = Code(client_id, redirect_uri, scopes, challenge, method, self._time() + CODE_SECONDS)
        return code

    def redeem(self, code: str, client_id: str, redirect_uri: str, verifier: str) -> Tokens:
        """Tokens for a code. Raises ``WireError`` 400 if it is unknown, used, old, or was asked for otherwise."""
        with self._lock:
            known = self._codes.pop(code, None)
            if known is None or known.until < self._time() or known.client_id != client_id:
                raise WireError(400, "The authorization code provided is expired, revoked, malformed, or invalid")
            if known.redirect_uri != redirect_uri:
                raise WireError(400, "The redirect URI does not match the one of the authorization request")
            if not _proves(known, verifier):
                raise WireError(400, "PKCE verification failed: code_verifier does not match the code_challenge")
            grant = Grant(str(uuid4()), client_id, known.scopes, self._clock.now().isoformat(), "", 0.0, {})
            self._grants[grant.id] = grant
            return self._issue(grant, rotate=True, refresh="")

    def refresh(self, token: str, client_id: str, rotate: bool) -> Tokens:
        """A new access token for a refresh token. Raises ``WireError`` 400 if that no longer works."""
        mark = fingerprint(token)
        with self._lock:
            grant = next((g for g in self._grants.values() if g.refresh == mark and g.client_id == client_id), None)
            if grant is None or grant.refresh_until < self._time():
                raise WireError(400, INVALID_REFRESH)
            return self._issue(grant, rotate, token)

    def scopes_of(self, token: str) -> frozenset[str]:
        """The scopes of a living access token. Raises ``WireError`` 401 otherwise."""
        return frozenset(self._grant_of(token).scopes.split())

    def expiry_of(self, token: str) -> float:
        """When an access token stops working, in seconds since 1970. Raises ``WireError`` 401."""
        return self._grant_of(token).access[fingerprint(token)]

    def listing(self, client_id: str = "") -> list[Grant]:
        """All grants, or those of one client."""
        with self._lock:
            return [grant for grant in self._grants.values() if not client_id or grant.client_id == client_id]

    def revoke(self, grants: Iterable[str]) -> int:
        """Forget these grants with all their tokens; gives how many there were."""
        with self._lock:
            gone = [identifier for identifier in grants if self._grants.pop(identifier, None) is not None]
            self._write()
            return len(gone)

    def expire(self, refresh_too: bool) -> None:
        """End the life of every access token, and of the refresh tokens if asked."""
        with self._lock:
            for grant in self._grants.values():
                grant.access = {}
                grant.refresh_until = 0.0 if refresh_too else grant.refresh_until
            self._write()

    def _grant_of(self, token: str) -> Grant:
        mark = fingerprint(token)
        with self._lock:
            for grant in self._grants.values():
                if grant.access.get(mark, 0.0) > self._time():
                    return grant
        raise WireError(401, "The request requires a valid access token set in the Authorization request header.")

    def _issue(self, grant: Grant, rotate: bool, refresh: str) -> Tokens:
        now = self._time()
        access = f"{secrets.token_urlsafe(48)}_P0A1_{self._org}"
        refresh = f"{secrets.token_urlsafe(48)}_P0A1_{self._org}" if rotate else refresh
        grant.access = {mark: until for mark, until in grant.access.items() if until > now}
        grant.access[fingerprint(access)] = now + ACCESS_SECONDS * self.life_scale
        grant.refresh = fingerprint(refresh)
        grant.refresh_until = now + REFRESH_SECONDS * self.life_scale
        self._write()
        return Tokens(access, refresh, grant.scopes)

    def _time(self) -> float:
        return self._clock.now().timestamp()

    def _read(self) -> None:
        if not self._path.exists():
            return
        stored: list[dict[str, Any]] = json.loads(self._path.read_text(encoding="utf-8"))
        self._grants = {each["id"]: Grant(**each) for each in stored}

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump([asdict(grant) for grant in self._grants.values()], file)
        fresh.replace(self._path)


def _proves(code: Code, verifier: str) -> bool:
    """Proof Key for Code Exchange (RFC 7636): the verifier must hash to the challenge."""
    if not code.challenge:
        return True
    if code.method == "plain":
        return secrets.compare_digest(code.challenge, verifier)
    digest = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    return secrets.compare_digest(code.challenge, digest)


def parse_created(grant: Grant) -> datetime:
    """When consent was given."""
    return datetime.fromisoformat(grant.created)
