"""What people do with visits, as callbacks of buttons: check the right, change, say what became of it."""

import streamlit as st

from core.store.models.visits import VisitRow
from core.ui import dialogs, navigation, refusals, session
from core.ui.text import escaped, language, t
from core.visits import availability, work
from core.visits.errors import VisitClashError, VisitTimeError
from core.visits.query import Reader
from core.visits.vocabulary import LONGEST_NOTES, LONGEST_REASON
from core.visits.work import Actor, Target

VISIT = "visit"
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
    return session.may("visits.work")


@refusals.words.register
def _taken(error: VisitClashError) -> str:
    facts = {"who": error.facts["who"], "what": error.facts["what"], "when": refusals.to_the_minute(error)}
    return f"{t('visits_page.clash', **facts)} {error.remedy(language())}"


@refusals.words.register
def _impossible(error: VisitTimeError) -> str:
    return error.message(language())


@refusals.told.register
def _see_other(error: VisitClashError) -> None:
    """Why it was refused, with a link to what is in the way."""
    st.error(escaped(refusals.words(error)), icon=":material/event_busy:")
    st.page_link(
        navigation.script("visits"),
        label=t("visits_page.see_other", id=error.facts["what"]),
        icon=":material/event_busy:",
        query_params={VISIT: str(error.facts["visit_id"])},
    )


def open_visit(visit_id: int) -> None:
    """Callback: show a visit beside the calendar."""
    st.query_params[VISIT] = str(visit_id)


def close_visit() -> None:
    """Callback: show none."""
    st.query_params.pop(VISIT, None)


def end_dialog(visit: VisitRow, kind: str) -> None:
    """Ask for the reason, then cancel the visit, or for what came of it, then close it; ``kind`` is the action."""
    title = t(f"visits_page.end.{kind}_title", what=visit.title)
    dialogs.asked(_END, title, _ICONS[kind], lambda: _end_fields(visit, kind))


def _end_fields(visit: VisitRow, kind: str) -> None:
    with st.form("end_visit", border=False):
        if kind == "cancel":
            st.caption(t("visits_page.end.cancel_help"))
        longest = LONGEST_REASON if kind == "cancel" else LONGEST_NOTES
        st.text_area(t(f"visits_page.end.{kind}_words"), max_chars=longest, height=100, key="end_words")
        st.form_submit_button(
            t(f"visits_page.end.{kind}_do"), type="primary", width="stretch", on_click=_end, args=(visit, kind)
        )


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

    dialogs.attempt(_END, write, t(f"visits_page.done.{kind}"))
