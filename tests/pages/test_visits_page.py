"""The Visits page: calendar and list of one filter, forms that schedule, move and close, and say what is in the way."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from core.language import LANGUAGES, Language, translate
from core.operators import presence
from core.operators.hours import Shift
from core.services import Services
from core.store.models.visits import VisitRow
from core.tickets import work as tickets
from core.tickets.work import NewTicket
from core.ui import refusals
from core.visits import query, work
from core.visits.filters import VisitFilter
from core.visits.query import Reader
from core.visits.work import Actor, Move, Target
from tests.pages.conftest import Browser, open_page, sign_in, texts_of
from tests.visits.desk import new_visit
from tests.visits.operators import add_operator

BOGOTA = ZoneInfo("America/Bogota")


@pytest.fixture
def desk(parts: Services, browser: Browser) -> Services:
    sign_in(parts, browser, "supervisor")
    return parts


@pytest.fixture
def luisa(desk: Services) -> int:
    return add_operator(desk.database, "Luisa", "luisa@example.com", "es")


def tomorrow(parts: Services, hour: int = 9) -> datetime:
    local = parts.clock.now().astimezone(BOGOTA) + timedelta(days=1)
    return local.replace(hour=hour, minute=0, second=0, microsecond=0)


def scheduled(parts: Services, operator: int, at: datetime, **more: Any) -> VisitRow:
    with parts.database.write() as session:
        return work.schedule(session, new_visit(operator, starts_at=at, **more), Actor("ana", parts.clock.now()))


def visits(parts: Services) -> list[VisitRow]:
    with parts.database.read() as session:
        return query.page(session, VisitFilter(when="all"), Reader(parts.clock.now())).rows


def fill(app: AppTest, operator: int, at: datetime, title: str = "Trunk check") -> AppTest:
    app.text_input(key="vn_title").set_value(title)
    app.text_input(key="vn_client_name").set_value("Doña Rosa")
    app.selectbox(key="vn_operator").set_value(operator)
    app.date_input(key="vn_day").set_value(at.date())
    app.time_input(key="vn_at").set_value(at.time())
    return submit(app, "visits_page.new.do")


def submit(app: AppTest, key: str) -> AppTest:
    wanted = translate(key, "en")
    button = next(one for one in app.button if one.label == wanted)
    return button.click().run()


def test_a_visit_is_scheduled_by_the_form_at_the_time_of_the_place(desk: Services, luisa: int) -> None:
    app = open_page("visits")
    app.button(key="visit_new").click().run()
    fill(app, luisa, tomorrow(desk))
    (row,) = visits(desk)
    assert (row.starts_at, row.zone, row.client_name) == (tomorrow(desk), "America/Bogota", "Doña Rosa")
    assert list(app.query_params["visit"]) == list(str(row.id))
    shown = texts_of(open_page("visits", visit=str(row.id)))
    assert translate("visits.concerns.no_client_mail", "en") in shown
    assert "09:00–10:00" in shown.replace("\\", "")


def test_a_clash_is_refused_in_the_form_and_an_hour_off_shift_asks_first(desk: Services, luisa: int) -> None:
    taken = scheduled(desk, luisa, tomorrow(desk))
    app = open_page("visits")
    app.button(key="visit_new").click().run()
    fill(app, luisa, tomorrow(desk))
    # Outside a browser a dialog closes at its button; what it would say waits where it reads it.
    assert app.session_state["visit_new_problem"].facts["what"] == taken.public_id
    nights = Shift(tuple(range(7)), 22 * 60, 6 * 60, "America/Bogota")
    with desk.database.write() as session:
        presence.set_shifts(session, luisa, [nights], actor="test", at=desk.clock.now())
    app = open_page("visits")
    app.button(key="visit_new").click().run()
    fill(app, luisa, tomorrow(desk, 14))
    assert app.session_state["visit_new_concerns"] == ["outside_shift"]
    assert len(visits(desk)) == 1


def test_a_visit_is_moved_cancelled_and_closed_by_button(desk: Services, luisa: int) -> None:
    first = scheduled(desk, luisa, tomorrow(desk))
    app = open_page("visits", visit=str(first.id))
    app.button(key="visit_move").click().run()
    app.text_input(key="vm_reason").set_value("She asked")
    app.selectbox(key="vm_minutes").set_value(90)
    submit(app, "visits_page.move.do")
    moved = visits(desk)[0]
    assert (moved.ends_at - moved.starts_at, moved.version) == (timedelta(minutes=90), 2)
    app = open_page("visits", visit=str(first.id))
    app.button(key="visit_cancel").click().run()
    app.text_area(key="end_words").set_value("Rain")
    submit(app, "visits_page.end.cancel_do")
    assert visits(desk)[0].state == "cancelled"
    assert "Rain" in texts_of(open_page("visits", visit=str(first.id)))
    begun = scheduled(desk, luisa, desk.clock.now() - timedelta(minutes=30), minutes=60)
    app = open_page("visits", visit=str(begun.id))
    app.button(key="visit_done").click().run()
    app.text_area(key="end_words").set_value("Repaired")
    submit(app, "visits_page.end.done_do")
    assert {row.state for row in visits(desk)} == {"cancelled", "done"}


def test_whoever_was_slower_reads_who_changed_it(desk: Services, luisa: int) -> None:
    row = scheduled(desk, luisa, tomorrow(desk))
    app = open_page("visits", visit=str(row.id))
    app.button(key="visit_cancel").click().run()
    with desk.database.write() as session:
        work.move(session, Target(row.id), Move(minutes=30), Actor("grace", desk.clock.now()))
    submit(app, "visits_page.end.cancel_do")
    assert visits(desk)[0].state == "scheduled"
    assert "grace" in refusals.words(app.session_state["visit_end_problem"])


def test_whoever_was_quicker_is_called_by_name(desk: Services, luisa: int, browser: Browser) -> None:
    quicker = sign_in(desk, browser, "analyst")
    row = scheduled(desk, luisa, tomorrow(desk))
    app = open_page("visits", visit=str(row.id))
    assert translate("visits_page.mails", "en") in texts_of(app)
    app.button(key="visit_cancel").click().run()
    with desk.database.write() as session:
        work.move(session, Target(row.id), Move(minutes=30), Actor(quicker.name, desk.clock.now()))
    submit(app, "visits_page.end.cancel_do")
    assert quicker.display_name in refusals.words(app.session_state["visit_end_problem"])


def test_each_form_begins_with_what_it_was_opened_for(desk: Services, luisa: int) -> None:
    app = open_page("visits", new="1", at="2026-12-01T10:00")
    app.query_params["new"], app.query_params["at"] = "1", "2026-12-02T11:30"
    app.run()
    assert (app.date_input(key="vn_day").value, app.time_input(key="vn_at").value) == (date(2026, 12, 2), time(11, 30))
    row = scheduled(desk, luisa, tomorrow(desk))
    app = open_page("visits", visit=str(row.id))
    app.button(key="visit_move").click().run()
    with desk.database.write() as session:
        work.move(session, Target(row.id), Move(minutes=30, place="Lobby"), Actor("grace", desk.clock.now()))
    app.button(key="visit_move").click().run()
    assert (app.selectbox(key="vm_minutes").value, app.text_input(key="vm_place").value) == (30, "Lobby")


def test_a_visit_names_only_a_ticket_there_is(desk: Services, luisa: int) -> None:
    for told in ("T-99", "that one"):
        app = open_page("visits", new="1")
        app.text_input(key="vn_ticket").set_value(told)
        fill(app, luisa, tomorrow(desk))
        assert app.session_state["visit_new_problem"].message("es") == f"No existe: tiquete {told}."
    assert visits(desk) == []
    with desk.database.write() as session:
        number = tickets.create(session, NewTicket("No tone"), actor="ana", at=desk.clock.now())
    app = open_page("visits", new="1", for_ticket=str(number))
    fill(app, luisa, tomorrow(desk))
    assert [row.ticket_id for row in visits(desk)] == [number]


def test_the_address_holds_the_filter_and_the_list_shows_what_it_leaves(desk: Services, luisa: int) -> None:
    pedro = add_operator(desk.database, "Pedro", "pedro@example.com")
    scheduled(desk, luisa, tomorrow(desk), title="Trunk check")
    scheduled(desk, pedro, tomorrow(desk), title="**Hostile** <b>title</b>")
    app = open_page("visits", view="list", operator=str(pedro))
    assert list(app.dataframe[0].value["operator"]) == ["Pedro"]
    app = open_page("visits", view="list", q="trunk", state="scheduled")
    assert list(app.dataframe[0].value["title"]) == ["Trunk check"]
    assert translate("visits_page.empty.no_match", "en") in texts_of(open_page("visits", view="list", when="past"))
    app = open_page("visits", view="list", operator="nonsense", since="soon")
    assert len(app.warning) == 2
    assert len(app.dataframe[0].value) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_view_opens_in_both_languages_with_visits_in_it(
    parts: Services, browser: Browser, language: Language
) -> None:
    sign_in(parts, browser, "operator", language)
    row = scheduled(parts, add_operator(parts.database, "Ana", "ana@example.com"), tomorrow(parts), ticket_id=None)
    for view in ("week", "day", "list"):
        app = open_page("visits", view=view, day=tomorrow(parts).date().isoformat(), visit=str(row.id))
        assert not app.exception
    assert app.dataframe[0].value["state"][0] == [translate("visits.states.scheduled", language)]
    assert translate("errors.not_found.remedy", language) in texts_of(open_page("visits", visit="999"))


def test_a_link_to_a_visit_opens_the_week_it_is_in(desk: Services, luisa: int) -> None:
    at = tomorrow(desk) + timedelta(days=35)
    row = scheduled(desk, luisa, at)
    app = open_page("visits", visit=row.public_id)
    assert any(f"{at:%Y}" in one.value and f"{at:%B}" in one.value for one in app.markdown if "–" in one.value)
    app.button(key="calendar_today").click().run()
    assert app.query_params["day"] == desk.clock.now().astimezone(BOGOTA).date().isoformat()
