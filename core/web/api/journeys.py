"""Call journeys for programs: lists of rebuilt calls, and one call rebuilt from its records as they stand."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from core.calls.filter_terms import LONGEST_SECONDS, LONGEST_VALUE, MOST_VALUES
from core.detection import tariffs
from core.journeys.filters import JourneyFilter
from core.journeys.lookup import JourneyLookup
from core.journeys.model import Direction, GapKind, Kind, Reason, ReleasedBy, Result
from core.journeys.query import MOST_ON_A_PAGE, JourneyQueries
from core.journeys.statistics import DEFAULT_THRESHOLD, JourneyStatistics
from core.journeys.update import open_journeys
from core.journeys.written import journey_json
from core.web.api.parameters import Opened
from core.web.identity import Caller, require
from core.web.paging import DEFAULT_LIMIT, Paged

router = APIRouter(tags=["journeys"])

Viewer = Annotated[Caller, Depends(require("journeys.view"))]
Value = Annotated[str, Field(max_length=LONGEST_VALUE)]
Values = Annotated[list[Value], Field(max_length=MOST_VALUES)]
Seconds = Annotated[int, Field(ge=0, le=LONGEST_SECONDS)]


class ListParameters(BaseModel):
    """Which calls; without a period those of the last 24 hours. Parameters are combined with "and", the values of a
    repeated parameter with "or"."""

    model_config = ConfigDict(extra="forbid")

    last: Value | None = Field(None, description="Relative period: hours or days such as `24h`, `7d`; or `all`.")
    since: Value | None = Field(None, description="First start of a call, ISO 8601; UTC unless it says otherwise.")
    until: Value | None = Field(None, description="Start before which, ISO 8601.")
    result: Annotated[list[Result], Field(max_length=len(Result))] = Field([], description="How the call ended.")
    direction: Annotated[list[Direction], Field(max_length=len(Direction))] = Field([])
    queue: Values = Field([], description="Name of a queue the call waited in.")
    agent: Values = Field([], description="UUID of a person who answered.")
    site: Values = Field([], description="UUID of a site.")
    number: Value | None = Field(None, description="Beginning of the number or extension of anybody on the call.")
    trunk: Values = Field([], description="Trunk or network the call came in by.")
    overflowed: bool | None = Field(None, description="Whether it left a queue for another destination.")
    min_attendant: Seconds | None = Field(None, description="Shortest stay at attendants.")
    min_wait: Seconds | None = Field(None, description="Shortest wait in queues.")
    max_wait: Seconds | None = Field(None, description="Longest wait in queues.")
    min_ring: Seconds | None = Field(None, description="Shortest ringing.")
    min_agent: Seconds | None = Field(None, description="Shortest time with our people.")
    min_talk: Seconds | None = Field(None, description="Shortest talk.")
    max_talk: Seconds | None = Field(None, description="Longest talk.")
    cursor: Annotated[str, Field(max_length=1024)] | None = Field(
        None, description="`next` or `previous` of an earlier answer."
    )
    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MOST_ON_A_PAGE, description="Most items in one answer.")

    def filter(self, now: datetime) -> JourneyFilter:
        """The filter meant at ``now`` (aware). Raises ``InvalidInputError``."""
        told = self.model_dump(exclude_none=True, exclude={"cursor", "limit", "threshold"}, mode="json")
        query = {
            name: [str(one) for one in (value if isinstance(value, list) else [value])] for name, value in told.items()
        }
        return JourneyFilter.from_query(query).resolved(now)


class StageAnswer(BaseModel):
    """One place the call came to. Instants UTC; a person behind a queue or hunt group enters by answering."""

    kind: Kind
    name: str
    number: str
    uuid: str
    entered: str
    left: str
    seconds: float
    ring_seconds: float
    talk_seconds: float = Field(description="From the answer; holds `hold_seconds`.")
    hold_seconds: float
    answered: bool
    reason: Reason = Field(description="Why the call came here.")
    key: str = Field(description="Last key pressed at an attendant.")
    report_id: str
    source: str = Field(description="Report ID of the stage the call came from; empty for the first.")


class RingAnswer(BaseModel):
    """A phone that rang for the call and did not take it."""

    name: str
    number: str
    uuid: str
    at: str
    seconds: float
    service: str = Field(description="The queue, group or person on whose behalf it rang.")
    reason: Reason
    elsewhere: bool = Field(description="Whether another phone took the call.")
    report_id: str


class GapAnswer(BaseModel):
    """A record that others point to and that is not there."""

    kind: GapKind
    call_id: str = Field(description="The Local call ID pointed to.")
    report_id: str = Field(description="The record that points to it.")
    at: str


class JourneyAnswer(BaseModel):
    """One call. Times are seconds, instants UTC; what is not known is `null`.

    A call through several queues has `t_queue_2` and so on after `t_queue_1`. Talk is that of people: attendants,
    queues and voicemail do not count.
    """

    model_config = ConfigDict(extra="allow")

    journey_id: str
    correlation_ids: list[str]
    report_ids: list[str]
    started: str
    ended: str
    direction: Direction
    caller: str | None
    caller_name: str | None
    called: str | None
    called_name: str | None
    route: str = Field(description="The way of the call in one line, in the caller's language.")
    stages: list[StageAnswer]
    t_aa: float | None
    t_queue_1: float | None
    t_agent: float | None
    ring_seconds: float
    talk_seconds: float
    hold_seconds: float
    final_party: str | None
    final_party_number: str | None
    final_party_uuid: str | None
    result: Result
    overflowed: bool
    released_by: ReleasedBy
    rings: list[RingAnswer]
    gaps: list[GapAnswer]
    cost: float | None


@router.get("/journeys")
def journeys(services: Opened, caller: Viewer, asked: Annotated[ListParameters, Query()]) -> Paged[JourneyAnswer]:
    """The calls of a filter, newest first, as the job last rebuilt them."""
    page = JourneyQueries(open_journeys(services)).page(asked.filter(services.clock.now()), asked.cursor, asked.limit)
    return Paged(
        items=[JourneyAnswer.model_validate(journey_json(one, caller.language)) for one in page.journeys],
        next=page.next,
        previous=page.previous,
    )


class QueueAnswer(BaseModel):
    """One queue or hunt group; waits are seconds of all calls offered, shares go from 0 to 1."""

    queue: str
    kind: Kind
    offered: int
    answered: int
    abandoned: int
    overflowed: int = Field(description="Went on to another place, or to voicemail, unanswered.")
    callbacks: int
    in_time: int = Field(description="Answered within the threshold.")
    wait_p50: float | None
    wait_p90: float | None
    wait_p95: float | None
    longest: float | None
    missed: int = Field(description="Phones that rang in vain while no other took the call.")
    service_level: float | None
    abandoned_share: float | None


class AgentAnswer(BaseModel):
    """One of our people, over the calls of the filter that they answered or that rang them in vain."""

    agent: str
    name: str
    answered: int
    from_queues: int
    missed: int
    elsewhere: int = Field(description="Rings that another phone took.")
    talk_seconds: float
    hold_seconds: float
    ring_seconds: float | None = Field(description="Mean ringing until the answer.")


class QueueParameters(ListParameters):
    """Which calls, and within how many seconds they should be answered."""

    threshold: Seconds = Field(DEFAULT_THRESHOLD, description="Seconds within which calls should be answered.")


@router.get("/journeys/stats/queues")
def queue_figures(services: Opened, _caller: Viewer, asked: Annotated[QueueParameters, Query()]) -> list[QueueAnswer]:
    """Figures of each queue and hunt group over the calls of a filter, busiest first."""
    statistics = JourneyStatistics(open_journeys(services))
    found = statistics.queues(asked.filter(services.clock.now()), asked.threshold)
    return [QueueAnswer.model_validate(one, from_attributes=True) for one in found]


@router.get("/journeys/stats/agents")
def agent_figures(services: Opened, _caller: Viewer, asked: Annotated[ListParameters, Query()]) -> list[AgentAnswer]:
    """Figures of each person who took or missed calls of queues and groups, busiest first."""
    found = JourneyStatistics(open_journeys(services)).agents(asked.filter(services.clock.now()))
    return [AgentAnswer.model_validate(one, from_attributes=True) for one in found]


@router.get("/journeys/{call_id}", response_model=JourneyAnswer)
def journey(
    services: Opened,
    caller: Viewer,
    call_id: Annotated[
        str,
        Path(max_length=LONGEST_VALUE, description="Id of the call, a Correlation ID, Interaction ID or Report ID."),
    ],
    day: Annotated[date | None, Query(description="UTC day of the call, where known; saves a search.")] = None,
) -> dict[str, Any]:
    """The call that a record or id belongs to, rebuilt from its records as they stand."""
    with services.database.read() as session:
        tariff = tariffs.tariff(session)
    return journey_json(JourneyLookup(services.calls, tariff).one(call_id, day).journey, caller.language)
