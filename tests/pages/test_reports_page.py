"""The Reports page and the Dashboard: what they show, what their buttons do, and whom they refuse."""

import random
from dataclasses import replace

from streamlit.testing.v1 import AppTest

from core.language import translate
from core.reports import runs, schedules
from core.reports.carrying_out import Maker, make_waiting
from core.services import Services
from core.store import commands
from core.store.models.reports import ReportRunRow, ReportScheduleRow
from tests.pages.conftest import LEGS, Browser, open_page, sign_in, texts_of


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def all_runs(parts: Services) -> list[ReportRunRow]:
    with parts.database.read() as session:
        return runs.page(session)


def all_schedules(parts: Services) -> list[ReportScheduleRow]:
    with parts.database.read() as session:
        return schedules.listed(session)


def links(app: AppTest) -> str:
    return "\n".join(str(element.proto) for element in app.get("html"))


def test_a_report_shows_figures_pictures_tables_and_files(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "analyst")
    app = open_page("reports", period="7d")
    assert not app.exception
    assert metrics(app)["Call records"] == str(LEGS)
    assert len(app.get("plotly_chart")) == 3
    assert [tab.label for tab in app.tabs][:3] == ["Over time", "Sites", "Countries"]
    for format in ("html", "xlsx", "csv", "json", "parquet"):
        assert f"/exports/reports/calls.{format}?zone=America%2FBogota" in links(app)
    app.selectbox(key="r_kind").set_value("alerts").run()
    assert app.query_params["report"] == "alerts"
    app.selectbox(key="r_period").set_value("30d").run()
    app.multiselect(key="r_alerts_severity").set_value(["high"]).run()
    assert dict(app.query_params) == {"report": "alerts", "period": "30d", "severity": "high"}
    assert not app.exception
    assert translate("report_alerts.about", "en") in texts_of(app)


def test_a_link_with_odd_parts_says_so_and_opens(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "analyst", "es")
    for wrong in ({"report": "secrets"}, {"period": "x"}, {"international": "z"}, {"since": "2026-11-01"}):
        app = open_page("reports", **wrong)
        assert not app.exception, wrong
        assert app.warning, wrong


def test_a_report_is_put_together(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "supervisor")
    app = open_page("reports", report="custom")
    assert not app.exception
    app.multiselect(key="r_custom_group").set_value(["site"]).run()
    app.multiselect(key="r_custom_measures").set_value(["legs", "talk_minutes"]).run()
    assert not app.exception
    assert metrics(app)["Records"] == str(LEGS)
    frame = app.dataframe[0].value
    assert sorted(frame["Site"]) == ["Bogotá", "Denver", "San José"]
    assert sum(frame["Records"]) == LEGS
    app.segmented_control(key="r_of").set_value("tickets").run()
    assert not app.exception
    assert app.query_params["of"] == "tickets"


def test_keeping_a_report_asks_the_job_and_shows_how_far_it_is(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "analyst")
    app = open_page("reports", report="calls")
    app.button(key="report_keep_go").click().run()
    assert not app.exception
    (row,) = all_runs(parts)
    assert (row.state, row.formats, row.requested_by) == ("waiting", ["html", "xlsx"], "analyst@example")
    with parts.database.read() as session:
        assert [command.arguments for command in commands.recent(session)] == [{"job": "make_reports"}]
    assert app.query_params["view"] == "history"
    assert make_waiting(Maker(parts, random.Random(1))) == {"made": 1}
    app = open_page("reports", view="history", run=str(row.id))
    assert f"/exports/reports/history/{row.id}.xlsx" in links(app)


def test_a_schedule_is_made_paused_and_removed_by_a_supervisor(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "supervisor")
    app = open_page("reports", view="schedules", report="calls", site="Denver")
    mark = "new_calls"
    app.text_area(key=f"schedule_recipients_{mark}").set_value("ana@example.com")
    app.selectbox(key=f"schedule_rhythm_{mark}").set_value("weekly")
    app.button(key=f"schedule_save_{mark}").click().run()
    assert not app.exception
    (row,) = all_schedules(parts)
    assert (row.cron, row.parameters, row.recipients) == ("0 6 * * 1", {"site": ["Denver"]}, ["ana@example.com"])
    assert row.time_zone == "America/Bogota"
    app.button(key=f"schedule_pause_{row.id}").click().run()
    assert all_schedules(parts)[0].next_at is None
    with parts.database.write() as session:
        renamed = replace(schedules.schedule_of(row), name="As Bob calls it")
        schedules.change(session, row.id, renamed, actor="bob", at=parts.clock.now())
    assert "As Bob calls it" in [one.value for one in app.run().text_input], "not what stood in the form before"
    app.button(key=f"schedule_run_{row.id}").click().run()
    assert [run.schedule_id for run in all_runs(parts)] == [row.id]
    app = open_page("reports", view="schedules")
    app.button(key=f"schedule_remove_{row.id}").click().run()
    assert all_schedules(parts) == []
    app.text_area(key=f"schedule_recipients_{mark}").set_value("nobody")
    app.button(key=f"schedule_save_{mark}").click().run()
    assert "recipients" in app.error[0].value
    sign_in(parts, browser, "analyst")
    assert not [button for button in open_page("reports", view="schedules").button if "save" in str(button.key)]


def test_the_wall_shows_the_moment_and_every_section(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "supervisor", "es")
    app = open_page("dashboard", period="7d")
    assert not app.exception
    shown = texts_of(app)
    for section in ("calls", "alerts", "tickets", "operators"):
        assert translate(f"dashboard.sections.{section}", "es") in shown
    assert metrics(app)["Alertas abiertas"] == "0"
    assert len(app.get("plotly_chart")) >= 2
    sign_in(parts, browser, "operator")
    assert not open_page("dashboard").metric
