"""The Calls page: the address holds the filter, and everything on the page follows it."""

from urllib.parse import urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from core.calls.export_link import order_of
from core.calls.filters import CallFilter
from core.calls.query import CallQueries
from core.language import translate
from core.services import Services
from core.store.encryption import Vault
from tests.pages.conftest import LEGS, Browser, open_page, sign_in, texts_of


@pytest.fixture
def analyst(parts: Services, browser: Browser) -> Services:
    sign_in(parts, browser, "analyst")
    return parts


def metric(app: AppTest, name: str) -> str:
    label = translate(f"calls_page.strip.{name}", "en")
    return next(str(shown.value) for shown in app.metric if shown.label == label)


def rows(app: AppTest) -> int:
    return len(app.dataframe[0].value)


def test_the_address_restores_the_filter(analyst: Services) -> None:
    app = open_page("calls", last="7d", site="Denver", outcome="answered")
    wanted = CallFilter(last="7d", sites=("Denver",), outcomes=("answered",))
    expected = CallQueries(analyst.calls, analyst.clock).aggregate(wanted)
    assert metric(app, "legs") == str(expected.legs)
    assert 0 < expected.legs < LEGS
    assert app.multiselect(key="f_sites").value == ["Denver"]
    assert set(app.dataframe[0].value["location"]) == {"Denver"}
    assert wanted.sentence("en") in texts_of(app).replace("\\", "")


def test_a_change_of_a_widget_goes_into_the_address(analyst: Services) -> None:
    app = open_page("calls", last="7d")
    app.multiselect(key="f_outcomes").set_value(["unanswered"]).run()
    assert app.query_params["outcome"] in ("unanswered", ["unanswered"])
    assert set(app.dataframe[0].value["outcome"]) == {"unanswered"}


def test_a_chip_takes_its_part_of_the_filter_away(analyst: Services) -> None:
    app = open_page("calls", last="7d", site="Denver")
    app.button(key="chip_sites").click().run()
    assert "site" not in app.query_params
    assert metric(app, "legs") == str(LEGS)


def test_a_number_that_is_none_is_refused_with_a_reason(analyst: Services) -> None:
    app = open_page("calls", last="7d")
    app.text_input(key="f_number").set_value("not a number").run()
    assert app.error
    assert "number" not in app.query_params


def test_a_broken_address_says_what_is_wrong_and_goes_on(analyst: Services) -> None:
    app = open_page("calls", last="7d", direction="SIDEWAYS")
    assert app.warning
    assert metric(app, "legs") == str(LEGS)


def test_older_and_newer_meet_every_row_once(analyst: Services) -> None:
    app = open_page("calls", last="7d")
    seen = rows(app)
    while not app.button(key="calls_older").disabled:
        app.button(key="calls_older").click().run()
        assert "cursor" in app.query_params
        seen += rows(app)
    assert seen == LEGS
    app.button(key="calls_newer").click().run()
    assert rows(app) == 100


def test_a_leg_of_the_address_opens_beside_the_grid(analyst: Services) -> None:
    row = CallQueries(analyst.calls, analyst.clock).page(CallFilter(last="7d")).rows[3]
    app = open_page("calls", last="7d", leg=row["report_id"])
    assert not app.exception
    assert row["user"] in str(app.table[0].value)
    assert row["report_id"] in str(app.json[0].value)
    app.button(key="narrow_users").click().run()
    assert app.query_params["user"]


def test_an_unknown_leg_says_so(analyst: Services) -> None:
    app = open_page("calls", last="7d", leg="no-such-report")
    assert translate("errors.not_found.remedy", "en") in texts_of(app)


def test_the_export_link_orders_exactly_the_filter_for_this_person(parts: Services, browser: Browser) -> None:
    person = sign_in(parts, browser, "supervisor")
    app = open_page("calls", since="2020-01-01T00:00:00Z", site="Denver")
    link = next(shown.value for shown in app.html if "/exports/calls.csv" in shown.value)
    token = urlsplit(link.split('href="')[1].split('"')[0]).query.removeprefix("token=")
    holder, order = order_of(Vault(parts.settings, parts.clock), token, "csv")
    assert holder == person.id
    assert order.filter.sites == ("Denver",)
    assert order.zone == "America/Bogota"


def test_no_match_offers_a_way_out(analyst: Services) -> None:
    app = open_page("calls", number="+999")
    assert translate("calls_page.empty.no_match", "en") in texts_of(app)


def test_a_view_is_saved_and_forgotten(analyst: Services) -> None:
    app = open_page("calls", last="7d", site="Denver")
    app.text_input(key="view_name").set_value("Denver week")
    app.form_submit_button[0].click().run()
    assert [link.value for link in app.page_link if "Denver" in link.value] == ["Denver week"]
    forget = next(button for button in app.button if str(button.key).startswith("view_forget_"))
    forget.click().run()
    assert not [link for link in app.page_link if "Denver" in link.value]
