"""Calling users on their page: the list, the filter in the address, one user, and a fresh look on request."""

from datetime import timedelta

import pytest

from core.language import translate
from core.risk import query, record
from core.services import Services
from core.store import commands
from core.store.models.responses import SettingSnapshot
from core.store.models.webex import WebexPerson
from tests.calls.records import uuid_of
from tests.pages.conftest import Browser, open_page, sign_in, texts_of
from tests.pages.test_detectors_page import alert

SOMEBODY = uuid_of("Person 5")


@pytest.fixture
def scored(parts: Services) -> Services:
    """The store with everybody counted in and one alert."""
    alert(parts, 1, entity=SOMEBODY, entity_name="Person 5", severity="critical", severity_rank=3)
    with parts.database.write() as session:
        at = parts.clock.now()
        session.add(WebexPerson(uuid=SOMEBODY, webex_id="p", name="Person 5", department="Sales", changed_at=at))
    record.refresh(parts)
    return parts


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_riskiest_stand_first(scored: Services, browser: Browser, language: str) -> None:
    sign_in(scored, browser, "analyst", language)
    app = open_page("users")
    assert not app.exception
    grid = app.dataframe[0].value
    assert next(iter(grid["name"])) == "Person 5"
    assert list(grid["band"])[:2] == [translate(f"risk.bands.{band}", language) for band in ("elevated", "calm")]  # type: ignore[arg-type]
    assert len(grid) == 7


def test_the_address_holds_the_filter(scored: Services, browser: Browser) -> None:
    sign_in(scored, browser, "analyst")
    assert len(open_page("users", search="person 5").dataframe[0].value) == 1
    assert len(open_page("users", band="calm").dataframe[0].value) == 6
    assert len(open_page("users", department="Sales").dataframe[0].value) == 1
    assert translate("risk.empty.title", "en") in texts_of(open_page("users", search="nobody at all"))
    app = open_page("users")
    app.text_input(key="u_search").set_value("Person 3").run()
    assert app.query_params["search"] in ("Person 3", ["Person 3"])
    assert len(app.dataframe[0].value) == 1


@pytest.mark.parametrize("language", ["en", "es"])
def test_one_user_is_shown_with_what_is_usual(scored: Services, browser: Browser, language: str) -> None:
    sign_in(scored, browser, "analyst", language)
    with scored.database.write() as session:
        at = scored.clock.now()
        session.add(
            SettingSnapshot(
                person_uuid=SOMEBODY, setting="call_forwarding", value={"on": True}, read_at=at, tried_at=at
            )
        )
    app = open_page("users", user=SOMEBODY)
    assert not app.exception
    assert app.subheader[0].value == "Person 5"
    shown = texts_of(app)
    assert translate("risk.detail.setting_names.call_forwarding", language) in shown  # type: ignore[arg-type]
    tables = [frame.value.to_string() for frame in app.dataframe]
    assert any("WXC_CLIENT" in table for table in tables)
    assert any("Costa Rica" in table for table in tables)


def test_a_user_nobody_knows_is_told_plainly(scored: Services, browser: Browser) -> None:
    sign_in(scored, browser, "analyst")
    app = open_page("users", user="nobody")
    assert not app.exception
    assert translate("errors.not_found.message", "en", what="user") in texts_of(app)


def test_analyse_now_asks_the_sidecar_and_shows_what_came(scored: Services, browser: Browser) -> None:
    sign_in(scored, browser, "analyst")
    app = open_page("users", user=SOMEBODY)
    app.multiselect(key="analyse_detectors").set_value(["after_hours"])
    next(button for button in app.button if button.label == translate("risk.analyse.button", "en")).click().run()
    assert translate("risk.analyse.waiting", "en") in texts_of(app)
    with scored.database.read() as session:
        (asked,) = commands.recent(session)
    assert {**asked.arguments, "requested_by": ""} == {
        "job": "analyse_user", "user": SOMEBODY, "detectors": ["after_hours"], "requested_by": "",
    }  # fmt: skip
    (claimed,) = commands.claim(scored.database, ["run_job"], scored.clock, 60)
    commands.finish(scored.database, claimed, {"alerts": [{"id": 1, "is_new": True}]}, scored.clock)
    app.run()
    assert translate("risk.analyse.found", "en", n=1, new=1) in texts_of(app)


def test_accounts_are_for_administrators(scored: Services, browser: Browser) -> None:
    sign_in(scored, browser, "analyst")
    app = open_page("users", view="people")
    assert translate("users.add.title", "en") not in texts_of(app)
    sign_in(scored, browser, "admin")
    assert translate("users.add.title", "en") in texts_of(open_page("users", view="people"))


def test_a_score_fades_on_the_page(scored: Services) -> None:
    with scored.database.read() as session:
        now = query.one(session, SOMEBODY, scored.clock.now())
        later = query.one(session, SOMEBODY, scored.clock.now() + timedelta(days=30))
    assert now.risk > 60 > 1 > later.risk
