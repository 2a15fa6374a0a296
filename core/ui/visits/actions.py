"""What people do with visits, as callbacks of buttons: check the right, change, say what became of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import streamlit as st

from core.errors import TollwatchError
from core.language import is_text
from core.store.models.visits import VisitRow
from core.ui import navigation, session, times
from core.ui.text import error_texts, escaped, t
from core.ui.who import person_name
from core.visits import availability, work
from core.visits.errors import VisitChangedError, VisitClashError, VisitStateError, VisitTimeError
from core.visits.query import Reader
from core.visits.vocabulary import LONGEST_NOTES, LONGEST_REASON
from core.visits.work import Actor, Target

VISIT = "visit"
_PROBLEM = "visit_problem"
_END = "visit_end"


def reader() -> Reader:
    """Who looks, and now."""
    person, parts = session.current_user(), session.services()
    with parts.database.read() as opened:
        me = availability.own_number(opened, person.name) if person else None
    return Reader(parts.clock.now(), me)


def actor(key: str = "") -> Actor:
    """Who acts. Raises ``NotAllowedError`` for who may not."""
    return Actor(session.check("visits.work").name, session.services().clock.now(), key)


def may_work() -> bool:
    """Whether the person may change visits."""
    person = session.current_user()
    return person is not None and person.may("visits.work")


def notices() -> None:
    """Why the last click was refused, if it was."""
    if problem := st.session_state.pop(_PROBLEM, None):
        refused(problem)


def refused(problem: TollwatchError) -> None:
    """Say in place why something was refused, times by the viewer's clock, with a link to what is in the way."""
    st.error(escaped(" ".join(told(problem))), icon=":material/error:")
    if isinstance(problem, VisitClashError):
        st.page_link(
            navigation.script("visits"),
            label=t("visits_page.see_other", id=problem.facts["what"]),
            icon=":material/event_busy:",
            query_params={VISIT: str(problem.facts["visit_id"])},
        )


def told(error: TollwatchError) -> tuple[str, str]:
    """Message and remedy of an error with times and states as people read them."""
    message, remedy = error_texts(error)
    facts = error.facts
    if isinstance(error, VisitClashError | VisitChangedError):
        when = times.to_the_minute(datetime.fromisoformat(str(facts["when"])))
        key = "clash" if isinstance(error, VisitClashError) else "changed_by"
        who = facts["who"] if isinstance(error, VisitClashError) else person_name(str(facts["who"]))
        message = t(f"visits_page.problems.{key}", who=who, what=facts["what"], when=when)
    elif isinstance(error, VisitStateError) and is_text(f"visits.states.{facts['state']}"):
        state = t(f"visits.states.{facts['state']}").lower()
        message = t("errors.visit_state.message", what=facts["what"], state=state)
    elif isinstance(error, VisitTimeError):
        return message, ""
    return message, remedy


def attempt(action: Callable[[], Any], done: str) -> bool:
    """Do it; what is refused is told at the top of the page. Gives whether it was done."""
    try:
        action()
    except TollwatchError as error:
        st.session_state[_PROBLEM] = error
        return False
    st.toast(done, icon=":material/check:")
    return True


def open_visit(visit_id: int) -> None:
    """Callback: show a visit beside the calendar."""
    st.query_params[VISIT] = str(visit_id)


def close_visit() -> None:
    """Callback: show none."""
    st.query_params.pop(VISIT, None)


def end_dialog(visit: VisitRow, kind: str) -> None:
    """Ask for the reason, then cancel the visit, or for what came of it, then close it; ``kind`` is the action."""

    @st.dialog(t(f"visits_page.end.{kind}_title", what=visit.title), icon=_ICONS[kind])
    def ask() -> None:
        if st.session_state.pop(f"{_END}_done", False):
            st.rerun()
        with st.form("end_visit", border=False):
            if kind == "cancel":
                st.caption(t("visits_page.end.cancel_help"))
            longest = LONGEST_REASON if kind == "cancel" else LONGEST_NOTES
            st.text_area(t(f"visits_page.end.{kind}_words"), max_chars=longest, height=100, key="end_words")
            st.form_submit_button(
                t(f"visits_page.end.{kind}_do"), type="primary", width="stretch", on_click=_end, args=(visit, kind)
            )

    st.session_state.pop(f"{_END}_done", None)
    ask()


_ICONS = {"cancel": ":material/event_busy:", "done": ":material/task_alt:", "missed": ":material/person_off:"}


def _end(visit: VisitRow, kind: str) -> None:
    words = str(st.session_state["end_words"] or "")
    target = Target(visit.id, visit.version)

    def write() -> None:
        who = actor()
        with session.services().database.write() as opened:
            if kind == "cancel":
                work.cancel(opened, target, who, reason=words)
            else:
                work.finish(opened, target, who, outcome=words, missed=kind == "missed")

    attempt(write, t(f"visits_page.done.{kind}"))
    st.session_state[f"{_END}_done"] = True
