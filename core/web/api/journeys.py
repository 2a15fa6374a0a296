"""Call journeys for programs: one call, rebuilt from its records as they stand."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from core.calls.filter_terms import LONGEST_VALUE
from core.journeys.lookup import JourneyLookup
from core.journeys.model import Direction, GapKind, Kind, Reason, ReleasedBy, Result
from core.journeys.written import journey_json
from core.web.api.parameters import Opened
from core.web.identity import Caller, require

router = APIRouter(tags=["journeys"])

Viewer = Annotated[Caller, Depends(require("journeys.view"))]


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
    return journey_json(JourneyLookup(services.calls).one(call_id, day).journey, caller.language)
