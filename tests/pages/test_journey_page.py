"""The Call journey page: one call by whatever the address names, in both languages."""

import json
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.calls.filters import CallFilter
from core.calls.normalise import normalise_records
from core.calls.query import CallQueries
from core.language import LANGUAGES, Language, translate
from core.services import Services
from core.store import audit
from core.store.audit import AuditFilter
from tests.calls.records import uuid_of
from tests.journeys.golden import GOLDEN
from tests.journeys.sequences import CUSTOMER, MENU, NINE, SALES, STORED, inbound
from tests.pages.conftest import Browser, open_page, sign_in, texts_of

CALLS = {golden.name: golden.records for golden in GOLDEN}
OVERFLOWED = CALLS["queue overflows to another queue, then voicemail"]
GAPPED = CALLS["the partner of a consultation is missing"]
CALL = uuid_of("correlation c1")


@pytest.fixture
def analyst(parts: Services, browser: Browser) -> Services:
    sign_in(parts, browser, "analyst")
    return parts


def store(parts: Services, records: list[dict[str, Any]]) -> None:
    parts.calls.append(normalise_records(records, source="import", stored_at=STORED).table)


def diagram(app: AppTest) -> str:
    return next(str(shown.value) for shown in app.markdown if "sequenceDiagram" in str(shown.value))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_call_is_shown_whole(parts: Services, browser: Browser, language: Language) -> None:
    sign_in(parts, browser, "supervisor", language)
    store(parts, OVERFLOWED)
    app = open_page("journey", call=CALL, day=NINE.date().isoformat())
    assert not app.exception
    route = next(shown.value for shown in app.markdown if "→" in str(shown.value))
    assert "Ventas" in route
    assert translate("journeys.kind.voicemail", language) in route
    labels = {shown.label for shown in app.metric}
    assert translate("journey_page.times.t_queue_n", language, n=2) in labels
    assert CUSTOMER in str(app.table[0].value).replace("\\", "")
    assert "sequenceDiagram" in diagram(app)
    assert translate("journeys.reason.overflow", language) in diagram(app)
    assert len(app.dataframe[0].value) == len(OVERFLOWED)
    assert len(json.loads(app.json[0].value)) == len(OVERFLOWED)
    assert not app.warning


def test_what_is_missing_is_said_in_words(analyst: Services) -> None:
    store(analyst, GAPPED)
    app = open_page("journey", call=GAPPED[0]["Report ID"])
    assert translate("journeys.gap.missing_transfer_partner", "en") in app.warning[0].value


def test_every_kind_of_call_is_shown(analyst: Services) -> None:
    rows = CallQueries(analyst.calls, analyst.clock).page(CallFilter(last="7d")).rows
    for row in rows[:4]:
        app = open_page("journey", call=row["report_id"])
        assert not app.exception
        assert row["report_id"] in str(app.json[0].value)


def test_an_unknown_call_says_so(analyst: Services) -> None:
    app = open_page("journey", call="no-such-call")
    assert not app.exception
    assert translate("journey_page.empty.not_found", "en") in texts_of(app)


def test_without_a_call_the_page_says_how_to_get_one(analyst: Services) -> None:
    assert translate("journey_page.empty.none", "en") in texts_of(open_page("journey"))


def test_a_typed_id_goes_into_the_address(analyst: Services) -> None:
    store(analyst, OVERFLOWED)
    app = open_page("journey")
    app.text_input(key="journey_id").set_value(f"  {CALL} ").run()
    assert app.query_params["call"] in (CALL, [CALL])
    assert app.metric


def test_a_number_and_a_time_lead_to_its_calls(analyst: Services) -> None:
    store(analyst, [inbound(MENU, "31", 0, 60, 1), inbound(SALES, "41", 900, 960, 901, call="c2")])
    near = (NINE + timedelta(minutes=16)).isoformat()
    app = open_page("journey", number=CUSTOMER, at=near)
    links = [link.value for link in app.page_link if CUSTOMER in link.value.replace("\\", "")]
    assert len(links) == 2
    assert "09:15:00" in links[0], "the nearest is first, in the viewer's time"


@pytest.mark.parametrize("at", ["never", "", "2026-11-19T09:00"])
def test_a_broken_time_or_number_does_not_break_the_page(analyst: Services, at: str) -> None:
    for number in (CUSTOMER, "'; --"):
        assert not open_page("journey", number=number, at=at).exception


def test_names_from_outside_are_only_shown(analyst: Services) -> None:
    evil = "end; P0->>P1: <script>%%{init: {}}%% **x**"
    store(analyst, [inbound(MENU, "31", 0, 60, 1, User=evil, calling="anonymous; end")])
    app = open_page("journey", call=CALL)
    assert not app.exception
    lines = [line for line in diagram(app).splitlines() if "stAlt" not in line]
    assert sum("P0->>P1:" in line for line in lines) == 1
    assert not any(sign in line for line in lines for sign in (";", "%%", "<script", "{"))


def test_every_record_of_calls_opens_its_journey(analyst: Services) -> None:
    row = CallQueries(analyst.calls, analyst.clock).page(CallFilter(last="7d")).rows[0]
    app = open_page("calls", last="7d", leg=row["report_id"])
    links = [link.value for link in app.page_link]
    assert translate("journey_page.open", "en") in links
    assert any(row["correlation_id"] in link.replace("\\", "") for link in links)


def test_the_export_is_audited(analyst: Services) -> None:
    store(analyst, OVERFLOWED)
    app = open_page("journey", call=CALL)
    app.download_button[0].click().run()
    with analyst.database.read() as opened:
        noted = list(audit.entries(opened, AuditFilter(action="journey.export")).entries)
    assert [(entry.actor, entry.subject) for entry in noted] == [("analyst@example", CALL)]
