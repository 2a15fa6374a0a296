"""Every kind of report tells what the stores hold, in both languages and on both databases."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.access import people
from core.access.people import NewPerson
from core.calls.filters import CallFilter
from core.calls.query import CallQueries
from core.clock import SteppedClock
from core.errors import InvalidInputError, NotFoundError
from core.language import LANGUAGES
from core.operators import clients, roster
from core.operators.clients import ClientForm
from core.operators.roster import OperatorForm
from core.reports import forms
from core.reports.analytics import DATASETS, dataset
from core.reports.charts import CHARTS, chart, order_of
from core.reports.custom.sources import SOURCES
from core.reports.document import Document, Figure
from core.reports.live import Moment, live
from core.reports.making import make
from core.reports.order import ReportOrder
from core.reports.registry import reports
from core.services import Services
from core.store.engine import Database
from core.tickets import work
from core.tickets.changing import Actor, Target
from core.tickets.create import NewTicket, create
from tests.conftest import NOON
from tests.reports.conftest import HOSTILE, JUST_NOW, services_over

NEW_YORK = "America/New_York"


def made(services: Services, kind: str, period: str = "30d", language: str = "en", **parameters: Any) -> Document:
    given = tuple((name, tuple(value.split(","))) for name, value in parameters.items())
    order = ReportOrder(kind, period, parameters=given)
    return make(services, order, order.stretch(NOON, NEW_YORK), language, at=NOON)  # type: ignore[arg-type]


def figures(document: Document) -> dict[str, Figure]:
    return {figure.name: figure for figure in document.figures}


def rows(document: Document, name: str) -> list[dict[str, Any]]:
    table = forms.table_of(document, name)
    assert table is not None
    return [dict(zip((column.name for column in table.columns), row, strict=True)) for row in table.rows()]


def test_every_kind_is_made_in_every_form_and_language(services: Services) -> None:
    for name in reports():
        for language in LANGUAGES:
            document = made(services, name, language=language)
            assert document.title
            for format in forms.FORMATS:
                file = io.BytesIO()
                forms.write(document, format, file)
                assert file.tell() > 20
            assert all(column.title for table in document.tables for column in table.columns)


def test_calls_are_those_of_the_period_beside_the_one_before(services: Services) -> None:
    document = made(services, "calls", "7d")
    told = figures(document)
    queries = CallQueries(services.calls, services.clock)
    week = timedelta(days=7)
    now = queries.aggregate(CallFilter(since=NOON - week, until=NOON))
    then = queries.aggregate(CallFilter(since=NOON - 2 * week, until=NOON - week))
    assert now.legs > 5
    assert (told["calls"].value, told["calls"].before) == (now.calls, then.calls)
    assert told["legs"].value == sum(row["legs"] for row in rows(document, "by_time")) == now.legs
    assert sum(row["legs"] for row in rows(document, "by_hour")) == now.legs
    one = made(services, "calls", "30d", site="Denver", international="no")
    assert {row["sites"] for row in rows(one, "sites")} == {"Denver"}
    assert "Denver" in one.sentence


def test_days_are_those_of_the_zone_with_a_clock_change(services: Services) -> None:
    order = ReportOrder("calls", "", datetime(2026, 10, 31, 4, tzinfo=UTC), datetime(2026, 11, 3, 5, tzinfo=UTC))
    document = make(services, order, order.stretch(NOON, NEW_YORK), "en", at=NOON)
    days = rows(document, "by_time")
    assert [row["until"] - row["since"] for row in days] == [timedelta(hours=hours) for hours in (24, 25, 24)]
    expected = [
        CallQueries(services.calls, services.clock).count(CallFilter(since=row["since"], until=row["until"]))
        for row in days
    ]
    assert [row["legs"] for row in days] == expected
    custom = ReportOrder(
        "custom", "", order.since, order.until, (("of", ("calls",)), ("group", ("day",)), ("measures", ("legs",)))
    )
    grouped = rows(make(services, custom, custom.stretch(NOON, NEW_YORK), "en", at=NOON), "result")
    assert {row["day"].isoformat(): row["legs"] for row in grouped} == {
        f"2026-{day}": count for day, count in zip(("10-31", "11-01", "11-02"), expected, strict=True) if count
    }


def test_alerts_and_verdicts_add_up(services: Services) -> None:
    document = made(services, "alerts")
    told = figures(document)
    assert told["raised"].value == 12
    assert (told["closed"].value, told["precision"].value) == (2, 0.5)
    assert sum(sum(series.values) for series in document.pictures[0].series) == 12
    by_rule = rows(document, "by_rule")
    assert [(row["rule"], row["raised"], row["true_positive"], row["benign"]) for row in by_rule] == [
        ("international_calls", 12, 1, 1)
    ]
    listed = rows(document, "list")
    assert len(listed) == 12
    assert HOSTILE in {row["who"] for row in listed}
    only = made(services, "alerts", severity="high")
    assert figures(only)["raised"].value == 6


def test_owners_of_alerts_are_called_by_name(on_sqlite: Services) -> None:
    ana = NewPerson(name="ana@example.com", display_name="Ana Rojas", role="analyst")
    people.add(on_sqlite.database, on_sqlite.clock, ana, actor="test")
    columns = [column for table in made(on_sqlite, "alerts").tables for column in table.columns]
    owners = [column.words for column in columns if column.name == "owner"]
    assert len(owners) == 2
    assert {words(ana.name) for words in owners if words} == {"Ana Rojas"}


def test_alerts_by_day_count_the_hour_that_comes_twice(services: Services) -> None:
    order = ReportOrder("alerts", "", datetime(2026, 10, 28, 4, tzinfo=UTC), datetime(2026, 11, 3, 5, tzinfo=UTC))
    document = make(services, order, order.stretch(NOON, NEW_YORK), "en", at=NOON)
    picture = document.pictures[0]
    days = [at.astimezone(document.period.clock).date() for at in picture.labels if isinstance(at, datetime)]
    expected = dict.fromkeys(days, 0)
    for row in rows(document, "list"):
        expected[row["raised_at"].astimezone(document.period.clock).date()] += 1
    sums = [sum(values) for values in zip(*(series.values for series in picture.series), strict=True)]
    assert dict(zip(days, sums, strict=True)) == expected
    assert sum(sums) == 6


def test_tickets_by_state_and_priority(services: Services) -> None:
    document = made(services, "tickets", "today")
    grid = rows(document, "by_state")
    assert sum(row["total"] for row in grid) == 5
    assert sum(row["priority_high"] for row in grid) == 2
    assert len(rows(document, "list")) == 5
    assert figures(made(services, "tickets", "today", priority="high"))["tickets"].value == 2
    operators = made(services, "operators", "today")
    assert sum(row["open"] for row in rows(operators, "operators")) == 5


def test_every_field_group_and_measure_can_be_asked_for(services: Services) -> None:
    for name, source in SOURCES.items():
        assert rows(made(services, "custom", of=name, fields=",".join(source.fields)), "result") or name == "recordings"
        measures = list(source.measures)
        for begin in range(0, len(measures), 8):
            made(services, "custom", of=name, measures=",".join(measures[begin : begin + 8]))
        for group in source.groupings():
            document = made(services, "custom", of=name, group=group, measures=measures[0])
            total = figures(document)[measures[0]].value
            assert sum(row[measures[0]] for row in rows(document, "result")) == total


def test_groups_cross_and_times_stand_in_order(services: Services) -> None:
    document = made(services, "custom", of="alerts", group="day,severity", measures="alerts,cost,to_resolve")
    found = rows(document, "result")
    assert sum(row["alerts"] for row in found) == 12
    days = [row["day"] for row in found]
    assert days == sorted(days)
    assert isinstance(days[0], date)
    assert len(document.pictures[0].labels) == 31
    largest = rows(made(services, "custom", of="calls", group="user", measures="legs"), "result")
    counts = [row["legs"] for row in largest]
    assert counts == sorted(counts, reverse=True)
    turned = rows(made(services, "custom", of="calls", group="user", measures="legs", sort="-legs"), "result")
    assert [row["legs"] for row in turned] == sorted(counts)
    few = made(services, "custom", of="calls", fields="start_time,user", limit="3")
    assert len(rows(few, "result")) == 3


@pytest.mark.parametrize(
    "asked",
    [
        {"of": "secrets"},
        {"of": "calls", "fields": "raw"},
        {"of": "calls", "group": "report_id"},
        {"of": "calls", "group": "day,week,month,hour"},
        {"of": "calls", "measures": "sum(1); drop table alert"},
        {"of": "calls", "fields": "user", "measures": "legs"},
        {"of": "calls", "severity": "high"},
        {"of": "alerts", "severity": "awful"},
        {"of": "calls", "limit": "0"},
        {"of": "calls", "limit": "1000000"},
        {"of": "calls", "group": "day", "measures": "legs", "sort": "site"},
        {"of": "tickets", "state": "lost"},
        {"nothing": "x"},
    ],
)
def test_what_is_not_offered_is_refused(asked: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError):
        ReportOrder("custom", parameters=tuple((name, tuple(value.split(","))) for name, value in asked.items()))


def test_unknown_kinds_charts_and_datasets_are_refused(services: Services) -> None:
    with pytest.raises(NotFoundError):
        ReportOrder("../secrets")
    with pytest.raises(NotFoundError):
        order_of("nothing", "7d")
    with pytest.raises(InvalidInputError):
        dataset(services, "person", ReportOrder("calls").stretch(NOON, "UTC"), at=NOON)


def test_charts_and_datasets_are_all_there(services: Services) -> None:
    for name in CHARTS:
        order = order_of(name, "30d")
        assert chart(services, name, order, zone=NEW_YORK, language="es", at=NOON).title
    period = ReportOrder("calls", "30d").stretch(NOON, "UTC")
    counts = {name: len(list(dataset(services, name, period, at=NOON).tables[0].rows())) for name in DATASETS}
    assert counts["alerts"] == 12
    assert counts["tickets"] == 5
    assert counts["calls"] == CallQueries(services.calls, services.clock).count(
        CallFilter(since=period.since, until=period.until)
    )


def test_the_moment_shows_only_what_one_may_see(services: Services) -> None:
    moment = Moment(NOON, NEW_YORK, "en")
    everything = live(services, moment, lambda permission: True)
    assert list(everything) == ["calls", "alerts", "tickets", "operators"]
    told = {figure.name: figure.value for figure in everything["alerts"]}
    assert told["open"] == 10
    assert {figure.name: figure.value for figure in everything["tickets"]}["made_today"] == 5
    assert list(live(services, moment, {"overview.view"}.__contains__)) == ["calls"]


def test_tickets_are_told_by_the_names_of_operators_and_clients(database: Database, tmp_path: Path) -> None:
    services = services_over(database, tmp_path, SteppedClock(NOON))
    with database.write() as session:
        namesakes = [roster.save(session, OperatorForm(HOSTILE), actor="grace", at=JUST_NOW) for _ in range(2)]
        client = clients.save(session, ClientForm("Café Sol"), actor="grace", at=JUST_NOW)
        for holder in (*namesakes, namesakes[0], None):
            number = create(session, NewTicket("t", client_id=client), actor="grace", at=JUST_NOW)
            if holder is not None:
                work.assign(session, Target(number), Actor("grace", JUST_NOW), operator_id=holder)
    grouped = made(services, "custom", "today", of="tickets", group="operator_id", measures="tickets")
    found = {row["operator_id"]: row["tickets"] for row in rows(grouped, "result")}
    assert found == {namesakes[0]: 2, namesakes[1]: 1, None: 1}
    assert [name for name in grouped.pictures[0].labels if name == HOSTILE] == [HOSTILE] * 2
    listed = made(services, "custom", "today", of="tickets", fields="id,operator_id,client_id")
    file = io.BytesIO()
    forms.write(listed, "csv", file)
    cells = [line[1:] for line in csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"))) if len(line) == 3]
    assert cells[-4:] == [["", "Café Sol"], *[[f"'{HOSTILE}", "Café Sol"]] * 3]
