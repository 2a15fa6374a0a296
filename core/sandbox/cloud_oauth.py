"""Consent and tokens of the pretend cloud (RFC 6749 authorization code and refresh token, RFC 7636 proof key)."""

import secrets
from html import escape
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from core.language import Language, preferred_language, translate
from core.sandbox.credentials import CLIENT_ID, CLIENT_SECRET, LAUNCHER_HEADER
from core.sandbox.grants import ACCESS_SECONDS, REFRESH_SECONDS, Grant, Tokens
from core.sandbox.tenant import Tenant
from core.sandbox.wire import WireError, answer, bare_uuid, is_loopback, webex_id
from core.sandbox.world import ORGANISATION

SCOPES = frozenset(
    {
        "analytics:read_all",
        "audit:events_read",
        "spark-admin:calling_cdr_read",
        "spark-admin:locations_read",
        "spark-admin:organizations_read",
        "spark-admin:people_read",
        "spark-admin:people_write",
        "spark-admin:recordings_read",
        "spark-admin:recordings_write",
        "spark-admin:telephony_config_read",
        "spark-admin:telephony_config_write",
        "spark-compliance:events_read",
        "spark-compliance:recordings_read",
        "spark-compliance:recordings_write",
        "spark:kms",
        "spark:messages_write",
        "spark:people_read",
        "spark:recordings_read",
    }
)
"""What the pretend integration may ask for."""

_METHODS = ("S256", "plain")
_CARRIED = ("client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method")


def routes(tenant: Tenant) -> list[Route]:
    """Authorize, token and authorizations endpoints."""
    door = _Door(tenant)
    return [
        Route("/v1/authorize", door.ask, methods=["GET"]),
        Route("/v1/authorize", door.decide, methods=["POST"]),
        Route("/v1/access_token", door.give_tokens, methods=["POST"]),
        Route("/v1/authorizations", door.listing, methods=["GET"]),
        Route("/v1/authorizations", door.revoke_client, methods=["DELETE"]),
        Route("/v1/authorizations/tokenExpiry", door.expiry, methods=["GET"]),
        Route("/v1/authorizations/{identifier}", door.revoke_one, methods=["DELETE"]),
    ]


class _Door:
    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def ask(self, request: Request) -> Response:
        """The consent page; a launcher on this machine may consent at once."""
        query = dict(request.query_params)
        problem = _problem(query)
        if problem:
            return HTMLResponse(_page(request, "sandbox.refused", escape(problem)), 400)
        if query.get("response_type") != "code":
            return _back(query, {"error": "unsupported_response_type"})
        unknown = set(query.get("scope", "").split()) - SCOPES
        if unknown or not query.get("scope"):
            return _back(query, {"error": "invalid_scope", "error_description": "The requested scope is invalid."})
        if query.get("auto_consent") == "1" and is_loopback(request) and request.headers.get(LAUNCHER_HEADER):
            return self._accept(query)
        return HTMLResponse(_consent_page(request, self._tenant, query))

    async def decide(self, request: Request) -> Response:
        """What the person pressed on the consent page."""
        form = {name: str(value) for name, value in (await request.form()).items()}
        problem = _problem(form)
        if problem:
            return HTMLResponse(_page(request, "sandbox.refused", escape(problem)), 400)
        if form.get("decision") == "accept":
            return self._accept(form)
        description = "The resource owner or authorization server denied the request."
        return _back(form, {"error": "access_denied", "error_description": description})

    async def give_tokens(self, request: Request) -> Response:
        """Tokens for a code or a refresh token."""
        self._tenant.faults.check(request.url.path)
        form = {name: str(value) for name, value in (await request.form()).items()}
        _check_client(form)
        kind = form.get("grant_type")
        if kind == "authorization_code":
            tokens = self._tenant.grants.redeem(
                form.get("code", ""), form["client_id"], form.get("redirect_uri", ""), form.get("code_verifier", "")
            )
        elif kind == "refresh_token":
            rotate = self._tenant.faults.rotate_refresh_tokens
            tokens = self._tenant.grants.refresh(form.get("refresh_token", ""), form["client_id"], rotate)
        else:
            raise WireError(400, "grant_type must be authorization_code or refresh_token")
        return answer(self._token_body(tokens), {"Cache-Control": "no-store"})

    def listing(self, request: Request) -> Response:
        """What consents there are."""
        self._tenant.authorise(request)
        grants = self._tenant.grants.listing(request.query_params.get("clientId", ""))
        return answer({"items": [self._authorisation(grant) for grant in grants]})

    def revoke_client(self, request: Request) -> Response:
        """Take back every consent to a client."""
        self._tenant.authorise(request)
        client = request.query_params.get("clientId", "")
        if not client:
            raise WireError(400, "clientId is required")
        self._tenant.grants.revoke([grant.id for grant in self._tenant.grants.listing(client)])
        return Response(status_code=204)

    def revoke_one(self, request: Request) -> Response:
        """Take back one consent."""
        self._tenant.authorise(request)
        if not self._tenant.grants.revoke([bare_uuid(request.path_params["identifier"])]):
            raise WireError(404, "The requested resource could not be found.")
        return Response(status_code=204)

    def expiry(self, request: Request) -> Response:
        """When the token of this request expires, in milliseconds since 1970."""
        token = self._tenant.authorise(request)
        return answer({"exp": int(self._tenant.grants.expiry_of(token) * 1000)})

    def _accept(self, query: dict[str, str]) -> Response:
        challenge = query.get("code_challenge", "")
        method = query.get("code_challenge_method", "plain")
        code = self._tenant.grants.new_code(
            query["client_id"], query["redirect_uri"], query.get("scope", ""), challenge, method
        )
        return _back(query, {"code": code})

    def _token_body(self, tokens: Tokens) -> dict[str, Any]:
        body: dict[str, Any] = {
            "access_token": tokens.access,
            "expires_in": ACCESS_SECONDS,
            "refresh_token": tokens.refresh,
            "refresh_token_expires_in": REFRESH_SECONDS,
            "token_type": "Bearer",
        }
        if not self._tenant.faults.omit_scope:
            body["scope"] = " ".join(
                sorted(set(tokens.scopes.split()) - set(self._tenant.faults.missing_scopes.split()))
            )
        return body

    def _authorisation(self, grant: Grant) -> dict[str, Any]:
        return {
            "id": webex_id("AUTHORIZATION", grant.id),
            "applicationId": webex_id("APPLICATION", grant.client_id),
            "applicationName": "Tollwatch",
            "personId": webex_id("PEOPLE", self._tenant.world.administrator.uuid),
            "clientId": grant.client_id,
            "created": grant.created,
            "type": "refresh",
        }


def _problem(query: dict[str, str]) -> str:
    """What makes a request one that must not lead back to the given address; empty if nothing does."""
    if query.get("client_id") != CLIENT_ID:
        return "Invalid client_id"
    address = urlsplit(query.get("redirect_uri", ""))
    if address.scheme not in {"http", "https"} or not address.hostname or address.fragment:
        return "Invalid redirect_uri"
    if query.get("code_challenge") and query.get("code_challenge_method", "plain") not in _METHODS:
        return "Invalid code_challenge_method"
    return ""


def _check_client(form: dict[str, str]) -> None:
    known = secrets.compare_digest(form.get("client_id", ""), CLIENT_ID)
    secret = secrets.compare_digest(form.get("client_secret", "").encode(), CLIENT_SECRET.encode())
    if not (known and secret):
        raise WireError(401, "The client credentials are invalid")


def _back(query: dict[str, str], values: dict[str, str]) -> Response:
    if query.get("state"):
        values = {**values, "state": query["state"]}
    joint = "&" if urlsplit(query["redirect_uri"]).query else "?"
    return RedirectResponse(query["redirect_uri"] + joint + urlencode(values), 302)


def _consent_page(request: Request, tenant: Tenant, query: dict[str, str]) -> str:
    language = preferred_language(request.headers.get("accept-language"))
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(query[name], quote=True)}">'
        for name in _CARRIED
        if name in query
    )
    scopes = "".join(f"<li><code>{escape(scope)}</code></li>" for scope in sorted(query["scope"].split()))
    person = escape(f"{tenant.world.administrator.name} · {ORGANISATION}")
    host = escape(urlsplit(query["redirect_uri"]).netloc)
    body = (
        f"<p>{translate('sandbox.consent_question', language)}</p><ul>{scopes}</ul>"
        f"<p>{translate('sandbox.consent_as', language)} <strong>{person}</strong></p>"
        f"<p>{translate('sandbox.consent_returns', language)} <strong>{host}</strong></p>"
        f'<form method="post" action="/v1/authorize">{hidden}'
        f'<button name="decision" value="accept">{translate("sandbox.accept", language)}</button> '
        f'<button name="decision" value="deny" class="plain">{translate("sandbox.deny", language)}</button></form>'
    )
    return _page(request, "sandbox.consent_title", body)


def _page(request: Request, title: str, body: str) -> str:
    language: Language = preferred_language(request.headers.get("accept-language"))
    heading = translate(title, language)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{heading}</title>'
        '<meta name="viewport" content="width=device-width"><style>'
        "body{font:16px/1.5 system-ui,sans-serif;background:#f5f5f5;color:#010101;margin:0}"
        "main{max-width:34rem;margin:8vh auto;background:#fff;padding:2rem;border-radius:12px}"
        "h1{font-size:1.3rem}code{font-size:.9rem}.note{color:#555;font-size:.9rem}"
        "button{font:inherit;padding:.6rem 1.4rem;border-radius:999px;border:1px solid #010101;"
        "background:#010101;color:#fff;cursor:pointer}button.plain{background:#fff;color:#010101}"
        f"</style></head><body><main><h1>{heading}</h1>{body}"
        f'<p class="note">{translate("sandbox.pretend", language)}</p></main></body></html>'
    )
