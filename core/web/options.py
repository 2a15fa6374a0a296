"""What ``app.py`` hands to Streamlit: routes beside the pages, middleware around everything, start and stop."""

import logging
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount

from core.services import Services, shared
from core.web import api, health
from core.web.errors import HANDLERS
from core.web.middleware.body_size import BodySize
from core.web.middleware.context import RequestContext
from core.web.middleware.gate import SignInGate
from core.web.middleware.headers import SecurityHeaders
from core.web.middleware.hosts import KnownHosts

_log = logging.getLogger(__name__)


def options(provide: Callable[[], Services] = shared) -> dict[str, Any]:
    """Everything the web process is besides its pages; ``provide`` opens the services, once."""

    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        await run_in_threadpool(warm, provide)
        yield

    return {
        "routes": routes(),
        "middleware": middleware(provide),
        "lifespan": lifespan,
        "on_script_error": log_script_error,
        "exception_handlers": HANDLERS,
    }


def routes() -> list[BaseRoute]:
    """Every route beside the pages."""
    return [*health.ROUTES, Mount(api.PREFIX, app=api.application())]


def middleware(provide: Callable[[], Services]) -> list[Middleware]:
    """The layers around pages and routes, outermost first."""
    return [
        Middleware(RequestContext, provide=provide),
        Middleware(SecurityHeaders),
        Middleware(KnownHosts),
        Middleware(BodySize),
        Middleware(SignInGate),
    ]


def warm(provide: Callable[[], Services]) -> None:
    """Open the stores and load what the first page needs, before the first person waits for it."""
    provide()


def log_script_error(error: Exception) -> bool:
    """Write a page's bug to the log under a number; ``False`` leaves showing it to the page."""
    _log.error("page failed, number %s", secrets.token_hex(4), exc_info=error)
    return False
