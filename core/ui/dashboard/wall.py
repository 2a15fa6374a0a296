"""The Dashboard page: today's figures in large type and the pictures beside them, refreshed by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from core.language import Language
from core.reports.charts import chart, order_of
from core.reports.document import Figure, Picture
from core.reports.live import SECTIONS, Moment, live
from core.reports.periods import Period
from core.store import data_version
from core.ui import figures, navigation, session, times
from core.ui.dashboard import duty
from core.ui.reports import figures as report_figures
from core.ui.reports.view import metric
from core.ui.text import escaped, language, t

REFRESH = "15s"
PERIODS = ("24h", "7d", "30d")
WALL_CHARTS = ("calls", "alerts", "tickets", "load", "ticket-states", "countries")
_SOURCES = ("calls", "alerts", "tickets")


@dataclass(frozen=True)
class Question:
    """What an answer is remembered under: the data, the minute, who may see what, the clock and the language."""

    versions: tuple[int, ...]
    minute: datetime
    permissions: frozenset[str]
    zone: str
    language: Language


@st.fragment(run_every=REFRESH)
def wall(period: str) -> None:
    """Everything below the controls; asked anew when the data changed or a minute went by."""
    person = session.require("reports.view")
    now = session.services().clock.now()
    with session.services().database.read() as opened:
        versions = tuple(data_version.current(opened, name)[0] for name in _SOURCES)
    seen = frozenset(permission for permission in _NEEDED if person.may(permission))
    minute = now.replace(second=0, microsecond=0)
    asked = Question(versions, minute, seen, str(times.zone()), language())
    st.caption(t("dashboard.at", at=times.local(now).strftime("%H:%M:%S"), zone=asked.zone))
    for section, found in _live(asked).items():
        _section(section, found)
    duty.draw()
    shown = [name for name in WALL_CHARTS if all(map(person.may, order_of(name, period).needs))]
    with st.grid(2, min_column_width=380, gap="medium"):
        for name in shown:
            _chart(name, period, asked)


_NEEDED = tuple(dict.fromkeys(SECTIONS.values()))


def _section(section: str, found: Sequence[Figure]) -> None:
    with st.container(key=f"kpis-{section}", gap="xsmall"):
        st.markdown(f"**{t(f'dashboard.sections.{section}')}**")
        with st.grid(4, min_column_width=170, gap="small"):
            for figure in found:
                metric(figure, t("dashboard.before"))


def _chart(name: str, period: str, asked: Question) -> None:
    picture = _picture(asked, name, period)
    order = order_of(name, period)
    with st.container(border=True, key=f"card-wall-{name}", height="stretch"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{escaped(picture.title)}**")
            st.space("stretch")
            st.page_link(
                navigation.script("reports"),
                label=t("dashboard.reports"),
                query_params=order.to_query(),
                icon=":material/arrow_forward:",
            )
        if not any(value for one in picture.series for value in one.values):
            st.caption(t("reports.nothing"))
            return
        shown: Period = order.stretch(asked.minute, asked.zone)
        st.plotly_chart(
            report_figures.drawn(picture, shown, language()),
            key=f"wall_{name}",
            config=figures.CONFIG,
            alt=picture.title,
        )


@st.cache_data(max_entries=32, ttl="10m", show_spinner=False)
def _live(asked: Question) -> dict[str, tuple[Figure, ...]]:
    moment = Moment(asked.minute, asked.zone, asked.language)
    return live(session.services(), moment, asked.permissions.__contains__)


@st.cache_data(max_entries=96, ttl="10m", show_spinner=False)
def _picture(asked: Question, name: str, period: str) -> Picture:
    order = order_of(name, period)
    return chart(session.services(), name, order, zone=asked.zone, language=asked.language, at=asked.minute)
