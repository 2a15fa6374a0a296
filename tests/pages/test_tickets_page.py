"""The Tickets and Operators pages: the address holds what is shown, buttons work it, roles bound it."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from core.alerts.receive import receive_drafts
from core.language import translate
from core.operators import clients, presence, roster
from core.operators.clients import ClientForm
from core.operators.presence import Absence
from core.operators.roster import OperatorForm
from core.services import Services
from core.store.models.tickets import TicketRow
from core.tickets import founding, policy_book, query, rule_book, rules, work
from core.tickets.links import Link
from core.tickets.policy_book import PolicyForm
from core.tickets.work import Actor, NewTicket, Target
from core.ui import frame, refusals
from core.ui.text import choose_language
from core.visits import work as visits
from tests.alerts.drafts import draft, legs
from tests.pages.conftest import Browser, open_page, sign_in, texts_of
from tests.visits.desk import new_visit
from tests.visits.operators import add_operator

BOLD = "<b>not bold</b>"
EVENTS = 2
"""Where Streamlit keeps dialogs and toasts, behind the page and its sidebar."""


@pytest.fixture
def numbers(parts: Services) -> list[int]:
    """Two open tickets and a resolved one, two operators of whom one signs in, and a client."""
    at = parts.clock.now()
    with parts.database.write() as session:
        founding.found_once(session, at)
        roster.save(session, OperatorForm("Olga", person="operator@example", skills=("fraud",)), actor="x", at=at)
        roster.save(session, OperatorForm("Bea"), actor="x", at=at)
        banco = clients.save(session, ClientForm("Banco"), actor="x", at=at)
        (about,) = receive_drafts(session, [draft(severity="low", at=at)], at=at)
        block = NewTicket("Block it", BOLD, priority="critical", client_id=banco, requested_by="operator@example")
        made = [
            work.create(session, block, actor="x", at=at),
            work.create(
                session, NewTicket("Ask them", links=(Link("alert", str(about.alert_id), "A-1"),)), actor="x", at=at
            ),
            work.create(session, NewTicket("Done"), actor="x", at=at),
        ]
        work.change_state(session, Target(made[2]), Actor("x", at), to="resolved", resolution="ok")
    return made


def row(parts: Services, number: int) -> TicketRow:
    with parts.database.read() as session:
        return query.one(session, number)


def titles(app: AppTest) -> list[str]:
    return list(app.dataframe[0].value["title"])


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def test_the_list_shows_open_work_by_the_next_deadline(parts: Services, browser: Browser, numbers: list[int]) -> None:
    sign_in(parts, browser, "supervisor")
    app = open_page("tickets")
    assert not app.exception
    assert titles(app) == ["Block it", "Ask them"]
    assert titles(open_page("tickets", view="all", state="resolved")) == ["Done"]
    assert titles(open_page("tickets", q="ask")) == ["Ask them"]
    board = open_page("tickets", show="board")
    assert not board.exception
    assert any("Block it" in str(button.label) for button in board.button)
    promises = open_page("tickets", show="promises")
    assert not promises.exception
    said = texts_of(promises)
    assert said.count("are to be taken within") == 4
    assert "resolved within 4 h" in said


def test_an_operator_takes_works_and_resolves(parts: Services, browser: Browser, numbers: list[int]) -> None:
    sign_in(parts, browser, "operator")
    app = open_page("tickets", ticket=numbers[0])
    assert "\\<b\\>not bold" in texts_of(app)
    assert "The operator" in app.table[0].value.to_string()
    press(app, "act_take")
    taken = row(parts, numbers[0])
    assert (taken.state, taken.owned_at is not None) == ("open", True)
    assert titles(open_page("tickets", view="mine")) == ["Block it"]
    links = texts_of(open_page("tickets", ticket=numbers[1], tab="ties"))
    assert translate("tickets.links.alert", "en") in links
    history = open_page("tickets", ticket=numbers[0], tab="timeline")
    history.text_area(key=f"ticket_comment_{numbers[0]}").set_value("se llamó").run()
    press(history, "act_ticket_comment")
    assert "se llamó" in texts_of(history)


def test_a_ticket_shows_its_visits_and_leads_to_a_new_one(
    parts: Services, browser: Browser, numbers: list[int]
) -> None:
    sign_in(parts, browser, "operator")
    bea = add_operator(parts.database, "Luisa", "luisa@example.com", "es")
    at = parts.clock.now()
    with parts.database.write() as session:
        wanted = new_visit(bea, starts_at=at + timedelta(days=1), ticket_id=numbers[0], title=BOLD)
        visit = visits.schedule(session, wanted, visits.Actor("x", at))
    app = open_page("tickets", ticket=numbers[0], tab="ties")
    assert not app.exception
    ways = [parse_qs(link.proto.query_string) for link in app.get("page_link")]
    assert {"visit": [str(visit.id)]} in ways
    assert {"new", "for_ticket", "for_client"} in [set(way) for way in ways]
    assert not any("<b>" in link.proto.label.replace("\\<", "") for link in app.get("page_link"))
    form = open_page("visits", new="1", for_ticket=numbers[0])
    assert form.text_input(key="vn_ticket").value == str(numbers[0])


def test_the_dashboard_names_who_is_on_shift(parts: Services, browser: Browser, numbers: list[int]) -> None:
    at = parts.clock.now()
    with parts.database.write() as session:
        away = Absence(at - timedelta(hours=1), at + timedelta(hours=1))
        bea = roster.save(session, OperatorForm("Eva", person="eva@example"), actor="x", at=at)
        presence.add_absence(session, bea, away, actor="x", at=at)
    sign_in(parts, browser, "supervisor")
    app = open_page("dashboard")
    assert not app.exception
    said = texts_of(app)
    assert "Olga ·" in said
    assert "Eva ·" not in said


def test_a_supervisor_writes_a_rule_and_sees_what_it_does(
    parts: Services, browser: Browser, numbers: list[int]
) -> None:
    at = parts.clock.now()
    with parts.database.write() as session:
        receive_drafts(session, [draft(at=at)], at=at)
    sign_in(parts, browser, "supervisor")
    app = press(open_page("tickets", show="rules"), "rule_add")
    assert "Alerts of high severity or above become tickets" in texts_of(app)
    assert "Of 1 alert in the last" in texts_of(app)
    app.text_input(key="tr_name_new").set_value(BOLD)
    app.selectbox(key="tr_priority_new").set_value("critical")
    press(app, "tr_save")
    with parts.database.read() as session:
        first, second = rule_book.kept_rules(session)
    assert (second.name, second.priority, second.changed_by) == (BOLD, "critical", "supervisor@example")
    app = press(open_page("tickets", show="rules"), f"rule_up_{second.id}")
    press(app, f"rule_pause_{second.id}")
    press(app, f"rule_remove_{first.id}")
    with parts.database.read() as session:
        kept = [(row.id, row.is_paused) for row in rule_book.kept_rules(session)]
    assert kept == [(second.id, True)]
    assert "\\<b\\>not bold" in texts_of(app)


def test_what_cannot_be_promised_is_told_in_the_form(parts: Services, browser: Browser, numbers: list[int]) -> None:
    sign_in(parts, browser, "supervisor")
    with parts.database.read() as session:
        row = policy_book.kept_policies(session)[0]
    app = press(open_page("tickets", show="promises"), f"promise_edit_{row.id}")
    mark = f"{row.priority}_0_{row.version}"
    app.number_input(key=f"tp_own_{mark}").set_value(500)
    press(app, "tp_save")
    assert "minutes to own" in refusals.words(app.session_state["ticket_promise_problem"])
    press(app, f"promise_edit_{row.id}")
    app.number_input(key=f"tp_own_{mark}").set_value(30)
    press(app, "tp_save")
    with parts.database.read() as session:
        assert policy_book.kept_policies(session)[0].own_minutes == 30
    app = press(open_page("tickets", show="calendars"), "calendar_add")
    app.text_area(key="tc_closed_new").set_value("2026-12-24, 2026-12-31")
    app.text_input(key="tc_name_new").set_value("Desk")
    press(app, "tc_save")
    with parts.database.read() as session:
        kept = {one.name: one.closed_days for one in policy_book.kept_calendars(session)}
    assert kept["Desk"] == ["2026-12-24", "2026-12-31"]


def test_whoever_changed_a_promise_first_is_called_by_name(
    parts: Services, browser: Browser, numbers: list[int]
) -> None:
    quicker = sign_in(parts, browser, "admin")
    sign_in(parts, browser, "supervisor", "es")
    with parts.database.read() as session:
        row = policy_book.kept_policies(session)[0]
    app = press(open_page("tickets", show="promises"), f"promise_edit_{row.id}")
    assert [one.proto.placeholder for one in app.data_editor] == ["–"]
    with parts.database.write() as session:
        form = PolicyForm(row.priority, row.calendar_id, 20, row.resolve_minutes)
        policy_book.save_policy(session, form, actor=quicker.name, at=parts.clock.now())
    press(app, "tp_save")
    choose_language("es")
    try:
        told = refusals.words(app.session_state["ticket_promise_problem"])
    finally:
        choose_language(None)
    assert told.startswith(f"{quicker.display_name} cambió {translate(f'tickets.priorities.{row.priority}', 'es')}")


def test_a_dialog_stands_behind_the_places_of_its_toasts(parts: Services, browser: Browser, numbers: list[int]) -> None:
    sign_in(parts, browser, "supervisor")
    app = press(open_page("tickets"), "ticket_new_open")
    events = app._tree.children[EVENTS].children
    (place,) = (place for place, one in events.items() if one.type == "dialog")
    assert place >= frame.MOST_TOASTS, "where the toast of its button is drawn"


def test_a_form_that_was_only_closed_leaves_nothing_in_the_next(
    parts: Services, browser: Browser, numbers: list[int]
) -> None:
    sign_in(parts, browser, "supervisor")
    with parts.database.read() as session:
        operators = {row.name: row.id for row in roster.everybody(session)}
    app = press(open_page("operators", view="operators"), f"operator_change_{operators['Bea']}")
    shown = [one for one in press(app, f"operator_change_{operators['Olga']}").text_input if one.value in operators]
    assert [one.value for one in shown] == ["Olga"]
    app = press(open_page("tickets", ticket=numbers[0]), "act_edit")
    with parts.database.write() as session:
        changes = work.Changes(title="Block it now")
        work.edit(session, Target(numbers[0]), Actor("bob@example", parts.clock.now()), changes)
    assert "Block it now" in [one.value for one in press(app, "act_edit").text_input]


def test_operators_read_rules_and_change_none(parts: Services, browser: Browser, numbers: list[int]) -> None:
    sign_in(parts, browser, "operator")
    for show in ("rules", "promises", "calendars"):
        app = open_page("tickets", show=show)
        assert not app.exception
        assert not [button.key for button in app.button if button.key and button.key.startswith(show[:-1])]


def test_the_choice_tells_why(parts: Services, browser: Browser, numbers: list[int]) -> None:
    sign_in(parts, browser, "analyst")
    app = press(open_page("tickets", ticket=numbers[0]), "act_best")
    assert row(parts, numbers[0]).operator_id is not None
    assert "Olga" in texts_of(app)


def test_a_stale_page_says_who_was_quicker(parts: Services, browser: Browser, numbers: list[int]) -> None:
    sign_in(parts, browser, "supervisor")
    app = open_page("tickets", ticket=numbers[0])
    with parts.database.write() as session:
        actor = Actor("bob@example", parts.clock.now())
        work.prioritise(session, Target(numbers[0]), actor, priority="low")
    press(app, "act_begin")
    assert row(parts, numbers[0]).state == "new"
    assert "bob" in texts_of(app)


def test_who_asked_and_who_was_quicker_are_called_by_name(
    parts: Services, browser: Browser, numbers: list[int]
) -> None:
    quicker = sign_in(parts, browser, "analyst")
    sign_in(parts, browser, "supervisor")
    with parts.database.write() as session:
        asked = NewTicket("No tone", requested_by=quicker.name)
        number = work.create(session, asked, actor=quicker.name, at=parts.clock.now())
    app = open_page("tickets", ticket=number)
    assert quicker.display_name in str([one.value.to_dict() for one in app.table])
    with parts.database.write() as session:
        actor = Actor(quicker.name, parts.clock.now())
        work.prioritise(session, Target(number), actor, priority="low")
    told = texts_of(press(app, "act_begin"))
    assert quicker.display_name in told
    assert quicker.name not in told


def test_an_alert_becomes_a_ticket_by_a_click(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "analyst")
    at = parts.clock.now()
    with parts.database.write() as session:
        drafts = [draft("ana", who="ana", severity="low", evidence=("e1",), at=at)]
        number = receive_drafts(session, drafts, at=at, legs=legs("e1", at=at))[0].alert_id
    press(open_page("alerts", alert=number), f"make_ticket_alert_{number}")
    with parts.database.read() as session:
        assert rules.tickets_of_alerts(session, [number]) == {number: ["T-1"]}
    shown = open_page("alerts", alert=number)
    assert f"make_ticket_alert_{number}" not in {button.key for button in shown.button}


@pytest.mark.parametrize(
    ("view", "role", "language"),
    [
        ("load", "operator", "es"),
        ("operators", "supervisor", "es"),
        ("shifts", "supervisor", "en"),
        ("absences", "supervisor", "es"),
        ("clients", "operator", "es"),
    ],
)
def test_every_view_of_operators_draws_for_who_may(
    parts: Services, browser: Browser, numbers: list[int], view: str, role: str, language: str
) -> None:
    sign_in(parts, browser, role, language)
    app = open_page("operators", view=view)
    assert not app.exception
    keys: set[Any] = {button.key for button in app.button}
    assert ("operator_add" in keys) is (view == "operators")
    assert "client_add" not in keys
    if view in ("load", "operators"):
        assert "Olga" in texts_of(app)
    if view == "shifts":
        assert [one.proto.placeholder for one in app.data_editor] == ["–"]
