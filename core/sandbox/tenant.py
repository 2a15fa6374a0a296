"""What the routes of the pretend cloud share: the organisation, its records, the tokens, the limits and the faults."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from starlette.requests import Request

from core.clock import Clock
from core.sandbox.abuse import Plan, draw_victim
from core.sandbox.archive import Archive, milliseconds
from core.sandbox.call_settings_book import CallSettingsBook
from core.sandbox.faults import Faults
from core.sandbox.founding import build_world
from core.sandbox.grants import GrantBook
from core.sandbox.incident_book import IncidentBook
from core.sandbox.limits import RequestLimits
from core.sandbox.obedience import obeyed
from core.sandbox.randomness import stream
from core.sandbox.traffic import Traffic
from core.sandbox.wire import WireError
from core.sandbox.world import World


class MovableClock:
    """Another clock, ahead of it by as much as the control API jumped."""

    def __init__(self, base: Clock) -> None:
        self._base = base
        self.ahead = timedelta()

    def now(self) -> datetime:
        return self._base.now() + self.ahead

    def monotonic(self) -> float:
        return self._base.monotonic() + self.ahead.total_seconds()

    def sleep(self, seconds: float) -> None:
        self._base.sleep(seconds)


@dataclass(frozen=True)
class TenantOptions:
    """How the pretend cloud is started.

    ``rate_scale`` shortens the minute of the request limits, ``life_scale`` the life of tokens; ``live_incidents``
    lets abuse happen by itself.
    """

    data_dir: Path
    seed: int = 7
    people: int = 180
    history_days: int = 30
    rate_scale: float = 1.0
    life_scale: float = 1.0
    live_incidents: bool = True


@dataclass
class Tenant:
    """One pretend organisation in its cloud."""

    options: TenantOptions
    clock: MovableClock
    world: World
    archive: Archive
    incidents: IncidentBook
    call_settings: CallSettingsBook
    grants: GrantBook
    limits: RequestLimits
    faults: Faults = field(default_factory=Faults)

    def authorise(self, request: Request, *scopes: str) -> str:
        """The bearer token of a request, if it lives and holds one of ``scopes``.

        Raises ``WireError`` 401 or 403 otherwise, and the failure that a test has set up for this path.
        """
        self.faults.check(request.url.path)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise WireError(401, "The request requires a valid access token set in the Authorization request header.")
        granted = self.grants.scopes_of(token) - frozenset(self.faults.missing_scopes.split())
        if scopes and not granted & frozenset(scopes):
            raise WireError(403, MISSING_SCOPE)
        return token


_WELCOME_BEGAN, _WELCOME_TOLD = timedelta(minutes=20), timedelta(minutes=3)
"""How long before the first opening the first attack began, and how long after it Webex tells of its first calls."""

MISSING_SCOPE = (
    "The server understood the request, but refused to fulfill it because the access token is missing required scopes "
    "or the user is missing required roles or licenses."
)


def open_tenant(options: TenantOptions, clock: Clock) -> Tenant:
    """Open the pretend organisation of ``options``, as it was left when its folder is not new."""
    movable = MovableClock(clock)
    folder = options.data_dir / "sandbox"
    folder.mkdir(parents=True, exist_ok=True)
    world = build_world(options.seed, options.people)
    traffic = Traffic(world)
    is_new = not (folder / "opened").exists()
    first_day = _first_day(folder / "opened", movable.now().astimezone(UTC).date())
    incidents = IncidentBook(folder / "incidents.json", traffic, first_day, options.live_incidents)
    if is_new and options.live_incidents:
        incidents.inject(_welcome(world, movable.now()))
    begin = first_day - timedelta(days=options.history_days)
    book = CallSettingsBook(folder / "call_settings.json", world, incidents, begin)
    return Tenant(
        options=options,
        clock=movable,
        world=world,
        archive=Archive(traffic, begin, incidents.around, partial(obeyed, book)),
        incidents=incidents,
        call_settings=book,
        grants=GrantBook(folder / "grants.json", movable, world.org_uuid, options.life_scale),
        limits=RequestLimits(movable, options.rate_scale),
    )


def _welcome(world: World, now: datetime) -> Plan:
    """An attack under way as the organisation is first opened, so that who looks on sees an alert come in."""
    victim = draw_victim(world, "irsf_burst", now.date(), stream(world.seed, "welcome"))
    began, told = milliseconds(now - _WELCOME_BEGAN), milliseconds(now + _WELCOME_TOLD)
    return Plan("irsf_burst", began, 1.0, victim, known_from=told)


def _first_day(path: Path, today: date) -> date:
    """The day this organisation was first opened; its history and its incidents count from there."""
    if not path.exists():
        path.write_text(today.isoformat(), encoding="utf-8")
    return date.fromisoformat(path.read_text(encoding="utf-8").strip())
