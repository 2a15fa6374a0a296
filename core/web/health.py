"""``/healthz``: this process answers. ``/readyz``: it can also serve, with the state of each part it needs."""

from dataclasses import asdict, dataclass
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from core.dialer import connection
from core.errors import TollwatchError
from core.services import Services
from core.store import job_runs
from core.web.services import services_of


@dataclass(frozen=True)
class Component:
    """One part the product needs. ``needed`` parts decide whether this process is ready."""

    name: str
    ok: bool
    needed: bool
    detail: str = ""


def components(services: Services) -> list[Component]:
    """The state of the database, the table of calls, the sidecar and, where one is set up, Asterisk, asked now."""
    try:
        sidecar = _sidecar(services)
    except Exception as error:
        database = Component("database", ok=False, needed=True, detail=_reason(error))
        return [database, _calls(services), Component("sidecar", ok=False, needed=False, detail="unknown")]
    return [Component("database", ok=True, needed=True), _calls(services), sidecar, *_asterisk(services)]


def _calls(services: Services) -> Component:
    try:
        version = services.calls.version()
    except Exception as error:
        return Component("calls", ok=False, needed=True, detail=_reason(error))
    return Component("calls", ok=True, needed=True, detail=f"version {version}")


def _reason(error: Exception) -> str:
    """What is wrong, for a reader who may be a stranger: our own sentence, or the kind of error alone."""
    return f"{error.code}: {error.message()}" if isinstance(error, TollwatchError) else type(error).__name__


def _sidecar(services: Services) -> Component:
    now = services.clock.now()
    with services.database.read() as session:
        beat, alive = job_runs.sidecar_beat(session), job_runs.sidecar_is_alive(session, now)
    detail = f"last beat {(now - beat).total_seconds():.0f} s ago" if beat else "never seen"
    return Component("sidecar", ok=alive, needed=False, detail=detail)


def _asterisk(services: Services) -> list[Component]:
    """As its listener in the sidecar last wrote it (S3-16); this process never calls Asterisk."""
    if not services.settings.ari_url:
        return []
    with services.database.read() as session:
        found = connection.connection(session, services.clock.now())
    return [Component("asterisk", ok=found.is_connected, needed=False, detail=f"{found.state} {found.version}".strip())]


async def healthz(_request: Request) -> JSONResponse:
    """Alive: touches nothing, so that a slow database never has this process killed."""
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> JSONResponse:
    """Ready, degraded (the sidecar or Asterisk is missing) or not ready (503), with every component."""
    found = await run_in_threadpool(components, services_of(request))
    ready = all(component.ok for component in found if component.needed)
    whole = all(component.ok for component in found)
    state = "not ready" if not ready else "ready" if whole else "degraded"
    body = {"status": state, "components": [asdict(component) for component in found]}
    return JSONResponse(body, status_code=HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)


ROUTES = [Route("/healthz", healthz), Route("/health", healthz), Route("/readyz", readyz)]
