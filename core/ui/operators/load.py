"""The load picture: who is there, and how much each of them has to do."""

from collections.abc import Sequence
from math import ceil

import plotly.graph_objects as go
import streamlit as st

from core.operators import load
from core.operators.load import OperatorLoad
from core.operators.presence import Presence
from core.ui import figures, navigation, session, states, times
from core.ui.colors import BadgeColor
from core.ui.text import escaped, t

REFRESH = "30s"
_BAR_HEIGHT, _LEAST_HEIGHT = 34, 130
_TICKS = 5
_COLORS: dict[str, BadgeColor] = {"on_shift": "green", "off_shift": "gray", "absent": "orange"}


@st.fragment(run_every=REFRESH, key="operator_load")
def draw() -> None:
    """Bars for everybody, then a card each."""
    session.require("tickets.view")
    now = session.services().clock.now()
    with session.services().database.read() as opened:
        drawn = load.picture(opened, now)
    if not drawn:
        states.empty(t("operators_page.empty.operators"), t("operators_page.empty.operators_help"))
        return
    there = sum(one.presence.is_there for one in drawn)
    st.caption(t("operators_page.load.help", there=there, of=len(drawn)))
    st.plotly_chart(figure(drawn), key="load_figure", config=figures.CONFIG, alt=t("operators_page.load.alt"))
    for one in drawn:
        _card(one)


def figure(drawn: Sequence[OperatorLoad]) -> go.Figure:
    """Open tickets by operator, those to be worked and those that wait, the most loaded at the top."""
    names = [one.operator.name for one in drawn][::-1]
    parts = (("active", figures.CALM), ("waiting", figures.MUTED))
    most = max((one.load.open for one in drawn), default=0)
    bars = [
        go.Bar(
            y=names,
            x=[getattr(one.load, part) for one in drawn][::-1],
            name=t(f"operators_page.load.{part}"),
            orientation="h",
            marker={"color": color},
        )
        for part, color in parts
    ]
    return go.Figure(
        bars,
        {
            "barmode": "stack",
            "height": max(_LEAST_HEIGHT, 60 + _BAR_HEIGHT * len(drawn)),
            "margin": {"l": 0, "r": 0, "t": 8, "b": 0},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "legend": {"orientation": "h", "y": 1.15, "x": 1, "xanchor": "right"},
            "xaxis": {"fixedrange": True, "rangemode": "tozero", "dtick": max(1, ceil(most / _TICKS))},
            "yaxis": {"fixedrange": True, "automargin": True},
        },
    )


def _card(one: OperatorLoad) -> None:
    with st.container(border=True, key=f"card-load-{one.operator.id}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**{escaped(one.operator.name)}**", width="content")
            presence_badge(one.presence)
            if one.is_full:
                st.badge(t("operators_page.load.full"), color="red")
            st.space("stretch")
            st.page_link(
                navigation.script("tickets"),
                label=t("operators_page.load.tickets", n=one.load.open),
                icon=":material/confirmation_number:",
                query_params={"operator": str(one.operator.id)},
            )
        told = [
            t("operators_page.load.overdue", n=one.load.overdue) if one.load.overdue else "",
            t("operators_page.load.due_soon", n=one.load.due_soon) if one.load.due_soon else "",
            t("operators_page.load.waits", n=one.load.waiting) if one.load.waiting else "",
            t("operators_page.load.resolved", n=one.resolved, days=load.LOOK_BACK.days),
            t("operators_page.load.capacity", n=one.operator.capacity) if one.operator.capacity else "",
            ", ".join(one.operator.skills),
        ]
        st.caption(escaped(" · ".join(part for part in told if part)))


def presence_badge(stands: Presence) -> None:
    """Where somebody stands, and until when."""
    words = t(f"operators.presence.{stands.state}")
    if stands.state == "absent":
        reason = t(f"operators.absences.{stands.reason}")
        words = t("operators_page.absent_until", reason=reason, at=times.to_the_minute(stands.until))
    elif stands.next_at is not None:
        words = t("operators_page.back_at", at=times.to_the_minute(stands.next_at))
    st.badge(words, color=_COLORS[stands.state])
