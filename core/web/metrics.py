"""``/metrics`` for Prometheus: requests, open sessions, how fresh the calls are, how the jobs end.

For a key with ``metrics.view`` or a person who holds it; a collector on this machine needs neither.
"""

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.access import sessions
from core.notify import deliveries
from core.services import Services
from core.store import data_version, job_runs, outbox
from core.store.models.operations import Command, JobRun
from core.web.health import components
from core.web.identity import require
from core.web.measures import REGISTRY
from core.web.origin import is_from_this_machine
from core.web.services import services_of

PERMISSION = "metrics.view"
_check = require(PERMISSION)


async def metrics(request: Request) -> Response:
    """The text format of Prometheus."""
    if not is_from_this_machine(request):
        await run_in_threadpool(_check, request)
    content = await run_in_threadpool(_measure, services_of(request))
    return Response(content, media_type=CONTENT_TYPE_LATEST)


metrics.__dict__["permission"] = PERMISSION


def _measure(services: Services) -> bytes:
    fresh = CollectorRegistry()
    _component_states(services, fresh)
    _freshness(services, fresh)
    _work(services, fresh)
    live = Gauge("tollwatch_sessions", "Open sign-in sessions.", registry=fresh)
    live.set(sessions.count_live(services.database, services.clock))
    return generate_latest(REGISTRY) + generate_latest(fresh)


def _component_states(services: Services, registry: CollectorRegistry) -> None:
    gauge = Gauge("tollwatch_component_up", "1 = the part works, as /readyz tells.", ("component",), registry=registry)
    for component in components(services):
        gauge.labels(component.name).set(component.ok)


def _freshness(services: Services, registry: CollectorRegistry) -> None:
    gauge = Gauge("tollwatch_calls_stored_age_seconds", "Seconds since call records last arrived.", registry=registry)
    with services.database.read() as session:
        _, changed_at = data_version.current(session, "calls")
        beat = job_runs.sidecar_beat(session)
    gauge.set((services.clock.now() - changed_at).total_seconds() if changed_at else float("nan"))
    beats = Gauge("tollwatch_sidecar_beat_age_seconds", "Seconds since the sidecar last beat.", registry=registry)
    beats.set((services.clock.now() - beat).total_seconds() if beat else float("nan"))


def _work(services: Services, registry: CollectorRegistry) -> None:
    runs = Gauge("tollwatch_job_runs", "Job runs on record, by job and state.", ("job", "state"), registry=registry)
    waiting = Gauge("tollwatch_commands", "Commands on record, by state.", ("state",), registry=registry)
    with services.database.read() as session:
        for job, state, number in session.execute(
            select(JobRun.job, JobRun.state, func.count()).group_by(JobRun.job, JobRun.state)
        ):
            runs.labels(job, state).set(number)
        for state, number in session.execute(select(Command.state, func.count()).group_by(Command.state)):
            waiting.labels(state).set(number)
        left = outbox.counts(session)
        overdue = deliveries.longest_overdue(session, services.clock.now())
    messages = Gauge("tollwatch_outbox", "Notifications on record, by state.", ("state",), registry=registry)
    for state, number in left.items():
        messages.labels(state).set(number)
    late = Gauge("tollwatch_outbox_overdue_seconds", "How long the oldest unsent one has been due.", registry=registry)
    late.set(overdue.total_seconds())


ROUTES = [Route("/metrics", metrics, methods=["GET"])]
