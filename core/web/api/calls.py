"""Call records for programs: lists, one record, figures of a filter, and the filter as a file."""

import json
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from core.calls.call_counts import CallAggregate
from core.calls.export import READABLE_COLUMNS, Format
from core.calls.export_link import ExportOrder
from core.calls.filter_terms import LONGEST_VALUE, MOST_VALUES, InvalidFilterError
from core.calls.filters import CallFilter
from core.calls.query import CallQueries
from core.calls.summaries import GROUPS, Histogram, TopRow
from core.services import Services
from core.web.api.parameters import Opened
from core.web.exports import stream_export
from core.web.identity import Caller, require
from core.web.paging import DEFAULT_LIMIT, LARGEST_LIMIT, Paged

router = APIRouter(tags=["calls"])

Viewer = Annotated[Caller, Depends(require("calls.view"))]
Exporter = Annotated[Caller, Depends(require("calls.export"))]
Value = Annotated[str, Field(max_length=LONGEST_VALUE)]
Values = Annotated[list[Value], Field(max_length=MOST_VALUES)]
Columns = Annotated[list[Value], Field(max_length=200)]


class FilterParameters(BaseModel):
    """Which records; without a period those of the last 24 hours. Parameters are combined with "and", the values of
    a repeated parameter with "or"."""

    model_config = ConfigDict(extra="forbid")

    last: Value | None = Field(None, description="Relative period: hours or days such as `24h`, `7d`; or `all`.")
    since: Value | None = Field(None, description="First start time, ISO 8601; UTC unless it says otherwise.")
    until: Value | None = Field(None, description="Start time before which, ISO 8601.")
    start_date: Value | None = Field(None, description="As `since`; a date means its beginning in UTC.")
    end_date: Value | None = Field(None, description="As `until`; a date is included whole.")
    direction: Values = Field([], description="`ORIGINATING` or `TERMINATING`.")
    type: Values = Field([], description="Call type such as `SIP_INTERNATIONAL`.")
    number: Value | None = Field(None, description="Beginning of the calling, called or user number or extension.")
    user: Values = Field([], description="UUID or name.")
    site: Values = Field([], description="Name of a location, or its UUID.")
    country: Values = Field([], description="Country of the far number, ISO 3166-1 alpha-2.")
    outcome: Values = Field([], description="How the leg ended, such as `answered`.")
    international: Value | None = Field(None, description="`yes` or `no`.")
    off_net: Value | None = Field(None, description="Whether it crossed to the public network: `yes` or `no`.")
    min_seconds: Value | None = Field(None, description="Shortest answered duration.")
    max_seconds: Value | None = Field(None, description="Longest answered duration.")
    trunk: Values = Field([], description="Inbound or outbound trunk.")
    correlation_id: Value | None = Field(None, description="All legs of one call.")
    excluded: Values = Field(
        [], alias="not", description="Parameters, such as `country`, whose values are left out in place of asked for."
    )

    def filter(self) -> CallFilter:
        """The filter meant. Raises ``InvalidInputError``."""
        given = {name: getattr(self, name) for name in FilterParameters.model_fields}
        query = {name: value for name, value in given.items() if value}
        query["not"] = query.pop("excluded", [])
        start, end = query.pop("start_date", None), query.pop("end_date", None)
        if start:
            query["since"] = start
        if end:
            query["until"] = _end_of(end)
        return CallFilter.from_query(query)


class PageParameters(FilterParameters):
    """A page of the records of a filter."""

    cursor: Annotated[str, Field(max_length=1024)] | None = Field(
        None, description="`next` or `previous` of an earlier answer."
    )
    limit: int = Field(DEFAULT_LIMIT, ge=1, le=LARGEST_LIMIT, description="Most items in one answer.")
    columns: Columns = Field([], description="Columns to give; by default those people read.")


class StatsParameters(FilterParameters):
    """Figures over the records of a filter."""

    by: Value = Field("countries", description=f"What to list the largest of: {', '.join(GROUPS)}.")
    top: int = Field(10, ge=1, le=100, description="How many of them.")
    bars: int = Field(60, ge=1, le=500, description="Most bars of the histogram.")


class ExportParameters(FilterParameters):
    """The records of a filter as a file."""

    format: Format = Field("csv", description="`csv` (UTF-8 with a byte order mark) or `jsonl`.")
    columns: Columns = Field([], description="Columns to write; by default those people read.")
    zone: Value = Field("", description="Adds the start in this time zone, such as `America/Bogota`.")


class Stats(BaseModel):
    """Totals, records by time, and the values with most records; instants UTC.

    `total.answered` and `total.international` count calls, not records: those in which a person spoke, and those with
    a leg to or from another country; the shares are of `total.calls`, from 0 to 1, and `null` where there are none.
    In bars and lists, `legs` are records, `conversations` those of them that stand for one, and `talk_seconds` their
    length; of a user, what that user made and took.
    """

    sentence: str
    total: CallAggregate
    answered_share: float | None
    international_share: float | None
    histogram: Histogram
    top: list[TopRow]


@router.get("/cdr")
def records(services: Opened, _caller: Viewer, asked: Annotated[PageParameters, Query()]) -> Paged[dict[str, Any]]:
    """The records of a filter, newest first."""
    page = _queries(services).page(
        asked.filter(), asked.cursor, asked.limit, columns=tuple(asked.columns) or READABLE_COLUMNS
    )
    return Paged(items=page.rows, next=page.next, previous=page.previous)


@router.get("/cdrs/")
def recent_records(
    services: Opened, caller: Viewer, asked: Annotated[PageParameters, Query()]
) -> Paged[dict[str, Any]]:
    """As `/cdr`: by default the records of the last 24 hours."""
    return records(services, caller, asked)


@router.get("/cdr/stats")
def stats(services: Opened, caller: Viewer, asked: Annotated[StatsParameters, Query()]) -> Stats:
    """The figures of a filter."""
    wanted, queries = asked.filter().resolved(services.clock.now()), _queries(services)
    total = queries.aggregate(wanted)
    return Stats(
        sentence=asked.filter().sentence(caller.language),
        total=total,
        answered_share=total.answered_share,
        international_share=total.international_share,
        histogram=queries.histogram(wanted, asked.bars),
        top=queries.top(wanted, asked.by, asked.top),
    )


@router.get("/cdr/export", response_class=StreamingResponse)
def export(services: Opened, caller: Exporter, asked: Annotated[ExportParameters, Query()]) -> StreamingResponse:
    """The records of a filter as a file, newest first; the export is audited."""
    columns = tuple(asked.columns) or READABLE_COLUMNS
    return stream_export(services, caller, ExportOrder(asked.filter(), asked.format, columns, asked.zone))


@router.get("/cdr/{call_id}")
def record(
    services: Opened,
    _caller: Viewer,
    call_id: Annotated[str, Path(max_length=LONGEST_VALUE, description="Report ID of the record.")],
    day: Annotated[date | None, Query(description="UTC day of its start, where known; saves a search.")] = None,
) -> dict[str, Any]:
    """One record with every field, what is derived from it, and the original as received in `raw`."""
    found = _queries(services).one(call_id, day)
    return found | {"raw": _original(found["raw"])}


def _queries(services: Services) -> CallQueries:
    return CallQueries(services.calls, services.clock)


def _original(raw: str | None) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw


def _end_of(text: str) -> str:
    try:
        return (date.fromisoformat(text) + timedelta(days=1)).isoformat()
    except ValueError:
        return text
    except OverflowError as error:
        raise InvalidFilterError("end_date", "instant") from error
