"""Who is on shift at this moment, with what each has to do; for the dashboard."""

import streamlit as st

from core.operators import load
from core.operators.load import OperatorLoad
from core.ui import session
from core.ui.text import escaped, t

_MOST_NAMED = 24


def draw() -> None:
    """The operators who are on shift and not absent, with their open tickets; nothing for who may not see tickets."""
    if not session.require("reports.view").may("tickets.view"):
        return
    with session.services().database.read() as opened:
        everybody = load.picture(opened, session.services().clock.now())
    if not everybody:
        return
    there = [one for one in everybody if one.presence.is_there]
    with st.container(key="wall_duty", gap="xsmall"):
        st.markdown(f"**{t('operators.presence.on_shift')}**")
        st.caption(t("operators_page.load.help", there=len(there), of=len(everybody)))
        with st.container(horizontal=True, gap="xsmall"):
            for one in there[:_MOST_NAMED]:
                _name(one)
            if len(there) > _MOST_NAMED:
                st.badge(f"+{len(there) - _MOST_NAMED}", color="gray")


def _name(one: OperatorLoad) -> None:
    tickets = t("operators_page.load.tickets", n=one.load.open)
    words = f"{escaped(one.operator.name)} · {tickets}"
    st.badge(words, color="red" if one.is_full else "green", icon=":material/support_agent:")
