"""What ``app.py`` hands to Streamlit: routes beside the pages, middleware around everything, start and stop."""

import logging
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from core import logs
from core.access import passwords, sandbox_people, setup
from core.errors import SettingsError, TollwatchError
from core.language import preferred_language, translate
from core.services import Services, shared
from core.settings import Settings, insecure_endpoints, load_settings
from core.store.engine import StoreDamagedError
from core.web import (
    api,
    audit_export,
    deliveries_export,
    exports,
    health,
    metrics,
    oidc,
    password_page,
    recording_audio,
    report_files,
    robots,
    sign_in,
    users_export,
    visit_feed,
    webex_oauth,
)
from core.web.api import dialing
from core.web.errors import HANDLERS, new_number
from core.web.middleware.api_cors import ApiCors
from core.web.middleware.body_size import BodySize
from core.web.middleware.context import RequestContext
from core.web.middleware.gate import SignInGate
from core.web.middleware.headers import SecurityHeaders
from core.web.middleware.hosts import KnownHosts
from core.web.middleware.known_pages import KnownPages
from core.web.origin import LOOPBACK_NAMES

_log = logging.getLogger(__name__)


def options(provide: Callable[[], Services] = shared, settings: Settings | None = None) -> dict[str, Any]:
    """Everything the web process is besides its pages; ``provide`` opens the services, once.

    Ends the process with a plain sentence, before anything listens, when the settings cannot be used.
    """
    settings = settings or _usable_settings()
    logs.configure(settings)
    own = routes()

    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        await run_in_threadpool(start, provide)
        yield

    return {
        "routes": own,
        "middleware": middleware(provide, settings, own),
        "lifespan": lifespan,
        "secrets": oidc.secrets_for_streamlit(settings),
        "on_script_error": show_script_error,
        "exception_handlers": HANDLERS,
    }


def _usable_settings() -> Settings:
    try:
        return load_settings()
    except SettingsError as error:
        sys.exit(f"{error.message()} {error.remedy()}")


def routes() -> list[Route | Mount]:
    """Every route beside the pages; the last one keeps mistyped API addresses from getting a page."""
    return [
        *health.ROUTES,
        *robots.ROUTES,
        *metrics.ROUTES,
        *sign_in.ROUTES,
        *password_page.ROUTES,
        *oidc.ROUTES,
        *webex_oauth.ROUTES,
        *audit_export.ROUTES,
        *deliveries_export.ROUTES,
        *users_export.ROUTES,
        *report_files.ROUTES,
        *visit_feed.ROUTES,
        *exports.ROUTES,
        *recording_audio.ROUTES,
        Mount(api.PREFIX, app=api.application(), name="api"),
        Mount(dialing.PREFIX, app=dialing.application(), name="dialing"),
        Mount("/api", app=api.NothingHere(), name="nothing"),
        Route("/api", api.NothingHere()),
    ]


def middleware(provide: Callable[[], Services], settings: Settings, own: Sequence[Route | Mount]) -> list[Middleware]:
    """The layers around pages and routes, outermost first."""
    layers = [
        Middleware(SecurityHeaders, secure=settings.base_url.startswith("https://")),
        Middleware(RequestContext, provide=provide),
        Middleware(KnownHosts),
        Middleware(BodySize),
        Middleware(ApiCors, origins=settings.cors_origins),
        Middleware(SignInGate, routes=own),
        Middleware(KnownPages, routes=own),
    ]
    if settings.sign_in_method == "oidc":
        layers.append(Middleware(oidc.OrganisationSignIn))
    return layers


def start(provide: Callable[[], Services]) -> None:
    """Open the stores, say what an administrator must know, load what the first page needs."""
    try:
        services = provide()
    except StoreDamagedError as error:
        sys.exit(f"{error.message()} {error.remedy()}")
    if not services.settings.sandbox:
        sandbox_people.close(services.database, services.clock)
    if not (services.settings.sandbox and urlsplit(services.settings.base_url).hostname in LOOPBACK_NAMES):
        _offer_set_up(services)
    for address in [] if services.settings.sandbox else insecure_endpoints(services.settings):
        _log.warning("ALLOW_INSECURE_ENDPOINTS: Webex is reached at %s", address)
    passwords.nobodys_hash()
    _warm_reading()


def _offer_set_up(services: Services) -> None:
    if setup.is_needed(services.database):
        link = setup.new_link(services.database, services.clock, services.settings.base_url)
        _log.warning("no administrator yet; make the first one within 24 hours at %s", link)


def _warm_reading() -> None:
    import duckdb
    import pandas

    duckdb.connect().execute("SELECT 1").fetchall()
    pandas.DataFrame({"warm": [1]}).describe()


def show_script_error(error: Exception) -> bool:
    """Write a page's bug to the log under a number, and show the person that number and what to do."""
    import streamlit

    number = new_number()
    _log.error("page failed, number %s", number, exc_info=error)
    language = preferred_language(streamlit.context.locale)
    known = error if isinstance(error, TollwatchError) else TollwatchError()
    message, remedy = known.message(language), known.remedy(language)
    streamlit.error(f"{message} {remedy} {translate('web.problem.number', language, number=number)}")
    return True
