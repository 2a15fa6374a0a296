"""Absences: who is away when, and the form that notes one."""

from datetime import datetime, time, timedelta
from typing import Any

import streamlit as st

from core.errors import InvalidInputError
from core.operators import presence, roster
from core.operators.presence import Absence
from core.operators.vocabulary import ABSENCE_REASONS, LONGEST_NOTE
from core.ui import session, states, times
from core.ui.operators import work
from core.ui.text import escaped, t


def draw() -> None:
    """Present and coming absences, and the form below them."""
    now = session.services().clock.now()
    with session.services().database.read() as opened:
        found = presence.absences(opened, now)
        names = roster.names(opened)
        offered = {row.id: row.name for row in roster.everybody(opened)}
    if not found:
        states.empty(t("operators_page.empty.absences"), t("operators_page.empty.absences_help"))
    for one in found:
        with st.container(border=True, key=f"card-absence-{one.id}", horizontal=True, vertical_alignment="center"):
            with st.container(gap=None):
                st.markdown(f"**{escaped(names.get(one.operator_id, ''))}** · {t(f'operators.absences.{one.reason}')}")
                span = f"{times.to_the_minute(one.begins_at)} – {times.to_the_minute(one.ends_at)}"
                st.caption(escaped(" · ".join(part for part in (span, one.note) if part)))
            if work.may_manage():
                st.button(
                    t("operators_page.absences.remove"), key=f"absence_{one.id}", on_click=_remove, args=(one.id,)
                )
    if work.may_manage() and offered:
        _form(offered)


def _form(offered: dict[int, str]) -> None:
    today = times.local(session.services().clock.now()).date()
    with st.form("absence", clear_on_submit=True):
        st.markdown(f"**{t('operators_page.absences.add')}**")
        left, right = st.columns(2)
        left.selectbox(
            t("operators_page.shifts.whose"), list(offered), format_func=lambda one: offered[one], key="ab_operator"
        )
        right.selectbox(
            t("operators_page.absences.reason"),
            ABSENCE_REASONS,
            format_func=lambda one: t(f"operators.absences.{one}"),
            key="ab_reason",
        )
        st.date_input(
            t("operators_page.absences.days", zone=f"({times.zone().key})"),
            value=(today, today + timedelta(days=1)),
            key="ab_days",
            format="YYYY-MM-DD",
        )
        st.text_input(t("operators_page.absences.note"), max_chars=LONGEST_NOTE, key="ab_note")
        st.form_submit_button(t("operators_page.absences.add"), type="primary", on_click=_add)


def _add() -> None:
    """Callback: note the absence that the form tells, whole days by the viewer's clock."""
    state = st.session_state

    def act(opened: Any, who: str, at: datetime) -> None:
        days = state["ab_days"]
        if len(days) != 2:
            raise InvalidInputError(field=t("operators_page.absences.days", zone="").strip(), problem="–")
        begin, end = (datetime.combine(day, time(), times.zone()) for day in days)
        absence = Absence(begin, end + timedelta(days=1), str(state["ab_reason"]), str(state["ab_note"] or ""))
        presence.add_absence(opened, int(state["ab_operator"]), absence, actor=who, at=at)

    work.attempt(act, t("operators_page.kept"))


def _remove(absence_id: int) -> None:
    """Callback: take an absence back."""
    work.attempt(
        lambda opened, who, at: presence.remove_absence(opened, absence_id, actor=who, at=at), t("operators_page.kept")
    )
