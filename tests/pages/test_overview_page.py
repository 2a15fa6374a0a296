"""The overview's desk and forecast: figures for those who may see alerts, bands where there is a forecast."""

from datetime import timedelta

import pytest
import streamlit as st

from core.calls.ingest import store_records
from core.forecast import store
from core.forecast.series import ORG
from core.forecast.store import BandPoint, Fitted
from core.language import Language, translate
from core.services import Services
from tests.pages.conftest import Browser, open_page, sign_in, some_legs, texts_of
from tests.pages.test_detectors_page import alert


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Each test has stores of its own, whose data versions are alike."""
    st.cache_data.clear()


def foretell(parts: Services, state: str = "ready") -> None:
    """Five calls an hour, yesterday to tomorrow."""
    hour = parts.clock.now().replace(minute=0, second=0, microsecond=0)
    hours = [BandPoint(hour + timedelta(hours=n), 3, 5, 8) for n in range(-60, 60)]
    days = [BandPoint(hour.replace(hour=0) + timedelta(days=n), 60, 120, 200) for n in range(-31, 8)]
    fitted = Fitted(ORG, "", "America/Bogota", state, 9.5 if state == "young" else 30.0, hour)
    points = {} if state == "young" else {"hour": hours, "day": days}
    with parts.database.write() as session:
        store.keep(session, fitted, points, at=hour - timedelta(days=35))


def metrics_of(parts: Services, browser: Browser, role: str, language: str = "en", **query: object) -> dict[str, str]:
    sign_in(parts, browser, role, language)
    app = open_page("overview", **query)
    assert not app.exception
    return {metric.label: metric.value for metric in app.metric}


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_desk_stands_beside_the_traffic(parts: Services, browser: Browser, language: str) -> None:
    alert(parts, 1, cost=12.0, severity="critical", severity_rank=3)
    alert(parts, 2, verdict="true_positive", state="resolved", is_open=False)
    shown = metrics_of(parts, browser, "supervisor", language)
    labels = {name: translate(f"desk.{name}", language) for name in ("open", "cost_at_risk", "precision")}  # type: ignore[arg-type]
    assert shown[labels["open"]] == "1"
    assert "12" in shown[labels["cost_at_risk"]]
    assert shown[labels["precision"]].startswith("100")


def test_who_may_not_see_alerts_sees_no_figure_of_them(parts: Services, browser: Browser) -> None:
    alert(parts, 1)
    foretell(parts)
    shown = metrics_of(parts, browser, "operator")
    assert translate("desk.open", "en") not in shown
    assert shown[translate("forecast.tonight", "en")] == "120"


@pytest.mark.parametrize("last", ["24h", "7d", "30d"])
def test_the_day_and_the_period_are_held_against_the_forecast(parts: Services, browser: Browser, last: str) -> None:
    foretell(parts)
    shown = metrics_of(parts, browser, "analyst", last=last)
    assert shown[translate("forecast.tonight", "en")] == "120", "24 hours of five calls"


def test_it_says_why_there_is_no_forecast(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "analyst")
    assert translate("forecast.none", "en") in texts_of(open_page("overview"))
    foretell(parts, "young")
    assert translate("forecast.young", "en", n=9) in texts_of(open_page("overview"))


@pytest.mark.parametrize("language", ["en", "es"])
def test_calls_whose_figures_are_not_counted_yet_are_told_of(
    empty_parts: Services, browser: Browser, language: Language
) -> None:
    store_records(empty_parts, some_legs(), source="import", origin="first.csv")
    sign_in(empty_parts, browser, "analyst", language)
    shown = texts_of(open_page("overview"))
    assert translate("overview.empty.counting", language) in shown
    assert translate("overview.empty.title", language) not in shown
