"""Who is calling a route, and whether they may.

Two proofs are taken: the session cookie of a signed-in browser (a change then also needs the session's
``X-CSRF-Token`` and must come from this site), or ``Authorization: Bearer tw_…`` with an API key.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import HTTPConnection, Request

from core.access import api_keys, sessions
from core.access.errors import NotSignedInError
from core.access.people import Person
from core.access.permissions import permissions_of
from core.access.tokens import equal
from core.errors import NotAllowedError
from core.language import Language
from core.services import Services
from core.store import rate_gate
from core.web.errors import SCOPE_LANGUAGE, ForeignOriginError, TooManyRequestsError
from core.web.origin import is_same_origin
from core.web.services import services_of

REQUESTS_A_MINUTE = 600
SCOPE_CALLER = "tollwatch.caller"
CSRF_HEADER = "x-csrf-token"
ANY_CALLER = "any caller"
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_SCHEME = "bearer "


@dataclass(frozen=True)
class Caller:
    """Who is asking. ``actor`` is what the audit names; a key acts within its issuer's present permissions."""

    actor: str
    person: Person
    permissions: frozenset[str]
    language: Language
    api_key: str | None = None

    def may(self, permission: str) -> bool:
        """Whether this caller holds ``permission``."""
        return permission in self.permissions


def session_token(connection: HTTPConnection) -> str | None:
    """The session token the browser sent, unchecked."""
    return connection.cookies.get(sessions.COOKIE)


def signed_in_person(connection: HTTPConnection) -> Person | None:
    """The person whose valid session the browser holds."""
    services = services_of(connection)
    return sessions.person_of(services.database, session_token(connection), services.clock)


def caller_of(request: Request) -> Caller:
    """Who sends this request. Raises ``NotSignedInError``, ``ForeignOriginError``, ``TooManyRequestsError``."""
    known = request.scope.get(SCOPE_CALLER)
    if isinstance(known, Caller):
        return known
    services = services_of(request)
    authorization = request.headers.get("authorization", "")
    if authorization.lower().startswith(_SCHEME):
        caller = _by_key(services, authorization[len(_SCHEME) :].strip())
    else:
        caller = _by_session(request)
    _count(services, caller)
    request.scope[SCOPE_CALLER] = caller
    request.scope[SCOPE_LANGUAGE] = caller.language
    return caller


def identified(request: Request) -> Caller:
    """A FastAPI dependency for what everybody may do who is signed in or holds a key."""
    return caller_of(request)


identified.__dict__["permission"] = ANY_CALLER


def require(permission: str) -> Callable[[Request], Caller]:
    """A FastAPI dependency that gives the caller when they hold ``permission``, else answers 401 or 403."""

    def checked(request: Request) -> Caller:
        caller = caller_of(request)
        if not caller.may(permission):
            raise NotAllowedError(permission=permission)
        return caller

    checked.__dict__["permission"] = permission
    return checked


def key_caller(services: Services, token: str) -> Caller:
    """The caller behind an API key, counted against their rate. Raises as ``caller_of``."""
    caller = _by_key(services, token)
    _count(services, caller)
    return caller


def _by_key(services: Services, token: str) -> Caller:
    key = api_keys.holder(services.database, services.clock, token)
    if key is None:
        raise NotSignedInError
    return Caller(
        actor=f"{key.person.name} (key {key.prefix})",
        person=key.person,
        permissions=key.permissions,
        language=key.person.language,
        api_key=key.prefix,
    )


def _by_session(request: Request) -> Caller:
    person = signed_in_person(request)
    if person is None:
        raise NotSignedInError
    if request.method not in _SAFE_METHODS:
        _check_it_is_no_forgery(request)
    return Caller(actor=person.name, person=person, permissions=permissions_of(person.role), language=person.language)


def _check_it_is_no_forgery(request: Request) -> None:
    expected = sessions.csrf_token(session_token(request) or "")
    if not is_same_origin(request) or not equal(request.headers.get(CSRF_HEADER, ""), expected):
        raise ForeignOriginError


def _count(services: Services, caller: Caller) -> None:
    name = f"api:{caller.api_key or caller.person.id}"
    wait = rate_gate.take(services.database, name, capacity=REQUESTS_A_MINUTE, per_seconds=60, clock=services.clock)
    if wait > 0:
        raise TooManyRequestsError(retry_after_seconds=wait, seconds=math.ceil(wait))
