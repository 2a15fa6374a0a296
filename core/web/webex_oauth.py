"""Connecting Webex: consent begins and ends here; a page only shows the link and the outcome.

``/webex/login`` · ``/webex/callback`` · ``/webex/status`` · ``/webex/refresh`` · ``/webex/logout``. The state of a
consent is bound to the browser's session, so that a callback is worth nothing in another browser.
"""

from collections.abc import Callable
from dataclasses import asdict
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from core.access.errors import NotSignedInError
from core.errors import InvalidInputError, TollwatchError
from core.store import audit, commands
from core.web.errors import ForeignOriginError
from core.web.guard import guarded
from core.web.identity import caller_of, session_token
from core.web.origin import is_same_origin, local_path
from core.web.services import services_of
from core.webex import oauth
from core.webex.connections import Kind

_PAGE = "/connections"
_SEE_OTHER = 303
_KINDS: tuple[Kind, ...] = ("admin", "compliance")
_CONNECTED: dict[Kind, str] = {"admin": "webex", "compliance": "compliance"}
"""What the page is told after a consent."""


@guarded("connections.manage")
async def login(request: Request) -> Response:
    """Send the browser to Webex for consent; only from a link of our own, so that nobody is led into it.

    ``write=1`` asks for the right to change people's calling settings too, ``delete=1`` to delete recordings there.
    """
    kind, wanted = _kind(request), local_path(request.query_params.get("next", _PAGE))
    services = services_of(request)

    def start() -> str:
        if not is_same_origin(request):
            raise ForeignOriginError
        return oauth.start_authorisation(
            services,
            kind=kind,
            next_path=wanted,
            actor=caller_of(request).actor,
            browser=_browser(request),
            writes_settings=request.query_params.get("write") == "1",
            deletes_recordings=request.query_params.get("delete") == "1",
        )

    return await _leading(start, otherwise=_with_problem)


def _with_problem(error: TollwatchError) -> str:
    return f"{_PAGE}?{urlencode({'problem': error.code})}"


async def _leading(action: Callable[[], str], *, otherwise: Callable[[TollwatchError], str]) -> Response:
    try:
        address = await run_in_threadpool(action)
    except TollwatchError as error:
        address = otherwise(error)
    return RedirectResponse(address, status_code=_SEE_OTHER)


@guarded("connections.manage")
async def callback(request: Request) -> Response:
    """Webex's answer: keep the tokens and go back to the page that began, saying how it ended."""
    services, values = services_of(request), request.query_params

    def finish() -> str:
        done = oauth.finish_authorisation(
            services,
            state=values.get("state", "")[:500],
            code=values.get("code", ""),
            error=values.get("error", "")[:200],
            error_description=values.get("error_description", "")[:500],
            browser=_browser(request),
            actor=caller_of(request).actor,
        )
        separator = "&" if "?" in done.next_path else "?"
        return f"{done.next_path}{separator}{urlencode({'connected': _CONNECTED[done.kind]})}"

    return await _leading(finish, otherwise=_with_problem)


@guarded("connections.view")
async def status(request: Request) -> Response:
    """The state of a connection from our own tables; tells no token."""
    found = await run_in_threadpool(oauth.status, services_of(request), _kind(request))
    content = {**asdict(found), "is_connected": found.is_connected, "scopes_missing": found.scopes_missing}
    return JSONResponse({name: _plain(value) for name, value in content.items()})


def _plain(value: object) -> object:
    return value.isoformat() if hasattr(value, "isoformat") else value


@guarded("connections.manage")
async def refresh(request: Request) -> Response:
    """Ask the sidecar to renew the tokens now; 202 with the command's id."""
    caller, kind = caller_of(request), _kind(request)
    services = services_of(request)

    def ask() -> int:
        arguments = {"job": "refresh_tokens", "kind": kind, "force": True}
        now = services.clock.now()
        with services.database.write() as session:
            command = commands.request(session, "run_job", arguments, caller.actor, now)
            audit.record(session, actor=caller.actor, action="webex.refresh_asked", subject=kind, at=now)
            return command

    return JSONResponse({"command_id": await run_in_threadpool(ask)}, status_code=202)


@guarded("connections.manage")
async def logout(request: Request) -> Response:
    """Revoke at Webex and wipe the tokens here in any case."""
    caller, services, kind = caller_of(request), services_of(request), _kind(request)

    def disconnect() -> bool:
        return oauth.disconnect(services, kind=kind, actor=caller.actor)

    revoked = await run_in_threadpool(disconnect)
    return JSONResponse({"disconnected": True, "revoked_at_webex": revoked})


def _kind(request: Request) -> Kind:
    kind = request.query_params.get("kind", "admin")
    if kind not in _KINDS:
        raise InvalidInputError(field="kind", problem=", ".join(_KINDS))
    return kind


def _browser(request: Request) -> str:
    token = session_token(request)
    if not token:
        raise NotSignedInError
    return token


ROUTES = [
    Route("/webex/login", login, methods=["GET"]),
    Route("/webex/callback", callback, methods=["GET"]),
    Route("/webex/status", status, methods=["GET"]),
    Route("/webex/refresh", refresh, methods=["POST"]),
    Route("/webex/logout", logout, methods=["POST"]),
]
