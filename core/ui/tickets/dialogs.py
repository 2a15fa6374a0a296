"""What is asked before a ticket waits, ends or becomes part of another."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

import streamlit as st

from core.tickets import work
from core.tickets.timeline import LONGEST_COMMENT, LONGEST_REASON
from core.tickets.vocabulary import number_of
from core.tickets.work import Target, Wait
from core.ui import dialogs, times
from core.ui.text import t
from core.ui.tickets import actions

_ICONS = {"waiting": ":material/pause_circle:", "resolved": ":material/task_alt:", "closed": ":material/check_circle:"}
_MERGE_ICON = ":material/merge:"
_FORM = "ticket_dialog"


def state_dialog(targets: Sequence[Target], to: str) -> None:
    """Ask what they wait for, or how they were resolved, then move them there."""

    title = t(f"tickets_page.dialogs.{to}.title", n=len(targets))
    dialogs.asked(_FORM, title, _ICONS[to], lambda: _state_fields(targets, to))


def _state_fields(targets: Sequence[Target], to: str) -> None:
    with st.form(f"ticket_{to}", border=False):
        if to == "waiting":
            _wait_fields()
        else:
            st.text_area(t(f"tickets_page.dialogs.{to}.words"), max_chars=LONGEST_COMMENT, height=120, key="td_words")
        st.form_submit_button(
            t(f"tickets_page.dialogs.{to}.do"), type="primary", width="stretch", on_click=_move, args=(targets, to)
        )


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
        dialogs.refused(_FORM, t(f"tickets_page.dialogs.{to}.needed"))
        return
    wait = Wait(words, _until()) if to == "waiting" else None
    resolution = "" if to == "waiting" else words
    actions.change(
        targets,
        lambda who: lambda opened, one: work.change_state(opened, one, who, to=to, wait=wait, resolution=resolution),
        t(f"tickets_page.done.{to}"),
        form=_FORM,
    )


def _until() -> datetime | None:
    day = st.session_state.get("td_day")
    return datetime.combine(day, st.session_state["td_time"], times.zone()) if day else None


def merge_dialog(target: Target, name: str) -> None:
    """Ask which ticket it becomes part of and why, then merge."""

    title = t("tickets_page.dialogs.merge.title", what=name)
    dialogs.asked(_FORM, title, _MERGE_ICON, lambda: _merge_fields(target))


def _merge_fields(target: Target) -> None:
    st.caption(t("tickets_page.dialogs.merge.help"))
    with st.form("ticket_merge", border=False):
        st.text_input(t("tickets_page.dialogs.merge.into"), placeholder="T-17", max_chars=20, key="td_into")
        st.text_input(t("tickets_page.reason"), max_chars=LONGEST_REASON, key="td_words")
        st.form_submit_button(
            t("tickets_page.dialogs.merge.do"), type="primary", width="stretch", on_click=_merge, args=(target,)
        )


def _merge(target: Target) -> None:
    into = number_of(str(st.session_state["td_into"] or ""))
    if into is None:
        dialogs.refused(_FORM, t("tickets_page.dialogs.merge.needed"))
        return
    reason = str(st.session_state["td_words"] or "")
    merged = actions.change(
        [target],
        lambda who: lambda opened, one: work.merge(opened, one, who, into=into, reason=reason),
        t("tickets_page.done.merge"),
        form=_FORM,
    )
    if merged:
        actions.open_ticket(into)
