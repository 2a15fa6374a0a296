"""What the routes of alerts and cases take and give."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.alerts import explain
from core.alerts.filters import AlertFilter
from core.alerts.manual import LONGEST_DESCRIPTION, LONGEST_TITLE, MOST_EVIDENCE
from core.alerts.work import LONGEST_NOTES
from core.calls.filter_terms import LONGEST_VALUE, MOST_VALUES
from core.language import Language
from core.store.models.alerts import AlertRow, CaseRow, TimelineRow
from core.web.paging import DEFAULT_LIMIT, LARGEST_LIMIT

Value = Annotated[str, Field(max_length=LONGEST_VALUE)]
Values = Annotated[list[Value], Field(max_length=MOST_VALUES)]
Version = Annotated[
    int | None, Field(ge=1, description="The version the change was made from; 409 when somebody else decided since.")
]


class FilterParameters(BaseModel):
    """Which alerts; by default those not closed. Parameters are combined with "and", the values of a repeated
    parameter with "or"."""

    model_config = ConfigDict(extra="forbid")

    state: Values = Field([], description="`open`, `investigating`, `resolved`, or `open_work` for the first two.")
    status: Values = Field([], description="As `state`.")
    severity: Values = Field([], description="`LOW`, `MEDIUM`, `HIGH`, `CRITICAL`.")
    owner: Value | None = Field(None, description="A name, `me` or `nobody`.")
    rule: Values = Field([], description="Detector or alert type.")
    alert_type: Values = Field([], description="As `rule`.")
    site: Values = Field([], description="Name of a location.")
    kind: Value | None = Field(None, description="`user`, `location`, `org` or `number`.")
    entity: Value | None = Field(None, description="Identifier of the user, location or number.")
    user_id: Value | None = Field(None, description="As `entity` of a user.")
    verdict: Values = Field([], description="`true_positive`, `benign`, `duplicate`, `tuned`.")
    q: Value | None = Field(None, description="Text in names, titles, sites and ids.")
    muted: Value | None = Field(None, description="`hide` (default), `only` or `all`.")
    last: Value | None = Field(None, description="Raised in the last hours or days such as `24h`, `7d`; or `all`.")
    since: Value | None = Field(None, description="Raised at or after, ISO 8601.")
    until: Value | None = Field(None, description="Raised before, ISO 8601.")

    def filter(self, **more: str) -> AlertFilter:
        """The filter meant. Raises ``InvalidInputError``."""
        given = {name: getattr(self, name) for name in FilterParameters.model_fields}
        asked = {name: value for name, value in given.items() if value} | {k: v for k, v in more.items() if v}
        asked["state"] = [*asked.pop("state", []), *asked.pop("status", [])]
        asked["rule"] = [*asked.pop("rule", []), *asked.pop("alert_type", [])]
        if user := asked.pop("user_id", None):
            asked |= {"kind": "user", "entity": user}
        return AlertFilter.from_query(asked)


class PageParameters(FilterParameters):
    """A page of the alerts of a filter."""

    sort: Value | None = Field(None, description="`severity` (worst first, default), `newest` or `cost`.")
    cursor: Annotated[str, Field(max_length=1024)] | None = Field(
        None, description="`next` or `previous` of an earlier answer."
    )
    limit: int = Field(DEFAULT_LIMIT, ge=1, le=LARGEST_LIMIT, description="Most items in one answer.")
    page: int | None = Field(None, ge=1, le=10_000, description="Number of the page, instead of `cursor`.")
    page_size: int | None = Field(None, ge=1, le=LARGEST_LIMIT, description="As `limit`.")

    def size(self) -> int:
        """Most items asked for."""
        return self.page_size or self.limit

    def skipped(self) -> int:
        """Items before the numbered page."""
        return ((self.page or 1) - 1) * self.size()


class AlertOut(BaseModel):
    """An alert; instants are UTC, cost in US dollars, `user_id` only where it is about a user."""

    id: int
    public_id: str
    alert_type: str
    severity: str
    status: str
    title: str
    description: str
    user_id: str | None
    entity_kind: str
    entity: str
    entity_name: str
    site: str
    owner: str
    calls: int
    cost: float
    emitted_at: datetime
    first_seen: datetime
    last_seen: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str
    resolved_at: datetime | None
    resolved_by: str
    verdict: str
    resolution_notes: str
    muted_until: datetime | None
    is_manual: bool
    is_backfilled: bool
    case_id: int
    version: int
    changed_at: datetime
    changed_by: str


class EvidenceOut(BaseModel):
    """A call record an alert rests on: open it as `/cdr/{report_id}` and its call as `/journeys/{report_id}`."""

    report_id: str
    correlation_id: str
    started_at: datetime | None


class OneAlert(AlertOut):
    """An alert with why it was raised, in words and figures, and what it rests on.

    `ai_analysis` is Claude's newest view, `null` where nobody asked for one.
    """

    written_explanation: str
    ai_analysis: dict[str, Any] | None
    explanation: dict[str, Any]
    evidence: list[EvidenceOut]


class NewAlert(BaseModel):
    """What somebody or another system saw."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=LONGEST_TITLE)
    severity: Value
    alert_type: str = Field("manual", max_length=60)
    user_id: str | None = Field(None, max_length=200, description="UUID of the user it is about.")
    entity_kind: Literal["user", "location", "org", "number"] | None = None
    entity: str | None = Field(None, max_length=200)
    entity_name: str = Field("", max_length=200)
    site: str = Field("", max_length=200)
    description: str = Field("", max_length=LONGEST_DESCRIPTION)
    evidence: Annotated[list[Value], Field(max_length=MOST_EVIDENCE)] = Field([], description="Report IDs of calls.")


class AlertChange(BaseModel):
    """What to change; what is left out stays. Closing takes `status` `resolved` with `verdict` and notes."""

    model_config = ConfigDict(extra="forbid")

    version: Version = None
    status: Literal["open", "investigating", "resolved"] | None = None
    verdict: str = Field("", max_length=20)
    resolution_notes: str = Field("", max_length=LONGEST_NOTES)
    owner: str | None = Field(None, max_length=200, description="A name; empty gives it back.")
    acknowledged: Literal[True] | None = None
    comment: str = Field("", max_length=LONGEST_NOTES)


class CommentIn(BaseModel):
    """A comment for the timeline."""

    text: str = Field(min_length=1, max_length=LONGEST_NOTES)


class TimelineOut(BaseModel):
    """One thing that happened to an alert."""

    id: int
    at: datetime
    actor: str
    action: str
    from_state: str
    to_state: str
    reason: str
    comment: str
    detail: dict[str, Any]


class StatsOut(BaseModel):
    """Figures of a filter. Seconds are medians of alerts raised live; `precision` is the share of true positives
    among those judged."""

    total: int
    by_severity: dict[str, int]
    by_status: dict[str, int]
    by_type: dict[str, int]
    by_verdict: dict[str, int]
    unowned: int
    cost_at_risk: float
    seconds_to_own: float | None
    seconds_to_resolve: float | None
    precision: float | None


class CaseOut(BaseModel):
    """Alerts of one entity within a day."""

    id: int
    public_id: str
    entity_kind: str
    entity: str
    entity_name: str
    site: str
    state: str
    severity: str
    alerts: int
    cost: float
    opened_at: datetime
    last_at: datetime


class OneCase(CaseOut):
    """A case with its alerts, oldest first."""

    items: list[AlertOut]


def alert_out(row: AlertRow, language: Language) -> AlertOut:
    """An alert as a list shows it."""
    return AlertOut(**alert_fields(row, language))


def alert_fields(row: AlertRow, language: Language) -> dict[str, Any]:
    """The fields of ``AlertOut``."""
    fields = {name: getattr(row, name) for name in AlertOut.model_fields if hasattr(row, name)}
    return fields | {
        "severity": row.severity.upper(),
        "status": row.state,
        "title": explain.title(row, language),
        "description": row.description or explain.summary(row, language, UTC),
        "user_id": row.entity if row.entity_kind == "user" else None,
        "calls": row.evidence_count,
        "cost": round(row.cost, 2),
    }


def timeline_out(row: TimelineRow) -> TimelineOut:
    """One thing that happened."""
    return TimelineOut(**{name: getattr(row, name) for name in TimelineOut.model_fields})


def case_fields(row: CaseRow) -> dict[str, Any]:
    """The fields of ``CaseOut``."""
    told = {name: getattr(row, name) for name in CaseOut.model_fields}
    return told | {"severity": row.severity.upper(), "cost": round(row.cost, 2)}
