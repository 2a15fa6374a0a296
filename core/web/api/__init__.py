"""The API for programs, ``/api/v1``: one file a capability, each with a ``router``."""

from fastapi import APIRouter, FastAPI

from core.web.errors import HANDLERS

PREFIX = "/api/v1"


def routers() -> tuple[APIRouter, ...]:
    """Every capability's router, in the order of the documentation."""
    return ()


def application() -> FastAPI:
    """The API as one ASGI application, to be mounted at ``PREFIX``."""
    api = FastAPI(
        title="Tollwatch API",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        exception_handlers=dict(HANDLERS),
        redirect_slashes=False,
    )
    for router in routers():
        api.include_router(router)
    return api
