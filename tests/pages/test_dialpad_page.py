"""The dial pad: the verdict as one types, one call for each press, hanging up, override, history and policy."""

import pytest

from core.dialer import connection, policy_book, query, steps
from core.dialer.calls import DialRequest, request_dial
from core.dialer.filters import OutboundFilter
from core.language import translate
from core.number_tests import book
from core.number_tests.vocabulary import ACTOR
from core.services import Services
from core.store.models.dialer import OutboundCallRow
from tests.pages.conftest import Browser, open_page, sign_in, texts_of

OWN = "+13035550133"
ABROAD = "+576015550133"


@pytest.fixture
def desk(parts: Services, browser: Browser) -> Services:
    sign_in(parts, browser, "supervisor")
    connect(parts)
    return parts


def connect(parts: Services) -> None:
    with parts.database.write() as session:
        connection.publish(session, connection.CONNECTED, parts.clock.now(), version="22")


def calls(parts: Services) -> list[OutboundCallRow]:
    with parts.database.read() as session:
        return query.page(session, OutboundFilter()).rows


def test_a_number_of_the_address_is_filled_in_judged_and_dialled_once_by_a_press(desk: Services) -> None:
    app = open_page("dialpad", to=OWN)
    assert app.text_input(key="dial_number").value == OWN
    assert calls(desk) == []
    app.button(key="dial_now").click().run()
    assert (len(app.error), calls(desk)) == (1, []), "a reason is required"
    app.text_input(key="dial_reason").set_value("look at the trunk").run()
    connect(desk)
    app.button(key="dial_now").click().run()
    assert not app.exception
    (row,) = calls(desk)
    assert (row.number, row.requested_by, row.reason) == (OWN, "supervisor@example", "look at the trunk")
    assert app.button(key="dial_now").disabled
    app.run()
    app.button(key=f"hang_up_{row.call_id}").click().run()
    (row,) = calls(desk)
    assert (row.status, row.detail, row.hangup_by) == ("failed", "cancelled", "supervisor@example")
    told = {"status": "Failed", "by": translate("dialing.cancelled_by", "en", by="The supervisor")}
    assert "{status} · {by}".format(**told) in texts_of(app.run())


def test_keys_write_the_number_and_each_refusal_is_said(desk: Services) -> None:
    app = open_page("dialpad")
    for sign in ("9", "1", "2", "back", "1"):
        app.button(key=f"dial_key_{sign}").click().run()
    assert app.text_input(key="dial_number").value == "911"
    assert translate("dialing.rules.emergency", "en") in texts_of(app).replace("\\", "")
    assert app.button(key="dial_now").disabled


def test_a_supervisor_overrides_with_a_reason_and_an_analyst_only_looks(desk: Services, browser: Browser) -> None:
    app = open_page("dialpad", to=ABROAD)
    app.text_input(key="dial_reason").set_value("asked by the carrier").run()
    assert app.button(key="dial_now").disabled
    app.text_input(key="dial_override").set_value("agreed with the lead").run()
    connect(desk)
    app.button(key="dial_now").click().run()
    (row,) = calls(desk)
    assert (row.policy["override"], row.policy["refused_by"]) == ("agreed with the lead", ["country"])
    sign_in(desk, browser, "analyst")
    app = open_page("dialpad", call=row.call_id)
    assert "hang_up_" not in " ".join(button.key or "" for button in app.button)
    assert "asked by the carrier" in texts_of(app)
    assert "dial_now" not in [button.key for button in app.button]


def test_a_recording_is_named_to_all_and_offered_to_who_may_hear_it(parts: Services, browser: Browser) -> None:
    at = parts.clock.now()
    sign_in(parts, browser, "operator")
    request = DialRequest(OWN, f"PJSIP/{OWN}@trunk", is_recorded=True)
    with parts.database.write() as session:
        call_id = request_dial(session, request, actor="operator@example", at=at)
        row = query.one(session, call_id)
        steps.note(session, row, "recording", at)
        row.status, row.is_open, row.answered_at, row.ended_at = "completed", False, at, at
    for role, is_offered in (("operator", True), ("supervisor", True), ("analyst", False)):
        sign_in(parts, browser, role)
        app = open_page("dialpad", call=call_id)
        assert f"tw-{call_id}.wav" in texts_of(app).replace("\\", "")
        links = " ".join(element.proto.body for element in app.get("html"))
        assert (f"/api/v2/calls/{call_id}/recording" in links) == is_offered, role


def test_an_administrator_sets_the_policy(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "admin")
    app = open_page("dialpad", to=ABROAD)
    app.multiselect(key="dp_countries").set_value(["CO"])
    save = translate("dialpad.policy.save", "en")
    next(one for one in app.button if one.label == save).click().run()
    assert not app.exception
    with parts.database.read() as session:
        kept, version = policy_book.rules(session)
    assert (kept.countries, kept.is_recording_allowed, version) == (("CO",), True, 1)
    assert "dial_record" in [box.key for box in app.checkbox]
    app.checkbox(key="dp_is_recording_allowed").uncheck()
    next(one for one in app.button if one.label == save).click().run()
    assert not app.exception
    assert "dial_record" not in [box.key for box in app.checkbox]


def test_tests_are_added_run_and_paused_by_an_administrator_and_seen_by_all(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "admin")
    app = open_page("dialpad", view="tests")
    app.text_input(key="nt_name_new").set_value("Main line")
    app.text_input(key="nt_number_new").set_value(OWN)
    app.number_input(key="nt_within_seconds_new").set_value(15)
    app.button(key="nt_save_new").click().run()
    assert not app.exception
    with parts.database.read() as session:
        (kept,) = book.listed(session)
    assert (kept.number, kept.within_seconds, kept.is_enabled, kept.created_by) == (OWN, 15, True, "admin@example")
    connect(parts)
    app.button(key=f"nt_run_{kept.id}").click().run()
    assert not app.exception
    (row,) = calls(parts)
    assert (row.number, row.source, row.requested_by) == (OWN, "test", ACTOR)
    app.button(key=f"nt_pause_{kept.id}").click().run()
    assert translate("number_tests.page.paused", "en") in texts_of(app)
    assert translate("number_tests.outcomes.running", "en") in texts_of(app)
    app.text_input(key=f"nt_number_{kept.id}").set_value("none")
    app.button(key=f"nt_save_{kept.id}").click().run()
    assert [len(app.error), app.exception] == [1, []]
    sign_in(parts, browser, "analyst")
    app.button(key=f"nt_remove_{kept.id}").click().run()
    with parts.database.read() as session:
        assert [row.id for row in book.listed(session)] == [kept.id], "who lost the right does nothing from an old page"
    app = open_page("dialpad", view="tests")
    assert "Main line" in texts_of(app)
    assert not [button.key for button in app.button if (button.key or "").startswith("nt_")]
