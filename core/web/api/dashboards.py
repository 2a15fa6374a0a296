"""Dashboards for programs: figures of the moment, what just happened, and every chart by name."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel

from core.alerts import query
from core.alerts.filters import AlertFilter
from core.calls.filters import CallFilter
from core.calls.query import CallQueries
from core.reports.charts import CHARTS, chart, order_of
from core.reports.live import Moment, live
from core.reports.periods import zone_of
from core.services import Services
from core.web.api.alert_shapes import AlertOut, alert_out
from core.web.api.parameters import Opened
from core.web.api.report_shapes import ChartOut, FigureOut, PeriodParameters, Zone, chart_out, figure_out
from core.web.identity import Caller, require
from core.web.report_files import check_rights

router = APIRouter(tags=["dashboards"])

Viewer = Annotated[Caller, Depends(require("overview.view"))]
NEWEST_ALERTS = 10
MINUTES = 60


class MetricsOut(BaseModel):
    """The figures of each section the caller may see."""

    at: datetime
    time_zone: str
    sections: dict[str, list[FigureOut]]


class MinuteOut(BaseModel):
    """Call records that began in a minute."""

    at: datetime
    legs: int
    conversations: int


class RealTimeOut(MetricsOut):
    """The figures, the last hour of call records by minute, and the newest open alerts."""

    newest_call: datetime | None
    minutes: list[MinuteOut]
    alerts: list[AlertOut]


class ChartName(BaseModel):
    """A chart there is, and the permission its data asks for."""

    name: str
    report: str


@router.get("/dashboards/metrics")
def metrics(services: Opened, caller: Viewer, time_zone: Annotated[Zone, Query()] = "UTC") -> MetricsOut:
    """Today's figures of calls, alerts, tickets and operators, beside yesterday by the same time."""
    return MetricsOut(**_metrics(services, caller, time_zone))


@router.get("/dashboards/real-time")
def real_time(services: Opened, caller: Viewer, time_zone: Annotated[Zone, Query()] = "UTC") -> RealTimeOut:
    """As `metrics`, with what just happened: for a screen that asks again every few seconds."""
    now = services.clock.now()
    queries = CallQueries(services.calls, services.clock)
    bars = queries.histogram(CallFilter(since=now - timedelta(minutes=MINUTES), until=now), MINUTES + 2).bars
    minutes = [MinuteOut(at=bar.since, legs=bar.legs, conversations=bar.conversations) for bar in bars]
    return RealTimeOut(
        **_metrics(services, caller, time_zone),
        newest_call=queries.newest(),
        minutes=minutes,
        alerts=_newest_alerts(services, caller, now),
    )


@router.get("/dashboards/charts")
def charts(caller: Viewer) -> list[ChartName]:
    """The charts there are for the caller."""
    return [
        ChartName(name=name, report=kind)
        for name, (kind, _) in CHARTS.items()
        if all(map(caller.may, order_of(name, "7d").needs))
    ]


@router.get("/dashboards/charts/{name}")
def one_chart(
    name: Annotated[str, Path(max_length=40, description=", ".join(CHARTS))],
    services: Opened,
    caller: Viewer,
    asked: Annotated[PeriodParameters, Query()],
) -> ChartOut:
    """The data of a chart over a period."""
    kind = order_of(name, asked.period).kind
    order = asked.order(kind, {})
    check_rights(caller, order.needs)
    now = services.clock.now()
    made = chart(services, name, order, zone=asked.time_zone, language=caller.language, at=now)
    return chart_out(made)


def _metrics(services: Services, caller: Caller, time_zone: str) -> dict[str, object]:
    zone_of(time_zone)
    now = services.clock.now()
    found = live(services, Moment(now, time_zone, caller.language), caller.may)
    sections = {name: [figure_out(one) for one in figures] for name, figures in found.items()}
    return {"at": now, "time_zone": time_zone, "sections": sections}


def _newest_alerts(services: Services, caller: Caller, now: datetime) -> list[AlertOut]:
    if not caller.may("alerts.view"):
        return []
    with services.database.read() as session:
        page = query.page(session, AlertFilter(sort="newest"), query.Reader(now), limit=NEWEST_ALERTS)
        return [alert_out(row, caller.language) for row in page.rows]
