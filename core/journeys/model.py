"""What a rebuilt call is: its facts, its stages, the rings nobody took, and what is missing.

Tuples, because a history has millions of them and a frozen dataclass of this many fields costs twenty times as much.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a stage of a call is; the text of each stands under ``journeys.kind``."""

    ATTENDANT = "auto_attendant"
    AI_RECEPTIONIST = "ai_receptionist"
    QUEUE = "queue"
    HUNT_GROUP = "hunt_group"
    USER = "user"
    WORKSPACE = "workspace"
    EXTERNAL = "external"
    VOICEMAIL = "voicemail"
    PARK = "park"
    CALLBACK = "callback"
    SUPERVISOR = "supervisor"
    CONTACT_CENTER = "contact_center"
    PAGING = "paging"
    SERVICE = "service"


SERVICES = frozenset({Kind.ATTENDANT, Kind.AI_RECEPTIONIST, Kind.QUEUE, Kind.HUNT_GROUP})
"""Places that take a call in order to hand it on."""

PEOPLE = frozenset({Kind.USER, Kind.WORKSPACE, Kind.EXTERNAL, Kind.CALLBACK})
"""Stages at which an answer is a human answer."""

OUR_PEOPLE = (Kind.USER, Kind.WORKSPACE)
"""Stages at which one of our own people or workspaces answers."""

ATTENDANTS = frozenset({Kind.ATTENDANT, Kind.AI_RECEPTIONIST})


class Reason(StrEnum):
    """Why the call came to a stage; the text of each stands under ``journeys.reason``."""

    DIALLED = "dialled"
    ATTENDANT = "attendant"
    QUEUE = "queue"
    HUNT_GROUP = "hunt_group"
    OVERFLOW = "overflow"
    TRANSFER = "transfer"
    CONSULT_TRANSFER = "consult_transfer"
    CONSULT = "consult"
    FORWARD_ALWAYS = "forward_always"
    FORWARD_NO_ANSWER = "forward_no_answer"
    FORWARD_BUSY = "forward_busy"
    FORWARD_UNREACHABLE = "forward_unreachable"
    FORWARD_SELECTIVE = "forward_selective"
    FORWARD_SCHEDULE = "forward_schedule"
    FORWARD = "forward"
    SIMULTANEOUS_RING = "simultaneous_ring"
    SEQUENTIAL_RING = "sequential_ring"
    FIND_ME = "find_me"
    EXECUTIVE = "executive"
    PICKUP = "pickup"
    PARK = "park"
    PARK_RETRIEVE = "park_retrieve"
    RECALL = "recall"
    RETRIEVE = "retrieve"
    BARGE_IN = "barge_in"
    MONITORING = "monitoring"
    CALLBACK = "callback"
    AI_INTENT = "ai_intent"
    AI_DEFAULT = "ai_default"
    UNKNOWN = "unknown"


class Direction(StrEnum):
    """Where the call crossed the public network; tromboned came in and was sent out again."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"
    TROMBONED = "tromboned"


class Result(StrEnum):
    """How the call ended for the caller.

    ``abandoned_ringing`` is every call that rang and ended unanswered; ``overflowed`` left a queue for another
    destination where nobody answered either.
    """

    ANSWERED = "answered"
    VOICEMAIL = "voicemail"
    ABANDONED_ATTENDANT = "abandoned_attendant"
    ABANDONED_QUEUE = "abandoned_queue"
    ABANDONED_RINGING = "abandoned_ringing"
    BUSY = "busy"
    REFUSED = "refused"
    FAILED = "failed"
    OVERFLOWED = "overflowed"


class ReleasedBy(StrEnum):
    """Who ended the call: the caller, the party reached, a service of ours, or not known."""

    CALLER = "caller"
    CALLED = "called"
    SYSTEM = "system"
    UNKNOWN = "unknown"


class GapKind(StrEnum):
    """Which record a call should have and has not (yet)."""

    ORIGINATING = "missing_originating"
    TERMINATING = "missing_terminating"
    PARENT = "missing_parent"
    TRANSFER_PARTNER = "missing_transfer_partner"


class Gap(NamedTuple):
    """A record that others point to and that is not there; ``call_id`` is the Local call ID pointed to."""

    kind: GapKind
    call_id: str
    report_id: str
    at: datetime


class Ring(NamedTuple):
    """A phone that rang for this call and was not the one that took it."""

    name: str
    number: str
    uuid: str
    at: datetime
    seconds: float
    service: str
    reason: Reason
    elsewhere: bool
    report_id: str


class Stage(NamedTuple):
    """One place of the call. Instants are aware UTC; all ``seconds`` are inside the call and not negative.

    ``seconds`` is ``left - entered``; a person behind a queue or hunt group enters by answering, anybody else when
    the phone starts to ring. ``talk_seconds`` counts from the answer and contains ``hold_seconds``.
    ``source`` names the report id of the stage the call came from, empty for the first.
    """

    kind: Kind
    name: str
    number: str
    uuid: str
    entered: datetime
    left: datetime
    seconds: float
    ring_seconds: float
    talk_seconds: float
    hold_seconds: float
    answered: bool
    reason: Reason
    key: str
    report_id: str
    source: str


class Party(NamedTuple):
    """Somebody on a call: display name, number, person's or service's UUID; each may be empty."""

    name: str = ""
    number: str = ""
    uuid: str = ""

    @property
    def label(self) -> str:
        """What to call the party: the name, else the number."""
        return self.name or self.number


NOBODY = Party()


class Journey(NamedTuple):
    """One call, rebuilt from all its legs. Instants are aware UTC, times are seconds.

    ``journey_id`` is the Correlation ID of the member that started first, so that of two calls that turn out to be
    one the older id stays. ``report_ids`` names every leg that belongs to the call, also those that are no stage.
    ``entry`` is the trunk or network the call came in by. ``t_queues`` holds the wait in each queue in order.
    ``cost`` is what its legs to the public network cost by the table of tariffs, in dollars; ``None`` where none is.
    """

    journey_id: str
    correlation_ids: tuple[str, ...]
    interaction_ids: tuple[str, ...]
    report_ids: tuple[str, ...]
    started: datetime
    ended: datetime
    direction: Direction
    caller: Party
    called: Party
    entry: str
    location: str
    site_uuid: str
    org_uuid: str
    stages: tuple[Stage, ...]
    rings: tuple[Ring, ...]
    gaps: tuple[Gap, ...]
    t_aa: float | None
    t_queues: tuple[float, ...]
    t_agent: float | None
    ring_seconds: float
    talk_seconds: float
    hold_seconds: float
    final: Party
    result: Result
    overflowed: bool
    released_by: ReleasedBy
    cost: float | None = None

    @property
    def queues(self) -> tuple[str, ...]:
        """Names of the queues the call waited in, in order."""
        return tuple(stage.name or stage.number for stage in self.stages if stage.kind is Kind.QUEUE)

    @property
    def agents(self) -> tuple[str, ...]:
        """UUIDs of our people who answered, in order."""
        return tuple(stage.uuid for stage in self.stages if stage.kind in OUR_PEOPLE and stage.talk_seconds)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = -62_135_596_800_000_000
_LAST = 253_402_300_799_000_000


def instant(microseconds: int) -> datetime:
    """The aware UTC instant of microseconds since 1970; absurd values are held to the years 1 to 9999."""
    if _FIRST <= microseconds <= _LAST:
        return _EPOCH + timedelta(0, 0, microseconds)
    return _EPOCH + timedelta(0, 0, min(max(microseconds, _FIRST), _LAST))
