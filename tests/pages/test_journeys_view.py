"""Calls shown as whole calls, and the Queues page, in both languages."""

import pytest
from streamlit.testing.v1 import AppTest

from core.calls.ingest import store_records
from core.journeys.update import update_journeys
from core.language import LANGUAGES, Language, translate
from core.services import Services
from tests.journeys.golden import SERVICES
from tests.journeys.tenant import distinct_calls
from tests.pages.conftest import Browser, open_page, sign_in, texts_of

PERIOD = {"since": "2026-11-19T00:00:00Z", "until": "2026-11-21T00:00:00Z"}


@pytest.fixture
def rebuilt(parts: Services) -> Services:
    records = [record for golden in distinct_calls(SERVICES) for record in golden.records]
    store_records(parts, records, source="import", origin="golden.jsonl")
    update_journeys(parts)
    return parts


def metric(app: AppTest, key: str, language: Language = "en") -> str:
    return next(str(shown.value) for shown in app.metric if shown.label == translate(key, language))


def parameter(app: AppTest, name: str) -> str:
    value = app.query_params[name]
    return value if isinstance(value, str) else value[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_whole_calls_are_listed(rebuilt: Services, browser: Browser, language: Language) -> None:
    sign_in(rebuilt, browser, "supervisor", language)
    app = open_page("calls", view="journeys", result="abandoned_queue", **PERIOD)
    assert not app.exception
    shown = app.dataframe[0].value
    assert set(shown["result"]) == {translate("journeys.result.abandoned_queue", language)}
    assert metric(app, "journeys_page.strip.calls", language) == str(len(shown))
    assert any("Ventas" in route for route in shown["route"])
    assert translate("journeys.result.abandoned_queue", language) in texts_of(app)
    assert any("/exports/journeys.csv?token=" in shown.value for shown in app.html)


def test_the_switch_keeps_period_and_number(rebuilt: Services, browser: Browser) -> None:
    sign_in(rebuilt, browser, "analyst")
    app = open_page("calls", number="+573001112233", **PERIOD)
    app.segmented_control(key="calls_view").set_value("journeys").run()
    assert parameter(app, "view") == "journeys"
    assert parameter(app, "number") == "+573001112233"
    assert parameter(app, "since") == PERIOD["since"]
    assert metric(app, "journeys_page.strip.calls") != "0"
    app.segmented_control(key="calls_view").set_value("legs").run()
    assert "view" not in app.query_params
    assert parameter(app, "number") == "+573001112233"


def test_a_filter_of_stage_times_narrows_the_list(rebuilt: Services, browser: Browser) -> None:
    sign_in(rebuilt, browser, "analyst")
    app = open_page("calls", view="journeys", min_wait="90", **PERIOD)
    assert not app.exception
    everything = open_page("calls", view="journeys", **PERIOD)
    assert 0 < len(app.dataframe[0].value) < len(everything.dataframe[0].value)
    app.button(key="chip_min_wait").click().run()
    assert "min_wait" not in app.query_params
    assert parameter(app, "view") == "journeys"


@pytest.mark.parametrize("language", LANGUAGES)
def test_queues_are_told(rebuilt: Services, browser: Browser, language: Language) -> None:
    sign_in(rebuilt, browser, "supervisor", language)
    app = open_page("queues", **PERIOD)
    assert not app.exception
    queues = app.dataframe[0].value
    assert {"Ventas", "Soporte", "Equipo"} <= set(queues["queue"])
    assert queues["offered"].sum() == int(metric(app, "queues_page.strip.offered", language))
    assert "Ann Mora" in set(app.dataframe[1].value["agent"])
    assert translate("queues_page.ways.title", language) in texts_of(app)


def test_the_threshold_is_in_the_address(rebuilt: Services, browser: Browser) -> None:
    sign_in(rebuilt, browser, "supervisor")
    app = open_page("queues", threshold="1", **PERIOD)
    assert app.number_input(key="queues_threshold").value == 1
    strict = metric(app, "queues_page.strip.service_level")
    app.number_input(key="queues_threshold").set_value(3600).run()
    assert parameter(app, "threshold") == "3600"
    assert metric(app, "queues_page.strip.service_level") != strict


def test_without_calls_it_is_said_what_to_do(empty_parts: Services, browser: Browser) -> None:
    sign_in(empty_parts, browser, "supervisor")
    for page, query in (("calls", {"view": "journeys"}), ("queues", {})):
        app = open_page(page, **query)
        assert not app.exception
        assert translate("journeys_page.empty.none_yet", "en") in texts_of(app)
