"""The pretend Webex cloud as a web application: one organisation, the wire of the real one, on loopback."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from core.clock import Clock
from core.sandbox import (
    cloud_admin_audit,
    cloud_call_settings,
    cloud_cdr,
    cloud_control,
    cloud_directory,
    cloud_messages,
    cloud_oauth,
    cloud_recordings,
)
from core.sandbox.asterisk import build_asterisk
from core.sandbox.tenant import TenantOptions, open_tenant
from core.sandbox.wire import WireError, error_answer


def build_cloud(options: TenantOptions, clock: Clock) -> Starlette:
    """The application; ``app.state.tenant`` is what it serves. A pretend Asterisk stands beside it, below ``/ari``."""
    tenant = open_tenant(options, clock)
    app = Starlette(
        routes=[
            *cloud_oauth.routes(tenant),
            *cloud_directory.routes(tenant),
            *cloud_call_settings.routes(tenant),
            *cloud_admin_audit.routes(tenant),
            *cloud_messages.routes(tenant),
            *cloud_cdr.routes(tenant),
            *cloud_recordings.routes(tenant),
            *cloud_control.routes(tenant),
            *build_asterisk(clock).routes,
        ],
        exception_handlers={WireError: _refuse, 404: _not_found, 405: _not_allowed},
    )
    app.state.tenant = tenant
    return app


def _refuse(_request: Request, error: Exception) -> Response:
    return error_answer(error if isinstance(error, WireError) else WireError(500, "The server failed."))


def _not_found(_request: Request, _error: Exception) -> Response:
    return error_answer(WireError(404, "The requested resource could not be found."))


def _not_allowed(_request: Request, _error: Exception) -> Response:
    return error_answer(WireError(405, "The method is not allowed for this resource."))
