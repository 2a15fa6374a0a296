"""The parts of the Queues page: the threshold, figures in a row, queues, people, and where calls go."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.journeys.filters import JourneyFilter
from core.journeys.ladder import plain
from core.journeys.model import Result
from core.journeys.statistics import DEFAULT_THRESHOLD, AgentFigures, QueueFigures
from core.language import is_text
from core.ui import address, figures, navigation, numbers, saved
from core.ui.components.copying import copy_button
from core.ui.journey import listing as journey_listing
from core.ui.journey import reading as journey_reading
from core.ui.queues import flow_figure
from core.ui.tables import grid_height
from core.ui.text import t

THRESHOLD, _LONGEST_THRESHOLD = "threshold", 3600
_HEIGHT, _KIND_WIDTH = 460, 150


def actions(current: JourneyFilter) -> None:
    """Keep the page as a view, share it."""
    saved.menu("queues", {**current.to_query(), THRESHOLD: [str(threshold())]})
    copy_button(t("ui.copy_link"), t("ui.copied"), key="queues_link")


def threshold() -> int:
    """Seconds within which calls should be answered, as the address says."""
    given = st.query_params.get(THRESHOLD, "")
    is_number = given.isascii() and given.isdigit() and len(given) < 10
    return min(int(given), _LONGEST_THRESHOLD) if is_number else DEFAULT_THRESHOLD


def ask_threshold() -> None:
    """The widget of the threshold."""
    key = address.shown("queues_threshold", threshold())
    st.number_input(
        t("queues_page.threshold"),
        min_value=0,
        max_value=_LONGEST_THRESHOLD,
        step=5,
        key=key,
        width=260,
        help=t("queues_page.threshold_help"),
        on_change=address.keep,
        args=(THRESHOLD, key, DEFAULT_THRESHOLD),
    )


def strip(found: Sequence[QueueFigures]) -> None:
    """The figures of all queues together."""
    offered, answered = sum(one.offered for one in found), sum(one.answered for one in found)
    abandoned, in_time = sum(one.abandoned for one in found), sum(one.in_time for one in found)
    shown = {
        "offered": numbers.whole(offered),
        "answered": numbers.share(answered / offered if offered else None),
        "service_level": numbers.share(in_time / offered if offered else None),
        "abandoned": numbers.share(abandoned / offered if offered else None),
        "callbacks": numbers.whole(sum(one.callbacks for one in found)),
        "missed": numbers.whole(sum(one.missed for one in found)),
    }
    with st.container(key="kpis"), st.grid(len(shown), min_column_width=130, gap="small"):
        for name, value in shown.items():
            help_text = t(f"queues_page.strip.{name}_help", seconds=threshold())
            st.metric(t(f"queues_page.strip.{name}"), value, border=True, help=help_text)


def queues(current: JourneyFilter, found: Sequence[QueueFigures]) -> None:
    """A row for each queue and hunt group; a chosen one shows its calls."""
    rows = [
        {
            "queue": one.queue,
            "kind": t(f"journeys.kind.{one.kind}"),
            "offered": one.offered,
            "answered": one.answered,
            "service_level": _to_a_tenth(one.service_level),
            "abandoned": one.abandoned,
            "abandoned_share": _to_a_tenth(one.abandoned_share),
            "overflowed": one.overflowed,
            "callbacks": one.callbacks,
            "wait_p50": one.wait_p50,
            "wait_p90": one.wait_p90,
            "wait_p95": one.wait_p95,
            "longest": one.longest,
            "missed": one.missed,
        }
        for one in found
    ]
    formats = _formats("%.0f s", "wait_p50", "wait_p90", "wait_p95", "longest")
    formats |= _formats("percent", "service_level", "abandoned_share")
    with st.container(border=True, key="card-queues"):
        st.markdown(f"**{t('queues_page.queues.title')}**")
        chosen = _table("queues", rows, formats)
        st.caption(t("queues_page.queues.help"))
    if chosen is not None and found[chosen].kind == "queue":
        _show_calls(current, {"queue": [found[chosen].queue]})


def agents(current: JourneyFilter, found: Sequence[AgentFigures]) -> None:
    """A row for each person; a chosen one shows the calls they answered."""
    rows = [
        {
            "agent": one.name or one.agent,
            "answered": one.answered,
            "from_queues": one.from_queues,
            "missed": one.missed,
            "elsewhere": one.elsewhere,
            "talk": one.talk_seconds / 60,
            "mean_talk": one.talk_seconds / one.answered if one.answered else None,
            "hold": one.hold_seconds / 60,
            "ring": one.ring_seconds,
        }
        for one in found
    ]
    with st.container(border=True, key="card-agents"):
        st.markdown(f"**{t('queues_page.agents.title')}**")
        formats = _formats("%.0f min", "talk", "hold") | _formats("%.0f s", "mean_talk", "ring")
        chosen = _table("agents", rows, formats)
        st.caption(t("queues_page.agents.help"))
    if chosen is not None:
        _show_calls(current, {"agent": [found[chosen].agent]})


def _formats(written: str, *columns: str) -> dict[str, str]:
    return dict.fromkeys(columns, written)


def _to_a_tenth(share: float | None) -> float | None:
    """A share of which a percentage shows one decimal at most."""
    return None if share is None else round(share, 3)


def _table(name: str, rows: Sequence[Mapping[str, object]], formats: Mapping[str, str]) -> int | None:
    columns: dict[str, Any] = {}
    for column in rows[0] if rows else ():
        title = t(f"queues_page.{name}.{column}")
        if column in formats:
            columns[column] = st.column_config.NumberColumn(title, format=formats[column])
        else:
            columns[column] = st.column_config.Column(
                title, pinned=column in ("queue", "agent"), width=_KIND_WIDTH if column == "kind" else None
            )
    picked = st.dataframe(
        pd.DataFrame(rows),
        key=f"{name}_figures",
        height=grid_height(len(rows), _HEIGHT),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        column_config=columns,
        placeholder=t("ui.none"),
        alt=t(f"queues_page.{name}.alt", n=len(rows)),
    ).selection.rows
    return picked[0] if picked and picked[0] < len(rows) else None


def _show_calls(current: JourneyFilter, narrowed: Mapping[str, list[str]]) -> None:
    query = {**current.to_query(), **narrowed, journey_listing.VIEW: [journey_listing.JOURNEYS]}
    st.switch_page(navigation.script("calls"), query_params=query)


def ways(current: JourneyFilter) -> None:
    """Where calls go: entry, attendants, queues and groups, people, results."""
    found = flow_figure.condensed(journey_reading.ways(current))
    if not found:
        return
    whole = {place: _place(place) for place in flow_figure.places_of(found)}
    labels = {place: _label(place) for place in whole}
    with st.container(border=True, key="card-ways", gap=None):
        st.markdown(f"**{t('queues_page.ways.title')}**")
        st.plotly_chart(
            flow_figure.flow(found, labels, whole), key="ways", config=figures.CONFIG, alt=t("queues_page.ways.alt")
        )
        st.caption(t("queues_page.ways.help"))


def _label(place: str) -> str:
    """A service by its name alone: its column and what is told on hovering say which kind it is."""
    kind, _, name = place.partition("|")
    is_named = kind not in ("people", "result", "entry") and name not in ("", flow_figure.OTHERS)
    return plain(name) if is_named else _place(place)


def _place(place: str) -> str:
    """What a place is and how it is called."""
    kind, _, name = place.partition("|")
    if kind == "people":
        return t("queues_page.ways.people")
    if kind == "result":
        return t(f"journeys.result.{name}") if name in list(Result) else name
    if kind == "entry":
        direction = f"journeys.direction.{name}"
        return t(direction) if is_text(direction) else plain(_named(name))
    return plain(f"{t(f'journeys.kind.{kind}')} {_named(name)}".rstrip())


def _named(name: str) -> str:
    return t("queues_page.ways.others") if name == flow_figure.OTHERS else name


def draw(current: JourneyFilter) -> None:
    """Everything below the filter."""
    found = journey_reading.queues(current, threshold())
    if not found and not journey_reading.ways(current):
        journey_listing.nothing()
        return
    strip(found)
    queues(current, found)
    ways(current)
    agents(current, journey_reading.agents(current))
