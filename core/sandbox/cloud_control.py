"""The control interface under ``/_sandbox``: for tests, the demonstration and the launcher, on loopback only."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.sandbox.abuse import KINDS, Plan, draw_victim, find_victim
from core.sandbox.archive import milliseconds
from core.sandbox.randomness import stream
from core.sandbox.tenant import Tenant
from core.sandbox.wire import WireError, is_loopback


def routes(tenant: Tenant) -> list[Route]:
    """State, faults, time and tokens of ``tenant``."""
    control = _Control(tenant)
    return [
        Route("/_sandbox/state", _guarded(control.state), methods=["GET"]),
        Route("/_sandbox/faults", _guarded(control.faults), methods=["POST"]),
        Route("/_sandbox/jump", _guarded(control.jump), methods=["POST"]),
        Route("/_sandbox/incidents", _guarded(control.incidents), methods=["GET"]),
        Route("/_sandbox/incidents", _guarded(control.inject), methods=["POST"]),
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

    def incidents(self, values: dict[str, Any]) -> dict[str, Any]:
        """The labels of everything that has begun up to now, newest last."""
        today = self._tenant.clock.now().date()
        found = self._tenant.incidents.between(self._tenant.archive.begin, today)
        now = self._tenant.clock.now()
        return {"kinds": sorted(KINDS), "items": [each.label() for each in found if each.started <= now]}

    def inject(self, values: dict[str, Any]) -> dict[str, Any]:
        """Let an incident of ``kind`` happen now, with ``strength`` (default 1) and at ``entity`` (a UUID) if given.

        ``minutes_ago`` (at most a day) lets it begin earlier; its records are stored from now on, however long ago
        their calls were, so that every reader finds them.
        """
        kind = str(values.get("kind", ""))
        if kind not in KINDS:
            raise WireError(400, f"kind must be one of {', '.join(sorted(KINDS))}")
        now = milliseconds(self._tenant.clock.now())
        start = now - int(min(float(values.get("minutes_ago", 0)), 1440) * 60_000)
        victim = self._victim(kind, str(values.get("entity", "")), start)
        plan = Plan(kind, start, float(values.get("strength", 1.0)), victim, known_from=now)
        incident = self._tenant.incidents.inject(plan)
        self._tenant.archive.forget()
        return incident.label()

    def _victim(self, kind: str, entity: str, start: int) -> int:
        world = self._tenant.world
        if not entity:
            draw = stream(world.seed, "inject", kind, start)
            return draw_victim(world, kind, self._tenant.clock.now().date(), draw)
        victim = find_victim(world, kind, entity)
        if victim is None:
            raise WireError(404, "An incident of that kind cannot hit that entity.")
        return victim
