"""The Alerts page: the address holds filter and open alert; buttons work it; a stale page says who was quicker."""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core.alerts import query, work
from core.alerts.mutes import MuteScope
from core.alerts.receive import receive_drafts
from core.alerts.work import Actor, Target
from core.detection.finding import Severity
from core.language import translate
from core.services import Services
from core.store.models.alerts import AlertRow
from core.ui.text import unescaped
from tests.alerts.drafts import draft, legs
from tests.pages.conftest import Browser, open_page, sign_in, texts_of

NAMES = ("ana", "bob", "cid")


@pytest.fixture
def numbers(parts: Services) -> list[int]:
    """The numbers of three alerts: high, critical, medium."""
    now = parts.clock.now()
    severities: tuple[Severity, ...] = ("high", "critical", "medium")
    drafts = [
        draft(name, who=name, severity=severity, evidence=(f"{name} 1",), at=now - timedelta(hours=place))
        for place, (name, severity) in enumerate(zip(NAMES, severities, strict=True))
    ]
    with parts.database.write() as session:
        received = receive_drafts(session, drafts, at=now, legs=legs(*(f"{name} 1" for name in NAMES), at=now))
    by_time = {one.severity: one.alert_id for one in received}
    return [by_time[severity] for severity in ("high", "critical", "medium")]


@pytest.fixture
def analyst(parts: Services, browser: Browser) -> Services:
    sign_in(parts, browser, "analyst")
    return parts


def row(parts: Services, number: int) -> AlertRow:
    with parts.database.read() as session:
        return query.one(session, number)


def people(app: AppTest) -> list[str]:
    return list(app.dataframe[0].value["entity"])


def test_the_queue_shows_the_open_work_worst_first(analyst: Services, numbers: list[int]) -> None:
    with analyst.database.write() as session:
        work.close(session, Target(numbers[2]), Actor("x", analyst.clock.now()), verdict="benign")
    app = open_page("alerts")
    assert not app.exception
    assert people(app) == ["Bob", "Ana"]
    assert people(open_page("alerts", state="resolved")) == ["Cid"]
    assert people(open_page("alerts", q="an")) == ["Ana"]


def test_an_alert_of_the_address_opens_though_the_filter_hides_it(analyst: Services, numbers: list[int]) -> None:
    app = open_page("alerts", alert=str(numbers[0]), severity="critical")
    assert people(app) == ["Bob"]
    assert "Cuba" in texts_of(app)
    assert translate("errors.not_found.remedy", "en") in texts_of(open_page("alerts", alert="99999"))


def test_it_is_acknowledged_taken_and_commented_by_button(analyst: Services, numbers: list[int]) -> None:
    app = open_page("alerts", alert=str(numbers[0]))
    assert app.button(key="act_acknowledge").proto.shortcut.lower() == "a"
    app.button(key="act_acknowledge").click().run()
    assert row(analyst, numbers[0]).acknowledged_by == "analyst@example"
    app.button(key="act_assign_me").click().run()
    app.button(key="act_investigate").click().run()
    found = row(analyst, numbers[0])
    assert (found.owner, found.state) == ("analyst@example", "investigating")
    app.segmented_control(key="tab_tab").set_value("timeline").run()
    app.text_area(key=f"comment_{numbers[0]}").set_value("asked her").run()
    app.button(key="act_comment").click().run()
    assert "asked her" in texts_of(app)


def test_closing_asks_what_it_was(analyst: Services, numbers: list[int]) -> None:
    app = open_page("alerts", alert=str(numbers[1]))
    app.button(key="act_close").click().run()
    submit = next(one for one in app.form_submit_button if one.label == translate("alerts_page.close.do", "en"))
    submit.click().run()
    assert row(analyst, numbers[1]).is_open
    app = open_page("alerts", alert=str(numbers[1]))
    app.button(key="act_close").click().run()
    app.radio[0].set_value("true_positive")
    submit = next(one for one in app.form_submit_button if one.label == translate("alerts_page.close.do", "en"))
    submit.click().run()
    assert (row(analyst, numbers[1]).state, row(analyst, numbers[1]).verdict) == ("resolved", "true_positive")


def test_a_stale_page_says_who_was_quicker_and_does_nothing(analyst: Services, numbers: list[int]) -> None:
    app = open_page("alerts", alert=str(numbers[0]))
    with analyst.database.write() as session:
        work.assign(session, Target(numbers[0]), Actor("ada@example", analyst.clock.now()), owner="ada@example")
    app.button(key="act_investigate").click().run()
    assert "ada@example" in unescaped("\n".join(shown.value for shown in app.warning))
    assert row(analyst, numbers[0]).state == "open"


def test_next_and_previous_walk_the_queue(analyst: Services, numbers: list[int]) -> None:
    app = open_page("alerts", alert=str(numbers[1]))
    assert app.button(key="alert_previous").disabled
    app.button(key="alert_next").click().run()
    assert app.query_params["alert"] in (str(numbers[0]), [str(numbers[0])])


@pytest.mark.parametrize("tab", ["summary", "evidence", "similar", "timeline"])
def test_each_part_opens(analyst: Services, numbers: list[int], tab: str) -> None:
    app = open_page("alerts", alert=str(numbers[0]), tab=tab)
    assert not app.exception
    assert not app.error


def test_cases_and_mutes(analyst: Services, numbers: list[int]) -> None:
    app = open_page("alerts", view="cases")
    assert len(app.dataframe[0].value) == 3
    case = row(analyst, numbers[0]).case_id
    assert "Cuba" in texts_of(open_page("alerts", view="cases", case=str(case)))
    now = analyst.clock.now()
    with analyst.database.write() as session:
        scope = MuteScope(entity_kind="user", entity="ana")
        mute = work.mute(session, Actor("x", now), scope, expires_at=now + timedelta(hours=1), reason="a trip")
    assert "Ana" not in people(open_page("alerts"))
    app = open_page("alerts", view="mutes")
    app.button(key=f"lift_{mute.id}").click().run()
    assert row(analyst, numbers[0]).muted_until is None


def test_a_case_is_worked_as_one_thing(analyst: Services, numbers: list[int]) -> None:
    now = analyst.clock.now()
    again = draft("ana again", who="ana", severity="low", evidence=("ana 9",), at=now)
    with analyst.database.write() as session:
        second = receive_drafts(session, [again], at=now, legs=legs("ana 9", at=now))[0].alert_id
    both = (numbers[0], second)
    case = row(analyst, second).case_id
    app = open_page("alerts", view="cases", case=str(case))
    app.button(key="case_acknowledge").click().run()
    app.button(key="case_assign_me").click().run()
    assert {row(analyst, one).owner for one in both} == {row(analyst, second).acknowledged_by}
    app.button(key="case_close").click().run()
    app.radio(key="close_verdict").set_value("benign")
    app.text_area(key="close_notes").set_value("one trip")
    next(button for button in app.button if button.form_id == "close_alerts").click().run()
    assert not app.exception
    assert {(row(analyst, one).verdict, row(analyst, one).state) for one in both} == {("benign", "resolved")}
    assert "case_close" not in [button.key for button in open_page("alerts", view="cases", case=str(case)).button]


def test_something_seen_is_reported_by_hand(analyst: Services) -> None:
    app = open_page("alerts")
    assert translate("alerts_page.empty.soon", "en") in texts_of(app)
    app.button(key="alert_new").click().run()
    what, who = (
        next(one for one in app.text_input if one.label == translate(f"alerts_page.new.{name}", "en"))
        for name in ("what", "entity")
    )
    what.set_value("A caller asked for codes")
    who.set_value("Person 1")
    submit = next(one for one in app.form_submit_button if one.label == translate("alerts_page.new.do", "en"))
    submit.click().run()
    found = row(analyst, 1)
    assert (found.title, found.is_manual, found.entity_name) == ("A caller asked for codes", True, "Person 1")


def test_deleting_is_for_administrators(parts: Services, browser: Browser, numbers: list[int]) -> None:
    sign_in(parts, browser, "supervisor")
    assert not [one for one in open_page("alerts", alert=str(numbers[0])).button if one.key == "act_delete"]
    sign_in(parts, browser, "admin")
    app = open_page("alerts", alert=str(numbers[0]))
    app.button(key="act_delete").click().run()
    with parts.database.read() as session:
        assert session.get_one(AlertRow, numbers[0]).deleted_at is not None
