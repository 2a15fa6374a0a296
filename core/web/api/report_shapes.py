"""What the routes of reports and dashboards take and give."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.errors import InvalidInputError
from core.language import LANGUAGES, Language
from core.notify.kinds import MOST_RECIPIENTS
from core.reports import periods
from core.reports.document import Figure, Picture
from core.reports.due import LONGEST_CRON
from core.reports.order import DEFAULT_PERIOD, ReportOrder
from core.reports.registry import LONGEST_VALUE, MOST_VALUES, Report, report
from core.reports.runs import LONGEST_NAME
from core.reports.schedules import Schedule
from core.store.models.reports import ReportRunRow, ReportScheduleRow
from core.web.api.parameters import LARGEST_ID

Value = Annotated[str, Field(max_length=LONGEST_VALUE)]
Values = Annotated[list[Value], Field(max_length=MOST_VALUES)]
FormatName = Literal["html", "xlsx", "csv", "json", "parquet"]
KindName = Literal["calls", "tickets", "operators", "alerts", "recordings"]
Zone = Annotated[str, Field(max_length=64)]

_PERIODS = ", ".join(f"`{name}`" for name in periods.NAMES)


class PeriodParameters(BaseModel):
    """Which stretch of time, by which clock."""

    model_config = ConfigDict(extra="forbid")

    period: Value = Field(DEFAULT_PERIOD, description=f"{_PERIODS}; `since` and `until` win.")
    since: Value | None = Field(None, description="First instant or day, ISO 8601, by the clock of `time_zone`.")
    until: Value | None = Field(None, description="Instant before which, or last day, ISO 8601.")
    time_zone: Zone = Field("UTC", description="IANA zone whose days and hours are meant, such as `America/Bogota`.")

    def order(self, kind: str, parameters: Mapping[str, list[str]]) -> ReportOrder:
        """The order meant. Raises ``InvalidInputError``."""
        known = {parameter.name for parameter in report(kind).parameters}
        if unknown := sorted(set(parameters) - known):
            raise InvalidInputError(field=unknown[0][:40], problem="?")
        given = {"report": [kind], "period": [self.period], **parameters}
        given |= {name: [value] for name, value in (("since", self.since), ("until", self.until)) if value}
        return ReportOrder.from_query(given, self.time_zone)


class ReportParameters(PeriodParameters):
    """A report: its period, what it is narrowed to (each kind takes some of these), and the form."""

    site: Values = Field([], description="Name of a location. All kinds.")
    direction: Values = Field([], description="`ORIGINATING` or `TERMINATING`. Calls.")
    country: Values = Field([], description="ISO 3166-1 alpha-2. Calls.")
    outcome: Values = Field([], description="How a leg ended, such as `answered`. Calls.")
    international: Values = Field([], description="`yes` or `no`. Calls.")
    severity: Values = Field([], description="`low` to `critical`. Alerts.")
    rule: Values = Field([], description="Detector or alert type. Alerts.")
    verdict: Values = Field([], description="`true_positive`, `benign`, `duplicate`, `tuned`. Alerts.")
    state: Values = Field([], description="Tickets and recordings.")
    priority: Values = Field([], description="`low` to `critical`. Tickets and operators.")
    source: Values = Field([], description="Where a ticket came from. Tickets.")
    sentiment: Values = Field([], description="Recordings.")
    format: FormatName = Field("json", description="`csv` and `parquet` hold one table, see `table`.")
    table: Value = Field("", description="Only this table; by default all, in `csv` and `parquet` the last.")
    language: Language | None = Field(None, description="Of titles and words; by default the caller's.")

    def parameters(self) -> dict[str, list[str]]:
        """What the report is narrowed to."""
        own = set(ReportParameters.model_fields) - set(PeriodParameters.model_fields) - {"format", "table", "language"}
        return {name: list(values) for name in sorted(own) if (values := getattr(self, name))}


class CustomReport(PeriodParameters):
    """A report put together: `fields` are listed, or `measures` are told by each of `group`."""

    of: Literal["calls", "alerts", "tickets", "recordings"] = "calls"
    fields: Values = Field([], description="Columns of rows, newest first.")
    group: Annotated[list[Value], Field(max_length=3)] = Field([], description="Fields or times, such as `day`.")
    measures: Annotated[list[Value], Field(max_length=8)] = Field([], description="Numbers of each group.")
    filters: dict[Value, Values] = Field({}, max_length=20, description="Values by name of the source's filter.")
    sort: Value = Field("", description="A group or measure; `-` before it turns its order around.")
    limit: int | None = Field(None, ge=1, le=100_000, description="Most rows.")
    format: FormatName = "json"
    language: Language | None = None

    def parameters(self) -> dict[str, list[str]]:
        """The order's parameters. Raises ``InvalidInputError`` for a filter that has the name of something else."""
        given: dict[str, list[str]] = {"of": [self.of], "fields": self.fields, "group": self.group}
        given |= {"measures": self.measures, "sort": [self.sort] if self.sort else []}
        given["limit"] = [str(self.limit)] if self.limit else []
        for name, values in self.filters.items():
            if name in given or name in PeriodParameters.model_fields or name == "report":
                raise InvalidInputError(field=f"filters.{name}"[:40], problem="?")
            given[name] = values
        return {name: list(values) for name, values in given.items() if values}


class AnalyticsParameters(PeriodParameters):
    """A dataset over a period."""

    dataset: Literal["calls_hourly", "calls", "alerts", "tickets", "recordings"] = "calls_hourly"
    format: Literal["json", "csv", "parquet"] = "json"
    limit: int = Field(100_000, ge=1, le=100_000, description="Most rows, newest first.")


class FigureOut(BaseModel):
    """A figure; `before` is the period before or, of a dashboard, yesterday by now. `share` is 0 to 1."""

    name: str
    title: str
    kind: str
    value: float | None
    before: float | None


class SeriesOut(BaseModel):
    """The values of one name, one for each label."""

    title: str
    values: list[float]


class ChartOut(BaseModel):
    """A picture's data; labels are instants (UTC) or names."""

    name: str
    title: str
    form: str
    kind: str
    labels: list[str]
    series: list[SeriesOut]


class ParameterOut(BaseModel):
    """Something a report can be narrowed down to; `values` where only some are taken."""

    name: str
    values: list[str]


class KindOut(BaseModel):
    """A kind of report."""

    name: str
    title: str
    about: str
    parameters: list[ParameterOut]


class ScheduleIn(BaseModel):
    """A report made again and again; `period` is told from each due instant."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    report: Literal["calls", "tickets", "operators", "alerts", "recordings", "custom"]
    parameters: dict[Value, Values] = Field({}, max_length=30)
    period: Value = Field("last_week", description=_PERIODS)
    cron: str = Field(max_length=LONGEST_CRON, description="Five fields by the clock of `time_zone`; Sunday is 0.")
    time_zone: Zone = "UTC"
    formats: Annotated[list[FormatName], Field(min_length=1, max_length=5)] = ["html", "xlsx"]
    language: Language = LANGUAGES[0]
    recipients: Annotated[list[Value], Field(max_length=MOST_RECIPIENTS)] = []

    def schedule(self) -> Schedule:
        """The schedule meant. Raises ``InvalidInputError``."""
        order = ReportOrder.stored(self.report, self.period, self.parameters)
        return Schedule(
            self.name, order, self.cron, self.time_zone, tuple(self.formats), self.language, tuple(self.recipients)
        )


class ScheduleChange(ScheduleIn):
    """What a schedule says from now on, and whether it rests."""

    paused: bool = False
    version: int | None = Field(None, ge=1, le=LARGEST_ID, description="The one it is based on; else the newest.")


class ScheduleOut(BaseModel):
    """A schedule; `next_at` is null while it rests."""

    id: int
    name: str
    report: str
    parameters: dict[str, Any]
    period: str
    cron: str
    time_zone: str
    formats: list[str]
    language: str
    recipients: list[str]
    next_at: datetime | None
    changed_at: datetime
    changed_by: str
    version: int


class FileOut(BaseModel):
    """A file of a report; fetch it as `/reports/history/{id}/files/{format}`."""

    format: str
    name: str
    bytes: int
    sha256: str


class RunOut(BaseModel):
    """A report made or to be made; `done` of `total` files are written."""

    id: int
    schedule_id: int | None
    name: str
    report: str
    parameters: dict[str, Any]
    since: datetime
    until: datetime
    time_zone: str
    language: str
    state: str
    done: int
    total: int
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None
    files: list[FileOut]
    error_code: str | None


class RunIn(PeriodParameters):
    """A report to be made in the background and kept."""

    report: Literal["calls", "tickets", "operators", "alerts", "recordings", "custom"]
    parameters: dict[Value, Values] = Field({}, max_length=30)
    formats: Annotated[list[FormatName], Field(min_length=1, max_length=5)] = ["html", "xlsx"]
    language: Language | None = None


def figure_out(figure: Figure) -> FigureOut:
    """A figure as routes give it."""
    return FigureOut(name=figure.name, title=figure.title, kind=figure.kind, value=figure.value, before=figure.before)


def chart_out(picture: Picture) -> ChartOut:
    """A picture as routes give it."""
    labels = [
        at.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(at, datetime) else at
        for at in picture.labels
    ]
    series = [SeriesOut(title=one.title, values=list(one.values)) for one in picture.series]
    return ChartOut(
        name=picture.name, title=picture.title, form=picture.form, kind=picture.kind, labels=labels, series=series
    )


def kind_out(kind: Report, language: Language) -> KindOut:
    """A kind of report as routes give it."""
    parameters = [ParameterOut(name=one.name, values=list(one.closed)) for one in kind.parameters]
    return KindOut(name=kind.name, title=kind.title(language), about=kind.about(language), parameters=parameters)


def schedule_out(row: ReportScheduleRow) -> ScheduleOut:
    """A schedule as routes give it."""
    told = {name: getattr(row, name) for name in ScheduleOut.model_fields if name != "report"}
    return ScheduleOut(**told, report=row.kind)


def run_out(row: ReportRunRow) -> RunOut:
    """A report of the history as routes give it."""
    told = {name: getattr(row, name) for name in RunOut.model_fields if name not in ("report", "files")}
    return RunOut(**told, report=row.kind, files=[FileOut(**file) for file in row.files])
