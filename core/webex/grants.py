"""The token endpoint (``POST /access_token``): a code or a refresh token in, a pair of tokens out (RFC 6749, 7636)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.errors import PermanentError
from core.sandbox import credentials
from core.services import Services
from core.settings import Settings
from core.webex.errors import ClientNotConfiguredError, MalformedAnswerError, UnavailableError
from core.webex.wire import Wire


class GrantRefusedError(PermanentError):
    """Webex refuses the code or the refresh token; only a person can help. Facts: ``detail``."""

    code = "webex_grant_refused"


@dataclass(frozen=True)
class Grant:
    """A pair of tokens; an absent lifetime is unknown, an absent refresh token means "keep the one you have"."""

    access_token: str
    refresh_token: str | None
    access_expires_at: datetime | None
    refresh_expires_at: datetime | None
    scopes: str | None


@dataclass(frozen=True)
class ClientCredentials:
    """The integration that people authorise."""

    client_id: str
    client_secret: str


def client_credentials(settings: Settings) -> ClientCredentials:
    """The configured integration; the sandbox has one of its own. Raises ``ClientNotConfiguredError``."""
    client_id, client_secret = settings.webex_client_id, settings.webex_client_secret.get_secret_value()
    if settings.sandbox:
        return ClientCredentials(client_id or credentials.CLIENT_ID, client_secret or credentials.CLIENT_SECRET)
    if not client_id or not client_secret:
        raise ClientNotConfiguredError
    return ClientCredentials(client_id, client_secret)


def open_wire(services: Services, stopping: Callable[[], bool] = lambda: False) -> Wire:
    """A wire for these settings; a proxy of the environment is used only towards the real cloud.

    An exchange ends soon after ``stopping`` says so, with ``StopRequestedError``.
    """
    settings = services.settings
    is_real = not (settings.sandbox or settings.allow_insecure_endpoints)
    return Wire(services.clock, trust_environment=is_real, stopping=stopping)


def request_grant(services: Services, form: Mapping[str, str]) -> Grant:
    """Ask for tokens with ``form`` and the integration's credentials.

    Raises ``GrantRefusedError`` (400, 401, 403) and transient errors for everything that may pass.
    """
    client = client_credentials(services.settings)
    address = f"{services.settings.webex_api}/access_token"
    complete = {**form, "client_id": client.client_id, "client_secret": client.client_secret}
    wire = open_wire(services)
    try:
        answer = wire.send("POST", address, form=complete)
    finally:
        wire.close()
    if answer.status in (400, 401, 403):
        raise GrantRefusedError(detail=answer.detail())
    if answer.status != 200:
        raise UnavailableError(path=answer.path, problem=f"HTTP {answer.status}")
    return _grant(answer.json_object(), answer.path, services.clock.now())


def _grant(value: dict[str, Any], path: str, now: datetime) -> Grant:
    access = value.get("access_token")
    refresh = value.get("refresh_token")
    if not isinstance(access, str) or not access or not access.isascii() or not access.isprintable():
        raise MalformedAnswerError(path=path, problem="access_token")
    scope = value.get("scope")
    return Grant(
        access_token=access,
        refresh_token=refresh if isinstance(refresh, str) and refresh else None,
        access_expires_at=_after(now, value.get("expires_in")),
        refresh_expires_at=_after(now, value.get("refresh_token_expires_in")),
        scopes=scope if isinstance(scope, str) else None,
    )


def _after(now: datetime, seconds: object) -> datetime | None:
    """Now plus a lifetime that may be a number, a number in quotes, or absent; ten years at most."""
    try:
        lifetime = float(str(seconds))
        return now + timedelta(seconds=min(max(lifetime, 0.0), 315_360_000.0))
    except (ValueError, OverflowError):
        return None
