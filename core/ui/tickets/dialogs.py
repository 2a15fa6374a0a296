"""What is asked before a ticket waits, ends or becomes part of another."""

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from typing import Literal

import streamlit as st
from sqlalchemy.orm import Session

from core.errors import TollwatchError
from core.tickets import work
from core.tickets.changing import Actor
from core.tickets.timeline import LONGEST_COMMENT, LONGEST_REASON
from core.tickets.vocabulary import number_of
from core.tickets.work import Target, Wait
from core.ui import session, times
from core.ui.text import escaped, t
from core.ui.tickets import actions

_ICONS = {"waiting": ":material/pause_circle:", "resolved": ":material/task_alt:", "closed": ":material/check_circle:"}
_MERGE_ICON = ":material/merge:"
_FORM = "ticket_dialog"


def state_dialog(targets: Sequence[Target], to: str) -> None:
    """Ask what they wait for, or how they were resolved, then move them there."""

    @st.dialog(t(f"tickets_page.dialogs.{to}.title", n=len(targets)), icon=_ICONS[to])
    def ask() -> None:
        _settled()
        with st.form(f"ticket_{to}", border=False):
            if to == "waiting":
                _wait_fields()
            else:
                st.text_area(
                    t(f"tickets_page.dialogs.{to}.words"), max_chars=LONGEST_COMMENT, height=120, key="td_words"
                )
            st.form_submit_button(
                t(f"tickets_page.dialogs.{to}.do"), type="primary", width="stretch", on_click=_move, args=(targets, to)
            )

    _begin()
    ask()


def _wait_fields() -> None:
    st.text_input(t("tickets_page.dialogs.waiting.words"), max_chars=LONGEST_REASON, key="td_words")
    with st.container(horizontal=True):
        st.date_input(
            t("tickets_page.dialogs.waiting.day", zone=str(times.zone())), value=None, key="td_day", format="YYYY-MM-DD"
        )
        st.time_input(t("tickets_page.dialogs.waiting.time"), value=time(9), key="td_time", step=timedelta(minutes=15))
    st.caption(t("tickets_page.dialogs.waiting.help"))


def _move(targets: Sequence[Target], to: str) -> None:
    words = str(st.session_state["td_words"] or "").strip()
    if not words and to != "closed":
        _missing(t(f"tickets_page.dialogs.{to}.needed"))
        return
    wait = Wait(words, _until()) if to == "waiting" else None
    resolution = "" if to == "waiting" else words
    actions.change(
        targets,
        lambda who: lambda opened, one: work.change_state(opened, one, who, to=to, wait=wait, resolution=resolution),
        t(f"tickets_page.done.{to}"),
    )
    _done()


def _until() -> datetime | None:
    day = st.session_state.get("td_day")
    return datetime.combine(day, st.session_state["td_time"], times.zone()) if day else None


def merge_dialog(target: Target, name: str) -> None:
    """Ask which ticket it becomes part of and why, then merge."""

    @st.dialog(t("tickets_page.dialogs.merge.title", what=name), icon=_MERGE_ICON)
    def ask() -> None:
        _settled()
        st.caption(t("tickets_page.dialogs.merge.help"))
        with st.form("ticket_merge", border=False):
            st.text_input(t("tickets_page.dialogs.merge.into"), placeholder="T-17", max_chars=20, key="td_into")
            st.text_input(t("tickets_page.reason"), max_chars=LONGEST_REASON, key="td_words")
            st.form_submit_button(
                t("tickets_page.dialogs.merge.do"), type="primary", width="stretch", on_click=_merge, args=(target,)
            )

    _begin()
    ask()


def _merge(target: Target) -> None:
    into = number_of(str(st.session_state["td_into"] or ""))
    if into is None:
        _missing(t("tickets_page.dialogs.merge.needed"))
        return
    reason = str(st.session_state["td_words"] or "")
    merged = actions.change(
        [target],
        lambda who: lambda opened, one: work.merge(opened, one, who, into=into, reason=reason),
        t("tickets_page.done.merge"),
    )
    if merged:
        actions.open_ticket(into)
    _done()


def asked(
    form: str, title: str, icon: str, draw: Callable[[], None], *, width: Literal["small", "medium", "large"] = "small"
) -> None:
    """Open a dialog that ``draw`` fills and that closes once its button has done its work."""

    @st.dialog(title, icon=icon, width=width)
    def ask() -> None:
        _settled(form)
        draw()

    _begin(form)
    ask()


def finished(form: str) -> None:
    """Callback of a dialog's button: its work is done."""
    st.session_state[f"{form}_done"] = True


def keep(form: str, act: Callable[[Session, Actor], object], done: str, permission: str) -> None:
    """Callback of a dialog's button: do it in one transaction; what is refused is told in the dialog, which stays."""
    try:
        who = actions.actor(permission)
        with session.services().database.write() as opened:
            act(opened, who)
    except TollwatchError as error:
        refused(form, error)
        return
    st.toast(done, icon=":material/check:")
    finished(form)


def refused(form: str, problem: str | TollwatchError) -> None:
    """Callback of a dialog's button: what is missing or wrong; the dialog stays."""
    st.session_state[f"{form}_problem"] = problem if isinstance(problem, str) else escaped(actions.told(problem))


def _begin(form: str = _FORM) -> None:
    for left in ("done", "problem"):
        st.session_state.pop(f"{form}_{left}", None)


def _settled(form: str = _FORM) -> None:
    if st.session_state.pop(f"{form}_done", False):
        st.rerun()
    if problem := st.session_state.pop(f"{form}_problem", None):
        st.error(problem, icon=":material/error:")


def _missing(problem: str) -> None:
    refused(_FORM, problem)


def _done() -> None:
    finished(_FORM)
