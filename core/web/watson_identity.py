"""Who stands at the Watson door: the bearer of ``WATSON_API_KEY``, an API key with the scope ``watson.use``, a page.

A key may also come as ``X-API-Key``, because Watson's connections offer that. Messages have a rate of their own.
"""

import math
from dataclasses import dataclass

from starlette.requests import Request

from core.access.tokens import equal
from core.errors import NotAllowedError
from core.language import Language, preferred_language
from core.services import Services
from core.store import rate_gate
from core.watson.carrying_out import DoorCaller
from core.watson.vocabulary import USE
from core.web.errors import SCOPE_LANGUAGE, TooManyRequestsError
from core.web.identity import Caller, caller_of, key_caller
from core.web.services import services_of

OWN_KEY = "watson"
"""What the audit calls the bearer of ``WATSON_API_KEY``."""
KEY_HEADER = "x-api-key"
_SCHEME = "bearer "


@dataclass(frozen=True)
class AtTheDoor:
    """The caller as the door knows them, and the language of refusals."""

    caller: DoorCaller
    language: Language


def at_the_door(request: Request) -> AtTheDoor:
    """A FastAPI dependency: who sends this. Raises as ``core.web.identity.caller_of``, and ``NotAllowedError``."""
    services = services_of(request)
    token = shown_key(request)
    if equal(token, services.settings.watson_api_key.get_secret_value()):
        caller = DoorCaller(OWN_KEY, frozenset(services.settings.watson_scopes.split()))
        language = preferred_language(request.headers.get("accept-language"))
    else:
        known = _known(request, services, token)
        actor = known.actor if known.api_key else known.person.name
        caller, language = DoorCaller(actor, known.permissions), known.language
        request.scope[SCOPE_LANGUAGE] = language
    if not caller.may(USE):
        raise NotAllowedError(permission=USE)
    return AtTheDoor(caller, language)


at_the_door.__dict__["permission"] = USE


def shown_key(request: Request) -> str:
    """The key a request shows, unchecked; that of ``Authorization`` before the header's."""
    authorization = request.headers.get("authorization", "")
    if authorization.lower().startswith(_SCHEME):
        return authorization[len(_SCHEME) :].strip()
    return request.headers.get(KEY_HEADER, "").strip()


def count_message(services: Services, caller: DoorCaller) -> None:
    """Count a message against the caller's rate at this door. Raises ``TooManyRequestsError``."""
    wait = rate_gate.take(
        services.database,
        f"watson:{caller.name}"[:120],
        capacity=services.settings.watson_per_minute,
        per_seconds=60,
        clock=services.clock,
    )
    if wait > 0:
        raise TooManyRequestsError(retry_after_seconds=wait, seconds=math.ceil(wait))


def _known(request: Request, services: Services, token: str) -> Caller:
    if "authorization" not in request.headers and token:
        return key_caller(services, token)
    return caller_of(request)
