"""The API for programs, ``/api/v1``: one file a capability, each with a ``router``."""

from fastapi import APIRouter, FastAPI
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from core.web.api import (
    alerts,
    api_keys,
    assistant,
    calls,
    cases,
    connections,
    dashboards,
    detection,
    detectors,
    forecasts,
    journeys,
    notifications,
    number_tests,
    operators,
    recordings,
    reports,
    responses,
    risk,
    system,
    tickets,
    users,
    visits,
    watson,
)
from core.web.api.application import api_application
from core.web.errors import UnknownAddressError, error_response
from core.web.identity import REQUESTS_A_MINUTE

PREFIX = "/api/v1"
DESCRIPTION = " ".join(
    (
        "Everything the pages show, for programs. Send an API key as `Authorization: Bearer tw_…` (an administrator",
        "issues them), or the session cookie of a browser, together with `X-CSRF-Token` for changes. Lists come in",
        "pages: `{items, next, previous}`; pass `next` back as `cursor`. Errors have one shape:",
        "`{error: {code, message, remedy, facts?, request_id}}`; codes are stable, texts follow `Accept-Language`",
        f"(en, es). A caller has {REQUESTS_A_MINUTE} requests a minute; 429 says when to go on. Dialing has",
        "addresses of its own: `/api/v2/docs`.",
    )
)


def routers() -> tuple[APIRouter, ...]:
    """Every capability's router, in the order of the documentation."""
    return (
        calls.router,
        journeys.router,
        recordings.router,
        alerts.router,
        cases.router,
        responses.router,
        detection.router,
        detectors.router,
        forecasts.router,
        risk.router,
        assistant.router,
        visits.router,
        tickets.router,
        operators.router,
        number_tests.router,
        notifications.router,
        dashboards.router,
        reports.router,
        watson.router,
        connections.router,
        system.router,
        users.router,
        api_keys.router,
    )


def application() -> FastAPI:
    """The API as one ASGI application, to be mounted at ``PREFIX``."""
    return api_application(routers(), title="Tollwatch API", version="1", description=DESCRIPTION, example="/status")


class NothingHere:
    """The answer to everything below ``/api`` that is not this version: JSON, never a page."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await error_response(HTTPConnection(scope), UnknownAddressError())(scope, receive, send)
