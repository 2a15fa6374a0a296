"""The control interface under ``/_sandbox``: for tests, the demonstration and the launcher, on loopback only."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.sandbox.tenant import Tenant
from core.sandbox.wire import WireError, is_loopback


def routes(tenant: Tenant) -> list[Route]:
    """State, faults, time and tokens of ``tenant``."""
    control = _Control(tenant)
    return [
        Route("/_sandbox/state", _guarded(control.state), methods=["GET"]),
        Route("/_sandbox/faults", _guarded(control.faults), methods=["POST"]),
        Route("/_sandbox/jump", _guarded(control.jump), methods=["POST"]),
        Route("/_sandbox/expire", _guarded(control.expire), methods=["POST"]),
    ]


def _guarded(act: Callable[[dict[str, Any]], Any]) -> Callable[[Request], Any]:
    async def handle(request: Request) -> Response:
        if not is_loopback(request) or request.headers.get("origin"):
            raise WireError(403, "The control interface answers programs on this machine only.")
        values = await _values(request)
        return JSONResponse(act(values))

    return handle


async def _values(request: Request) -> dict[str, Any]:
    if request.method == "GET":
        return dict(request.query_params)
    values = await request.json() if await request.body() else {}
    if not isinstance(values, dict):
        raise WireError(400, "The body must be a JSON object.")
    return values


class _Control:
    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def state(self, values: dict[str, Any]) -> dict[str, Any]:
        """What the cloud is: its time, organisation, first day and number of consents."""
        world = self._tenant.world
        return {
            "now": self._tenant.clock.now().isoformat(),
            "organisation": world.org_uuid,
            "people": len(world.people),
            "seed": world.seed,
            "begins": self._tenant.archive.begin.isoformat(),
            "grants": len(self._tenant.grants.listing()),
        }

    def faults(self, values: dict[str, Any]) -> dict[str, Any]:
        """Switch faults on or off; see ``core.sandbox.faults``."""
        self._tenant.faults.change(values)
        return {"changed": sorted(values)}

    def jump(self, values: dict[str, Any]) -> dict[str, Any]:
        """Move the cloud's clock ahead by ``seconds``."""
        self._tenant.clock.ahead += timedelta(seconds=float(values.get("seconds", 0)))
        return {"now": self._tenant.clock.now().isoformat()}

    def expire(self, values: dict[str, Any]) -> dict[str, Any]:
        """End the life of all access tokens; with ``refresh`` that of the refresh tokens too."""
        self._tenant.grants.expire(bool(values.get("refresh")))
        return {"expired": True}
