"""What the routes of visits take and give."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from core.calls.filter_terms import LONGEST_VALUE, MOST_VALUES
from core.language import Language
from core.store.models.visits import VisitRow, VisitTimelineRow
from core.visits.filters import VisitFilter
from core.visits.vocabulary import (
    LONGEST_MINUTES,
    LONGEST_NAME,
    LONGEST_NOTES,
    LONGEST_PLACE,
    LONGEST_REASON,
    LONGEST_TITLE,
    SHORTEST_MINUTES,
)
from core.web.api.parameters import LARGEST_ID
from core.web.paging import DEFAULT_LIMIT, LARGEST_LIMIT

Value = Annotated[str, Field(max_length=LONGEST_VALUE)]
Values = Annotated[list[Value], Field(max_length=MOST_VALUES)]
Number = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Minutes = Annotated[int, Field(ge=SHORTEST_MINUTES, le=LONGEST_MINUTES)]
Version = Annotated[int | None, Field(ge=1, description="The version the change was made from; 409 when it moved on.")]
Begin = Annotated[datetime, Field(description="ISO 8601 with its distance from UTC.")]
Zone = Annotated[str, Field(max_length=60, description="IANA time zone of the place, such as `America/Bogota`.")]
Place = Annotated[str, Field(max_length=LONGEST_PLACE)]


class FilterParameters(BaseModel):
    """Which visits. Parameters are combined with "and", the values of a repeated parameter with "or"."""

    model_config = ConfigDict(extra="forbid")

    state: Values = Field([], description="`scheduled`, `done`, `missed`, `cancelled`, or `overdue`: to be closed.")
    operator: Values = Field([], description="Number of an operator, or `me`.")
    client: Values = Field([], description="Number of a client.")
    ticket: Values = Field([], description="Number of a ticket.")
    site: Values = Field([], description="Name of a site.")
    q: Value | None = Field(None, description="Text in titles, clients, operators, places and ids.")
    when: Value | None = Field("all", description="`upcoming`: not ended yet, `past`, or `all` (default).")
    since: Value | None = Field(None, description="Beginning at or after, ISO 8601.")
    until: Value | None = Field(None, description="Beginning before, ISO 8601.")
    sort: Value | None = Field(None, description="`soonest` (default) or `latest`.")

    def filter(self) -> VisitFilter:
        """The filter meant. Raises ``InvalidInputError``."""
        given = {name: getattr(self, name) for name in FilterParameters.model_fields}
        return VisitFilter.from_query({name: value for name, value in given.items() if value})


class PageParameters(FilterParameters):
    """A page of the visits of a filter."""

    cursor: Annotated[str, Field(max_length=1024)] | None = Field(
        None, description="`next` or `previous` of an earlier answer."
    )
    limit: int = Field(DEFAULT_LIMIT, ge=1, le=LARGEST_LIMIT, description="Most items in one answer.")


class ClientIn(BaseModel):
    """Whom the visit is for: a client's number, or name and mail address of somebody else."""

    model_config = ConfigDict(extra="forbid")

    id: Number | None = None
    name: Annotated[str, Field(max_length=LONGEST_NAME)] = ""
    email: Annotated[str, Field(max_length=254)] = ""
    language: Language | None = None


class VisitIn(BaseModel):
    """A visit to be scheduled."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE)]
    starts_at: Begin
    minutes: Minutes = 60
    zone: Zone
    operator_id: Number
    client: ClientIn
    place: Place = ""
    site: Annotated[str, Field(max_length=LONGEST_NAME)] = ""
    notes: Annotated[str, Field(max_length=LONGEST_NOTES)] = ""
    ticket_id: Number | None = None


class MoveIn(BaseModel):
    """What is to be otherwise; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    starts_at: Begin | None = None
    minutes: Minutes | None = None
    zone: Zone | None = None
    operator_id: Number | None = None
    place: Place | None = None
    reason: Annotated[str, Field(max_length=LONGEST_REASON)] = ""
    version: Version = None


class CancelIn(BaseModel):
    """Why a visit is called off."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(max_length=LONGEST_REASON)] = ""
    version: Version = None


class FinishIn(BaseModel):
    """What came of a visit, or that it did not take place."""

    model_config = ConfigDict(extra="forbid")

    outcome: Annotated[str, Field(max_length=LONGEST_NOTES)] = ""
    missed: bool = False
    version: Version = None


class VisitOut(BaseModel):
    """A visit; instants are UTC. `concerns` are codes of what is awkward about it."""

    id: int
    public_id: str
    state: str
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    place: str
    site: str
    notes: str
    operator_id: int
    operator_name: str
    operator_email: str
    client_id: int | None
    client_name: str
    client_email: str
    client_language: str
    ticket_id: int | None
    concerns: list[str]
    outcome: str
    moves: int
    sequence: int
    uid: str
    ended_at: datetime | None
    version: int
    created_at: datetime
    created_by: str
    changed_at: datetime
    changed_by: str


class DeedOut(BaseModel):
    """One thing that happened to a visit."""

    at: datetime
    actor: str
    action: str
    from_state: str
    to_state: str
    reason: str
    detail: dict[str, Any]


class OneVisit(VisitOut):
    """A visit with what happened to it, newest first."""

    timeline: list[DeedOut]


def visit_fields(row: VisitRow) -> dict[str, Any]:
    """The fields of ``VisitOut``."""
    return {name: getattr(row, name) for name in VisitOut.model_fields}


def deed_out(row: VisitTimelineRow) -> DeedOut:
    """A row of the timeline, without the key by which a repetition is known."""
    fields = {name: getattr(row, name) for name in DeedOut.model_fields}
    detail = {name: value for name, value in row.detail.items() if name != "key"}
    return DeedOut(**{**fields, "detail": detail})
