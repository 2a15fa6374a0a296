"""One call record beside the grid: the facts first, then every field, then the original as it came."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import streamlit as st

from core.calls.fields import DERIVED_COLUMNS, FIELDS
from core.calls.filter_terms import MOST_VALUES, value_label
from core.calls.filters import CallFilter
from core.ui import reading, session, times
from core.ui.alerts import form as alert_form
from core.ui.alerts import links as alert_links
from core.ui.calls import filters
from core.ui.components.copying import copy_button
from core.ui.journey import search as journey_search
from core.ui.recordings import links as recording_links
from core.ui.text import escaped, language, named, t, unescaped

_FACTS = ("user", "location", "calling_number", "called_number", "far_country", "call_type", "outcome", "duration")
_NAMED = ("far_country", "outcome", "source")
"""What we derive ourselves is told by name; what Webex delivered stays as delivered."""
_LABELLED = {"direction": "directions", "call_type": "call_types", "outcome": "outcomes"}
_NARROWING = {
    "user_uuid": "users",
    "location": "sites",
    "far_country": "countries",
    "outcome": "outcomes",
    "call_type": "call_types",
    "direction": "directions",
}
_UNSHOWN = {"raw", "dt", "copy_rank"}


def panel(record: Mapping[str, Any], current: CallFilter) -> None:
    """Everything of one leg, with links to narrow the filter by its values."""
    with st.container(border=True, key="card-record"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(times.moment(record["start_time"]), anchor=False)
            st.space("stretch")
            st.button(t("ui.close"), key="record_close", icon=":material/close:", type="tertiary", on_click=_close)
        st.caption(named("calls_page.directions", (record["direction"] or "").lower()))
        st.table(_facts(record), border="horizontal", alt=t("calls_page.record.facts"))
        _journey(record)
        alert_links.of_records([record["report_id"]])
        recording_links.of_records([record])
        alert_form.link_from(record)
        _narrow(record, current)
        with st.container(horizontal=True, gap="small"):
            copy_button(t("ui.copy_link"), t("ui.copied"), key="record_link")
            copy_button(t("ui.copy_id"), t("ui.copied"), key="record_id", text=record["report_id"])
        every, original = st.tabs([t("calls_page.record.all_fields"), t("calls_page.record.original")])
        with every:
            st.dataframe(_every_field(record), hide_index=True, height=360, alt=t("calls_page.record.all_fields"))
        with original:
            st.json(_original(record["raw"]), expanded=1)


def _journey(record: Mapping[str, Any]) -> None:
    if not session.may("journeys.view"):
        return
    at, call_id = record["start_time"], record["correlation_id"]
    journey_search.to(record["report_id"], at, t("journey_page.open"), key="record")
    if call_id:
        journey_search.to(call_id, at, t("journey_page.open_correlation", id=escaped(call_id)), key="correlation")


def _close() -> None:
    st.query_params.pop("leg", None)


def _facts(record: Mapping[str, Any]) -> dict[str, str]:
    return {t(f"calls_page.columns.{column}"): escaped(_fact(record, column)) for column in _FACTS}


def _fact(record: Mapping[str, Any], column: str) -> str:
    value = record[column]
    if column == "duration":
        return times.clock_span(value)
    if value is None:
        return t("ui.none")
    if column == "far_country":
        return reading.country_names().get(value, str(value))
    if column == "source":
        return unescaped(named("calls_page.sources", value))
    return value_label(_LABELLED[column], value, language()) if column in _LABELLED else str(value)


def _narrow(record: Mapping[str, Any], current: CallFilter) -> None:
    with st.popover(t("calls_page.narrow.title"), icon=":material/filter_alt:", width="stretch"):
        for column, field in _NARROWING.items():
            if record[column]:
                _in_or_out(record, column, field, current)
        if record["far_number"]:
            wanted = replace(current, number=record["far_number"])
            label = t("calls_page.narrow.number", value=escaped(record["far_number"]))
            st.button(label, key="narrow_number", on_click=filters.to_address, args=(wanted,), width="stretch")
        if record["correlation_id"]:
            wanted = CallFilter(last="all", correlation_id=record["correlation_id"])
            label = t("calls_page.narrow.correlation_id")
            st.button(label, key="narrow_call", on_click=filters.to_address, args=(wanted,), width="stretch")


def _in_or_out(record: Mapping[str, Any], column: str, field: str, current: CallFilter) -> None:
    value = record[column]
    label = escaped(record["user"] or value) if column == "user_uuid" else escaped(_fact(record, column))
    only = filters.only(current, field, (value,))
    others = tuple(choice.value for choice in reading.choices(field) if choice.value != value)
    left, right = st.columns([3, 1])
    left.button(
        t("calls_page.narrow.only", value=label),
        key=f"narrow_{field}",
        on_click=filters.to_address,
        args=(only,),
        width="stretch",
    )
    right.button(
        t("calls_page.narrow.without"),
        key=f"without_{field}",
        help=t("calls_page.narrow.without_help", value=label),
        disabled=not 0 < len(others) <= MOST_VALUES,
        on_click=_without,
        args=(current, field, others),
        width="stretch",
    )


def _without(current: CallFilter, field: str, others: tuple[str, ...]) -> None:
    filters.to_address(filters.only(current, field, others))


def _every_field(record: Mapping[str, Any]) -> list[dict[str, str]]:
    delivered = [(t(f"fields.{field.column}"), field.column) for field in FIELDS]
    derived = [
        (t(f"calls_page.derived.{field.name}"), field.name) for field in DERIVED_COLUMNS if field.name not in _UNSHOWN
    ]
    field_title, value_title = t("calls_page.record.field"), t("calls_page.record.value")
    return [
        {field_title: title, value_title: _fact(record, column) if column in _NAMED else _plain(record[column])}
        for title, column in [*derived, *delivered]
        if record.get(column) is not None
    ]


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return times.moment(value)
    if isinstance(value, bool):
        return t("ui.yes") if value else t("ui.no")
    return str(value)


def _original(raw: str | None) -> Any:
    try:
        return json.loads(raw or "{}")
    except ValueError:
        return {"": raw}
