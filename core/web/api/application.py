"""How every API is served: one shape of errors, no other documentation than ours, nothing that cannot be stored."""

from collections.abc import Iterable

from fastapi import APIRouter, Depends, FastAPI

from core.web.api.documentation import add_documentation
from core.web.errors import HANDLERS
from core.web.storable import refuse_unstorable


def api_application(
    routers: Iterable[APIRouter], *, title: str, version: str, description: str, example: str
) -> FastAPI:
    """The routers as one ASGI application, to be mounted at ``/api/v`` and the version; ``example`` is one path."""
    api = FastAPI(
        title=title,
        version=version,
        description=description,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        exception_handlers=dict(HANDLERS),
        redirect_slashes=False,
        dependencies=[Depends(refuse_unstorable)],
    )
    for router in routers:
        api.include_router(router)
    add_documentation(api, f"/api/v{version}", example=example)
    return api
