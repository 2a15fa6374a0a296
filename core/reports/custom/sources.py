"""The four sources: calls, alerts, tickets, recordings, each with what its own filter understands."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func

from core.alerts.filters import AlertFilter
from core.errors import InvalidInputError
from core.language import Language
from core.operators import clients, roster
from core.recordings.filters import RecordingFilter
from core.reports import alert_figures
from core.reports.custom.calls_source import CALLS
from core.reports.custom.row_source import Conditions, RowTable, counted, source, within
from core.reports.custom.seconds import seconds_between
from core.reports.custom.source import Field, Measure, Source
from core.reports.scene import Scene
from core.store.models.alerts import AlertRow
from core.store.models.recordings import RecordingRow
from core.store.models.tickets import TicketRow
from core.tickets.filters import Reader, TicketFilter

Filters = Mapping[str, tuple[str, ...]]


def _alerts(scene: Scene, filters: Filters) -> Conditions:
    found = AlertFilter.from_query(filters)
    asked = alert_figures.in_period(found, scene.period) if not found.states else _alerts_of_states(scene, filters)
    return asked.where(scene.now)


def _alerts_of_states(scene: Scene, filters: Filters) -> AlertFilter:
    bounds = {"since": [scene.period.since.isoformat()], "until": [scene.period.until.isoformat()], "muted": ["all"]}
    return AlertFilter.from_query({**filters, **bounds})


def _alert_clauses(filters: Filters, language: Language) -> Sequence[str]:
    return [clause for _, clause in AlertFilter.from_query(filters).clauses(language)]


def _tickets(scene: Scene, filters: Filters) -> Conditions:
    found = TicketFilter.from_query({**filters, "view": ["all"]})
    return within(scene, found).where(Reader(scene.now))


def _ticket_clauses(filters: Filters, language: Language) -> Sequence[str]:
    return [clause for _, clause in TicketFilter.from_query(filters).clauses(language)]


def _recordings(scene: Scene, filters: Filters) -> Conditions:
    return within(scene, RecordingFilter.from_query(filters)).where(scene.now)


def _recording_clauses(filters: Filters, language: Language) -> Sequence[str]:
    return [clause for _, clause in RecordingFilter.from_query(filters).clauses(language)]


ALERTS = source(
    RowTable(AlertRow.emitted_at, AlertRow.id, _alerts, _alert_clauses),
    "alerts",
    "alerts.view",
    fields=(
        Field("id", AlertRow.public_id, groups=False),
        Field("raised_at", AlertRow.emitted_at, "instant", groups=False),
        Field("severity", AlertRow.severity, words="alerts.severities"),
        Field("state", AlertRow.state, words="alerts.states"),
        Field("verdict", AlertRow.verdict, words="alerts.verdicts"),
        Field("rule", AlertRow.alert_type, words="rules"),
        Field("entity_kind", AlertRow.entity_kind),
        Field("who", func.coalesce(func.nullif(AlertRow.entity_name, ""), AlertRow.entity)),
        Field("site", AlertRow.site),
        Field("destination_group", AlertRow.destination_group),
        Field("owner", AlertRow.owner),
        Field("resolved_by", AlertRow.resolved_by),
        Field("calls", AlertRow.evidence_count, "count", groups=False),
        Field("cost", AlertRow.cost, "money", groups=False),
        Field("first_seen", AlertRow.first_seen, "instant", groups=False),
        Field("last_seen", AlertRow.last_seen, "instant", groups=False),
        Field("acknowledged_at", AlertRow.acknowledged_at, "instant", groups=False),
        Field("resolved_at", AlertRow.resolved_at, "instant", groups=False),
    ),
    measures=(
        Measure("alerts", func.count()),
        Measure("open", counted(AlertRow.is_open.is_(True))),
        Measure("true_positive", counted(AlertRow.verdict == "true_positive")),
        Measure("benign", counted(AlertRow.verdict == "benign")),
        Measure("cost", func.coalesce(func.sum(AlertRow.cost), 0.0), "money"),
        Measure("calls", func.coalesce(func.sum(AlertRow.evidence_count), 0)),
        Measure("entities", func.count(AlertRow.entity.distinct())),
        Measure("to_own", func.avg(seconds_between(AlertRow.created_at, AlertRow.acknowledged_at)), "seconds"),
        Measure("to_resolve", func.avg(seconds_between(AlertRow.created_at, AlertRow.resolved_at)), "seconds"),
    ),
    filters=("severity", "state", "rule", "site", "verdict", "owner"),
    usual_fields=("id", "raised_at", "severity", "rule", "who", "site", "state", "owner", "cost", "verdict"),
)
TICKETS = source(
    RowTable(TicketRow.created_at, TicketRow.id, _tickets, _ticket_clauses),
    "tickets",
    "tickets.view",
    fields=(
        Field("id", TicketRow.id, "count", groups=False),
        Field("created_at", TicketRow.created_at, "instant", groups=False),
        Field("title", TicketRow.title, groups=False),
        Field("priority", TicketRow.priority, words="tickets.priorities"),
        Field("state", TicketRow.state, words="tickets.states"),
        Field("source", TicketRow.source, words="tickets.sources"),
        Field("site", TicketRow.site),
        Field("operator_id", TicketRow.operator_id, "count", names=roster.names),
        Field("client_id", TicketRow.client_id, "count", names=clients.names),
        Field("requested_by", TicketRow.requested_by),
        Field("owned_at", TicketRow.owned_at, "instant", groups=False),
        Field("resolved_at", TicketRow.resolved_at, "instant", groups=False),
        Field("due_at", TicketRow.due_at, "instant", groups=False),
    ),
    measures=(
        Measure("tickets", func.count()),
        Measure("open", counted(TicketRow.is_open.is_(True))),
        Measure("resolved", counted(TicketRow.resolved_at.is_not(None))),
        Measure("unassigned", counted(TicketRow.operator_id.is_(None))),
        Measure("resolved_late", counted(TicketRow.resolved_at > TicketRow.resolve_due_at)),
        Measure("to_own", func.avg(seconds_between(TicketRow.created_at, TicketRow.owned_at)), "seconds"),
        Measure("to_resolve", func.avg(seconds_between(TicketRow.created_at, TicketRow.resolved_at)), "seconds"),
    ),
    filters=("state", "priority", "source", "site", "operator", "client"),
    usual_fields=("id", "created_at", "title", "priority", "state", "source", "site", "operator_id", "resolved_at"),
)
RECORDINGS = source(
    RowTable(RecordingRow.recorded_at, RecordingRow.id, _recordings, _recording_clauses),
    "recordings",
    "recordings.view",
    fields=(
        Field("id", RecordingRow.id, "count", groups=False),
        Field("recorded_at", RecordingRow.recorded_at, "instant", groups=False),
        Field("duration", RecordingRow.duration_seconds, "seconds", groups=False),
        Field("owner", RecordingRow.owner_name),
        Field("site", RecordingRow.site),
        Field("caller", RecordingRow.caller_number),
        Field("callee", RecordingRow.callee_number),
        Field("state", RecordingRow.state, words="recordings.states"),
        Field("language", RecordingRow.language),
        Field("summary_source", RecordingRow.summary_source, words="recordings_page.sources"),
        Field("sentiment", RecordingRow.sentiment_label, words="recordings_page.feelings"),
        Field("quality", RecordingRow.quality, "share", groups=False),
        Field("problem_step", RecordingRow.problem_step, words="recordings.steps"),
    ),
    measures=(
        Measure("recordings", func.count()),
        Measure("minutes", func.coalesce(func.sum(RecordingRow.duration_seconds), 0) / 60.0, "number"),
        Measure("average_length", func.avg(RecordingRow.duration_seconds), "seconds"),
        Measure("completed", counted(RecordingRow.state == "completed")),
        Measure("with_audio", counted(RecordingRow.audio_path != "")),
        Measure("with_transcript", counted(RecordingRow.cue_count > 0)),
        Measure("with_summary", counted(RecordingRow.summary_source != "")),
        Measure("negative", counted(RecordingRow.sentiment_label == "negative")),
        Measure("quality", func.avg(RecordingRow.quality), "share"),
    ),
    filters=("state", "site", "language", "sentiment"),
    usual_fields=("id", "recorded_at", "duration", "owner", "site", "state", "language", "sentiment"),
)

SOURCES: dict[str, Source] = {one.name: one for one in (CALLS, ALERTS, TICKETS, RECORDINGS)}


def source_of(name: str) -> Source:
    """One source. Raises ``InvalidInputError``."""
    found = SOURCES.get(name)
    if found is None:
        raise InvalidInputError(field="source", problem=name[:40] or "–")
    return found
