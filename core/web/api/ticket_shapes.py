"""What the routes of tickets take and give."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.language import Language
from core.store.models.tickets import TicketRow, TicketTimelineRow
from core.tickets import wording
from core.tickets.create import LONGEST_DESCRIPTION, LONGEST_TITLE, MOST_SKILLS
from core.tickets.figures import Promise, TicketStats, Took
from core.tickets.filters import TicketFilter
from core.tickets.links import LONGEST
from core.tickets.query import Whole
from core.tickets.timeline import LONGEST_COMMENT, LONGEST_REASON
from core.tickets.vocabulary import LinkKind, Priority, public_id
from core.tickets.work import Changes
from core.web.api.parameters import LARGEST_ID
from core.web.paging import DEFAULT_LIMIT, LARGEST_LIMIT

Value = Annotated[str, Field(max_length=200)]
Values = Annotated[list[Value], Field(max_length=100)]
Number = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Skills = Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=MOST_SKILLS)]
Title = Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE)]
Description = Annotated[str, Field(max_length=LONGEST_DESCRIPTION)]
Reason = Annotated[str, Field(max_length=LONGEST_REASON)]
Version = Annotated[int | None, Field(ge=1, description="The version the change was made from; 409 when it moved on.")]


class FilterParameters(BaseModel):
    """Which tickets. Parameters are combined with "and", the values of a repeated parameter with "or"."""

    model_config = ConfigDict(extra="forbid")

    view: Value | None = Field(None, description="`team` (open work, default), `mine`, `breaching`, `overdue`, `all`.")
    state: Values = Field([], description="`new`, `open`, `waiting`, `resolved`, `closed`, `merged`.")
    priority: Values = Field([], description="`low`, `medium`, `high`, `critical`.")
    source: Values = Field([], description="`alert`, `case`, `recording`, `watson`, `manual`.")
    operator: Values = Field([], description="Number of an operator, or `nobody`.")
    client: Values = Field([], description="Number of a client.")
    site: Values = Field([], description="Name of a site.")
    link: Value | None = Field(None, description="What it is about, such as `alert:17`.")
    q: Value | None = Field(None, description="Text in titles, descriptions, sites and numbers.")
    last: Value | None = Field(None, description="Made within, such as `24h` or `7d`.")
    since: Value | None = Field(None, description="Made at or after, ISO 8601.")
    until: Value | None = Field(None, description="Made before, ISO 8601.")
    sort: Value | None = Field(None, description="`due` (default), `priority`, `newest`, `changed`.")

    def filter(self) -> TicketFilter:
        """The filter meant. Raises ``InvalidInputError``."""
        given = {name: getattr(self, name) for name in FilterParameters.model_fields}
        return TicketFilter.from_query({name: value for name, value in given.items() if value})


class PageParameters(FilterParameters):
    """A page of the tickets of a filter."""

    cursor: Annotated[str, Field(max_length=1024)] | None = Field(
        None, description="`next` or `previous` of an earlier answer."
    )
    limit: int = Field(DEFAULT_LIMIT, ge=1, le=LARGEST_LIMIT, description="Most items in one answer.")


class LinkIn(BaseModel):
    """A thing a ticket is about: its kind, its number or id, and what people call it."""

    model_config = ConfigDict(extra="forbid")

    kind: LinkKind
    reference: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    label: Annotated[str, Field(max_length=LONGEST)] = ""


class TicketIn(BaseModel):
    """A ticket to be made. With `assign` it is given at once to the least loaded operator who fits."""

    model_config = ConfigDict(extra="forbid")

    title: Title
    description: Description = ""
    priority: Priority = "medium"
    client_id: Number | None = None
    site: Value = ""
    skills: Skills = []
    links: Annotated[list[LinkIn], Field(max_length=50)] = []
    watchers: Annotated[list[Value], Field(max_length=50)] = []
    assign: bool = False


class TicketChange(BaseModel):
    """What is to be otherwise; what is left out stays. All of it is done, or nothing.

    `operator_id` null takes the ticket from everybody; `assign` gives it to the least loaded operator who fits.
    """

    model_config = ConfigDict(extra="forbid")

    title: Title | None = None
    description: Description | None = None
    client_id: Annotated[int | None, Field(ge=0, le=LARGEST_ID, description="0 for no client.")] = None
    site: Value | None = None
    skills: Skills | None = None
    priority: Priority | None = None
    operator_id: Number | None = None
    assign: bool = False
    state: Literal["open", "waiting", "resolved", "closed"] | None = None
    waiting_until: Annotated[datetime | None, Field(description="ISO 8601 with its distance from UTC.")] = None
    resolution: Annotated[str, Field(max_length=LONGEST_COMMENT)] = ""
    reason: Reason = ""
    version: Version = None

    def changes(self) -> Changes | None:
        """The facts to be changed, if any are."""
        names = ("title", "description", "client_id", "site", "skills")
        told = {name: getattr(self, name) for name in names}
        return Changes(**told) if any(value is not None for value in told.values()) else None


class CommentIn(BaseModel):
    """A comment; plain text."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=LONGEST_COMMENT)]


class MergeIn(BaseModel):
    """The ticket it becomes part of, by number or `T-` with it."""

    model_config = ConfigDict(extra="forbid")

    into: Annotated[str, Field(min_length=1, max_length=20)]
    reason: Reason = ""
    version: Version = None


class TicketOut(BaseModel):
    """A ticket; instants are UTC. A due instant is null while its clock pauses: seconds left of it stand beside."""

    id: int
    public_id: str
    title: str
    priority: str
    state: str
    source: str
    client_id: int | None
    site: str
    skills: list[str]
    requested_by: str
    operator_id: int | None
    waiting_reason: str
    waiting_until: datetime | None
    merged_into_id: int | None
    created_at: datetime
    assigned_at: datetime | None
    owned_at: datetime | None
    resolved_at: datetime | None
    own_due_at: datetime | None
    resolve_due_at: datetime | None
    due_at: datetime | None
    own_left_seconds: int | None
    resolve_left_seconds: int | None
    version: int
    changed_at: datetime
    changed_by: str


class DeedOut(BaseModel):
    """One thing that happened to a ticket; `why` is the reason in words."""

    id: int
    at: datetime
    actor: str
    action: str
    from_state: str
    to_state: str
    why: str
    comment: str
    detail: dict[str, Any]


class LinkOut(BaseModel):
    """A thing a ticket is about."""

    kind: str
    reference: str
    label: str


class OneTicket(TicketOut):
    """A ticket with all that belongs to it; the timeline newest first."""

    description: str
    resolution: str
    links: list[LinkOut]
    watchers: list[str]
    merged: list[int]
    breach_probability: float | None
    timeline: list[DeedOut]


class TookOut(BaseModel):
    """How long something took by the clock on the wall, in seconds; null where nothing did."""

    median: float | None
    p90: float | None


class PromiseOut(BaseModel):
    """How many deadlines were kept and missed, and the share kept, 0 to 1."""

    kept: int
    missed: int
    share: float | None


class TicketStatsOut(BaseModel):
    """Figures of a filter."""

    total: int
    open: int
    unassigned: int
    overdue: int
    due_soon: int
    by_state: dict[str, int]
    by_priority: dict[str, int]
    by_source: dict[str, int]
    by_operator: dict[str, int]
    age: TookOut
    to_own: TookOut
    to_resolve: TookOut
    own: PromiseOut
    resolve: PromiseOut


def ticket_out(row: TicketRow, language: Language) -> TicketOut:
    """A ticket in the caller's language."""
    return TicketOut(**_fields(row, language))


def whole_out(found: Whole, language: Language) -> OneTicket:
    """A ticket with all that belongs to it."""
    row = found.ticket
    return OneTicket(
        **_fields(row, language),
        description=wording.description(row, language),
        resolution=row.resolution,
        links=[LinkOut(kind=one.kind, reference=one.reference, label=one.label) for one in found.links],
        watchers=found.watchers,
        merged=found.merged,
        breach_probability=found.prediction.probability if found.prediction else None,
        timeline=[deed_out(one, language) for one in found.timeline],
    )


def _fields(row: TicketRow, language: Language) -> dict[str, Any]:
    own = {"public_id": public_id(row.id), "title": wording.title(row, language)}
    return {name: getattr(row, name) for name in TicketOut.model_fields if name not in own} | own


def deed_out(row: TicketTimelineRow, language: Language) -> DeedOut:
    """A row of the timeline."""
    names = ("id", "at", "actor", "action", "from_state", "to_state", "comment", "detail")
    why = wording.why(row.reason, row.detail, language)
    return DeedOut(**{name: getattr(row, name) for name in names}, why=why)


def stats_out(found: TicketStats) -> TicketStatsOut:
    """The figures as JSON has them: operators by their number as text."""
    told = dict(vars(found))
    told["by_operator"] = {str(number): count for number, count in found.by_operator.items()}
    for name, value in vars(found).items():
        if isinstance(value, Took):
            told[name] = TookOut(median=value.median, p90=value.p90)
        elif isinstance(value, Promise):
            told[name] = PromiseOut(kept=value.kept, missed=value.missed, share=value.share)
    return TicketStatsOut(**told)
