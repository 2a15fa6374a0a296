"""Sign-in by the organisation's identity provider (OpenID Connect).

Streamlit's own routes (``/auth/login``, ``/oauth2callback``, those of ``st.login``) talk to the provider: discovery,
PKCE, state, nonce, signature of the ID token. They would keep the claims in a cookie for thirty days, out of
anybody's reach, and always lead to ``/``. So the callback's answer is caught on its way out: the claims open a
session of ours, which ends when the account is closed, and the browser goes on to the page it wanted.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from http.cookies import CookieError, SimpleCookie
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer
from joserfc import jwt
from joserfc.jwk import OctKey
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.access import sign_in
from core.access.errors import NoAccountError
from core.access.tokens import derived
from core.errors import NotFoundError
from core.settings import Settings
from core.store.encryption import secret_key
from core.web.html import is_secure
from core.web.origin import local_path
from core.web.services import services_of
from core.web.session_cookie import origin_of, set_session

CALLBACK = "/oauth2callback"
_NEXT_COOKIE = "tollwatch_next"
_NEXT_SECONDS = 900
_USER_COOKIE = "_streamlit_user"
_PROVIDER = "default"
_START_VALID = timedelta(minutes=2)
_CLAIMS_VALID_SECONDS = 300
_MOST_CHUNKS = 20


def secrets_for_streamlit(settings: Settings) -> dict[str, Any]:
    """What ``st.App(secrets=…)`` needs for OIDC; nothing with local sign-in."""
    if settings.sign_in_method != "oidc":
        return {}
    return {
        "auth": {
            "redirect_uri": f"{settings.base_url.rstrip('/')}{CALLBACK}",
            "cookie_secret": _cookie_secret(settings),
            "client_id": settings.oidc_client_id,
            "client_secret": settings.oidc_client_secret.get_secret_value(),
            "server_metadata_url": settings.oidc_metadata_url,
        }
    }


def _cookie_secret(settings: Settings) -> str:
    return derived(secret_key(settings), "cookies of the identity provider's answer")


async def begin(request: Request) -> Response:
    """``/sign-in/organisation``: remember the wanted page and go to the provider."""
    services = services_of(request)
    if services.settings.sign_in_method != "oidc":
        raise NotFoundError(what="identity provider")
    expires = int((services.clock.now() + _START_VALID).timestamp())
    key = OctKey.import_key(_cookie_secret(services.settings))
    provider = jwt.encode({"alg": "HS256"}, {"provider": _PROVIDER, "exp": expires}, key)
    response = RedirectResponse(f"/auth/login?provider={provider}", status_code=303)
    wanted = local_path(request.query_params.get("next"))
    response.set_cookie(
        _NEXT_COOKIE, wanted, max_age=_NEXT_SECONDS, httponly=True, samesite="lax", secure=is_secure(request)
    )
    return response


class OrganisationSignIn:
    """ASGI middleware around the callback: turns the provider's answer into a session of ours."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != CALLBACK:
            await self._app(scope, receive, send)
            return

        async def send_exchanged(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = await _exchanged(HTTPConnection(scope), message)
            await send(message)

        await self._app(scope, receive, send_exchanged)


async def _exchanged(connection: HTTPConnection, message: Message) -> Message:
    headers = MutableHeaders(scope=message)
    set_cookies = headers.getlist("set-cookie")
    claims = _claims(set_cookies, _cookie_secret(services_of(connection).settings))
    answer = await run_in_threadpool(_session_for, connection, claims)
    answer.delete_cookie(_NEXT_COOKIE)
    kept = [value for value in set_cookies if not value.startswith(_USER_COOKIE)]
    for value in kept:
        answer.headers.append("set-cookie", value)
    return {"type": "http.response.start", "status": answer.status_code, "headers": answer.raw_headers}


def _session_for(connection: HTTPConnection, claims: Mapping[str, Any] | None) -> Response:
    if claims is None:
        return RedirectResponse("/sign-in?problem=identity_provider", status_code=303)
    services = services_of(connection)
    try:
        token = sign_in.with_identity(
            services.database,
            services.clock,
            claims,
            origin_of(connection, "oidc"),
            trust_email=services.settings.oidc_trust_email,
        )
    except NoAccountError:
        return RedirectResponse("/sign-in?problem=no_account", status_code=303)
    response = RedirectResponse(local_path(connection.cookies.get(_NEXT_COOKIE)), status_code=303)
    set_session(connection, response, token)
    return response


def _claims(set_cookies: list[str], secret: str) -> dict[str, Any] | None:
    values: dict[str, str] = {}
    for header in set_cookies:
        try:
            values |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        except CookieError:
            continue
    whole = _opened(values, _USER_COOKIE, secret)
    if whole and whole.startswith("chunks-"):
        count = int(whole.removeprefix("chunks-"))
        parts = [
            _opened(values, f"{_USER_COOKIE}_{number}", secret) for number in range(1, min(count, _MOST_CHUNKS) + 1)
        ]
        whole = "".join(part for part in parts if part is not None)
    try:
        claims = json.loads(whole or "null")
    except ValueError:
        return None
    return claims if isinstance(claims, dict) and claims.get("is_logged_in") is True else None


def _opened(values: Mapping[str, str], name: str, secret: str) -> str | None:
    try:
        opened = URLSafeTimedSerializer(secret, salt=name).loads(values.get(name, ""), max_age=_CLAIMS_VALID_SECONDS)
    except BadSignature:
        return None
    return opened if isinstance(opened, str) else None


ROUTES = [Route("/sign-in/organisation", begin, methods=["GET"])]
