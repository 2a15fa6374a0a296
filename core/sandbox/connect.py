"""Connecting a demonstration to its pretend cloud: the real consent flow, walked by a program instead of a browser."""

import secrets
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import httpx

from core.errors import TransientError
from core.sandbox.credentials import LAUNCHER_HEADER
from core.services import Services

_SECONDS = 30.0


class SandboxUnreachableError(TransientError):
    """The pretend cloud does not run, or something else answers in its place. Facts: ``address``, ``problem``."""

    code = "sandbox_unreachable"


def connect_sandbox(
    services: Services, *, actor: str = "launcher", kind: Literal["admin", "compliance"] = "admin"
) -> bool:
    """Connect ``services`` to the pretend cloud unless it is connected; whether it was done now.

    Raises ``SandboxUnreachableError``, or what ``core.webex.oauth`` raises for a refused consent.
    """
    from core.webex import oauth

    if oauth.status(services, kind).state == "connected":
        return False
    browser = secrets.token_urlsafe(32)
    address = oauth.start_authorisation(services, kind=kind, actor=actor, browser=browser)
    query = parse_qs(urlsplit(_consent(address)).query)
    oauth.finish_authorisation(
        services,
        state=query.get("state", [""])[0],
        code=query.get("code", [""])[0],
        error=query.get("error", [""])[0],
        error_description=query.get("error_description", [""])[0],
        browser=browser,
        actor=actor,
    )
    return True


def _consent(address: str) -> str:
    """Ask for consent at ``address`` and take it at once; gives where the browser would be sent."""
    try:
        answer = httpx.get(
            f"{address}&auto_consent=1", headers={LAUNCHER_HEADER: "1"}, timeout=_SECONDS, trust_env=False
        )
    except httpx.HTTPError as error:
        raise SandboxUnreachableError(address=_origin(address), problem=type(error).__name__) from error
    target: str = answer.headers.get("location", "")
    if answer.status_code != 302 or not target:
        raise SandboxUnreachableError(address=_origin(address), problem=f"HTTP {answer.status_code}")
    return target


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
