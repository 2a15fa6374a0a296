"""The parts of the Call journey page once a call is found: facts, ladder, bars, records, the calls beside it."""

import json
from collections.abc import Mapping
from typing import Any

import orjson
import pandas as pd
import streamlit as st

from core.calls.filter_terms import value_label
from core.journeys.ladder import ladder_of, mermaid
from core.journeys.lookup import FoundCall, JourneyLookup
from core.journeys.model import Journey, Party
from core.journeys.route import extension_of, route_text
from core.journeys.segments import Doing, segments_of
from core.journeys.written import journey_json
from core.store import audit
from core.ui import figures, navigation, numbers, session, times
from core.ui.components.copying import copy_button
from core.ui.journey import figure, search
from core.ui.tables import grid_height
from core.ui.text import escaped, language, named, t

_LEGS = ("start_time", "direction", "user", "calling_number", "called_number", "call_type", "outcome", "duration")
_LABELLED = {"call_type": "call_types", "outcome": "outcomes"}
_GRID_HEIGHT = 420


def actions(call: FoundCall) -> None:
    """Take the call along: its id, its link, its file."""
    copy_button(t("ui.copy_id"), t("ui.copied"), key="journey_copy_id", text=call.journey.journey_id)
    copy_button(t("ui.copy_link"), t("ui.copied"), key="journey_copy_link")
    if session.may("calls.export"):
        st.download_button(
            t("journey_page.export"),
            _as_file(call),
            file_name=f"call-{call.journey.started:%Y%m%dT%H%M%SZ}.json",
            mime="application/json",
            icon=":material/download:",
            on_click=_note_export,
            args=(call.journey.journey_id, len(call.records)),
        )


def _as_file(call: FoundCall) -> bytes:
    told = journey_json(call.journey, language()) | {"records": [_original(one["raw"]) for one in call.records]}
    return orjson.dumps(told, option=orjson.OPT_INDENT_2)


def _note_export(journey_id: str, rows: int) -> None:
    person, parts = session.check("calls.export"), session.services()
    with parts.database.write() as opened:
        audit.record(
            opened,
            actor=person.name,
            action="journey.export",
            subject=journey_id,
            detail={"rows": rows},
            at=parts.clock.now(),
        )


def facts(call: FoundCall) -> None:
    """How it went, in a line, in figures and by name."""
    journey = call.journey
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(times.moment(journey.started), anchor=False, width="content")
        st.badge(t(f"journeys.result.{journey.result}"), color="green" if journey.result == "answered" else "orange")
        st.badge(t(f"journeys.direction.{journey.direction}"), color="gray")
        if journey.overflowed and journey.result != "overflowed":
            st.badge(t("journeys.result.overflowed"), color="orange")
    st.markdown(f"**{escaped(route_text(journey, language()))}**")
    told = _times(journey)
    with st.container(key="kpis"), st.grid(len(told), min_column_width=110, gap="small"):
        for label, seconds in told.items():
            st.metric(label, times.clock_span(seconds), border=True)
    for line in _gaps(journey):
        st.warning(line, icon=":material/link_off:")


def _times(journey: Journey) -> dict[str, float]:
    lasted = (journey.ended - journey.started).total_seconds()
    numbered = [("t_queue_1" if len(journey.t_queues) == 1 else "t_queue_n", n) for n in range(len(journey.t_queues))]
    waits = {t(f"journey_page.times.{key}", n=n + 1): journey.t_queues[n] for key, n in numbered}
    told = {
        t("journey_page.times.total"): lasted,
        t("journey_page.times.t_aa"): journey.t_aa,
        **waits,
        t("journey_page.times.ring"): journey.ring_seconds,
        t("journey_page.times.talk"): journey.talk_seconds,
        t("journey_page.times.hold"): journey.hold_seconds or None,
        t("journey_page.times.t_agent"): journey.t_agent,
    }
    return {label: seconds for label, seconds in told.items() if seconds is not None}


def _gaps(journey: Journey) -> list[str]:
    told = [f"{times.moment(gap.at)} · {t(f'journeys.gap.{gap.kind}')}" for gap in journey.gaps]
    return list(dict.fromkeys(told))


def parties(call: FoundCall) -> None:
    """Who took part and how it ended, as a table of names."""
    journey = call.journey
    told = {
        "caller": _party(journey.caller),
        "called": _party(journey.called),
        "entry": journey.entry,
        "final": _party(journey.final),
        "released_by": t(f"journeys.released_by.{journey.released_by}"),
        "site": journey.location,
        "cost": "" if journey.cost is None else t("desk.dollars", n=numbers.money(journey.cost)),
        "records": str(len(call.records)),
        "id": journey.journey_id,
    }
    with st.container(border=True, key="card-journey-facts"):
        st.table(
            {t(f"journey_page.facts.{name}"): escaped(value) for name, value in told.items() if value},
            border="horizontal",
            alt=t("journey_page.facts.alt"),
        )


def _party(party: Party) -> str:
    if not party.name or not party.number:
        return party.label
    extension = extension_of(party.number)
    return f"{party.name} ({t('journeys.extension', number=extension) if extension else party.number})"


def segments(call: FoundCall) -> None:
    """What each participant did when, to scale."""
    names = {doing: t(f"journey_page.doing.{doing}") for doing in Doing}
    with st.container(border=True, key="card-journey-segments", gap=None):
        st.plotly_chart(
            figure.bars(segments_of(call.journey), times.zone(), names, language()),
            key="journey_segments",
            config=figures.CONFIG,
            alt=t("journey_page.segments.alt"),
        )
        if call.journey.hold_seconds:
            st.caption(t("journey_page.segments.hold"))


def ladder(call: FoundCall) -> None:
    """Who talked to whom, when and why."""
    with st.container(border=True, key="card-journey-ladder"):
        st.caption(t("journey_page.ladder.help", zone=str(times.zone())))
        st.mermaid_chart(
            mermaid(ladder_of(call.journey), times.zone(), language()),
            alt=t("journey_page.ladder.alt"),
        )


def records(call: FoundCall) -> None:
    """The records the call was rebuilt from: readable, and as they came. A chosen row opens in Calls."""
    legs, originals = st.tabs([t("journey_page.records.legs"), t("journey_page.records.originals")])
    with legs:
        shown = st.dataframe(
            pd.DataFrame([{column: _cell(one, column) for column in _LEGS} for one in call.records]),
            key=f"journey_legs_{call.journey.journey_id}",
            height=grid_height(len(call.records), _GRID_HEIGHT),
            hide_index=True,
            on_select="rerun",
            selection_mode="single-row",
            column_config={column: t(f"calls_page.columns.{column}") for column in _LEGS},
            placeholder=t("ui.none"),
            alt=t("journey_page.records.alt"),
        )
        st.caption(t("journey_page.records.help"))
    with originals:
        st.json([_original(one["raw"]) for one in call.records], expanded=1)
    chosen = shown.selection.rows
    if chosen and chosen[0] < len(call.records):
        _open_record(call.records[chosen[0]])


def _open_record(record: Mapping[str, Any]) -> None:
    query = {"last": "all", "leg": record["report_id"]}
    if record["correlation_id"]:
        query["correlation_id"] = record["correlation_id"]
    st.switch_page(navigation.script("calls"), query_params=query)


def _cell(record: Mapping[str, Any], column: str) -> str:
    value = record[column]
    if column == "start_time":
        return times.moment(value)
    if column == "duration":
        return times.clock_span(value) if value else ""
    if column == "direction":
        return named("calls_page.directions", (value or "").lower())
    if column in _LABELLED:
        return value_label(_LABELLED[column], value, language()) if value else ""
    return value or ""


def _original(raw: str | None) -> Any:
    try:
        return json.loads(raw or "{}")
    except ValueError:
        return {"": raw}


def beside(call: FoundCall) -> None:
    """The caller's previous and next call, and what else the agent did then."""
    around = JourneyLookup(session.services().calls).beside(call.journey)
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, key="card-journey-caller"):
        st.markdown(f"**{t('journey_page.beside.caller')}**")
        for name, brief in (("previous", around.previous), ("next", around.next)):
            st.caption(t(f"journey_page.beside.{name}"))
            if brief:
                search.link(brief)
            else:
                st.text(t("journey_page.beside.none"))
    with right, st.container(border=True, key="card-journey-agent"):
        st.markdown(f"**{t('journey_page.beside.agent')}**")
        for brief in around.of_agent:
            search.link(brief)
        if not around.of_agent:
            st.text(t("journey_page.beside.none_of_agent"))
