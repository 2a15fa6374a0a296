"""Putting a report together: of what, fields to list or measures by group, and what it is narrowed to."""

from collections.abc import Sequence

import streamlit as st

from core.alerts.vocabulary import STATES
from core.language import is_text
from core.reports import offered
from core.reports.custom.source import MOST_FIELDS, MOST_GROUPINGS, MOST_MEASURES, Source
from core.reports.custom.sources import SOURCES
from core.reports.kinds.custom import asked_of
from core.reports.order import ReportOrder
from core.reports.registry import Choice, reports
from core.ui import address, session
from core.ui.reports import report_address
from core.ui.text import language, t

_TEXT_FILTERS = ("number", "user", "trunk", "owner", "operator", "client", "type", "language")
"""Filters whose values are typed: there are too many to offer, or they are numbers."""


def builder(order: ReportOrder, person: session.CurrentUser) -> None:
    """Everything a custom report is made of."""
    source, asked = asked_of(order.values)
    names = [name for name, one in SOURCES.items() if person.may(one.permission)]
    with st.container(border=True, key="card-report-builder"):
        st.segmented_control(
            t("reports_page.of"),
            names,
            format_func=lambda name: t(f"report_custom.sources.{name}"),
            required=True,
            key=address.shown("r_of", source.name),
            on_change=_choose_source,
            args=("r_of",),
        )
        left, right = st.columns(2)
        with left:
            _several("group", source.groupings(), asked.group, MOST_GROUPINGS)
            _several("measures", list(source.measures), asked.measures, MOST_MEASURES)
        with right:
            if asked.is_listing:
                _several("fields", list(source.fields), asked.fields, MOST_FIELDS)
            else:
                _sort((*asked.group, *asked.measures), asked.sort)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            for name in source.filters:
                _filter(order, source, name)


def title(name: str) -> str:
    """What a field, measure or group is called."""
    own = f"report_custom.columns.{name}"
    return t(own if is_text(own) else f"reports.columns.{name}")


def _choose_source(key: str) -> None:
    kept = {name: st.query_params.get_all(name) for name in ("report", "period", "since", "until")}
    report_address.write({**{name: values for name, values in kept.items() if values}, "of": [st.session_state[key]]})


def _several(name: str, options: Sequence[str], chosen: Sequence[str], most: int) -> None:
    key = f"r_custom_{name}"
    st.multiselect(
        t(f"reports_page.{name}"),
        options,
        format_func=title,
        key=address.shown(key, list(chosen)),
        max_selections=most,
        on_change=_choose_columns,
        args=(name, key),
        placeholder=t(f"reports_page.{name}_none"),
    )


def _choose_columns(name: str, key: str) -> None:
    """Groups and measures put listed fields aside, and the other way round; the order begins anew."""
    others = {"fields": ("group", "measures", "sort")}.get(name, ("fields", "sort"))
    for other in others:
        st.query_params.pop(other, None)
    report_address.choose(name, key)


def _sort(names: Sequence[str], chosen: str) -> None:
    options = [one for name in names for one in (name, f"-{name}")]
    st.selectbox(
        t("reports_page.sort"),
        options,
        format_func=lambda one: t("reports_page.turned", name=title(one[1:])) if one.startswith("-") else title(one),
        key=address.shown("r_custom_sort", chosen),
        on_change=report_address.choose,
        args=("sort", "r_custom_sort"),
    )


def _filter(order: ReportOrder, source: Source, name: str) -> None:
    key = f"r_{source.name}_{name}"
    own = f"report_custom.parameters.{name}"
    label = t(own if is_text(own) else f"reports.parameters.{name}")
    chosen = list(order.values.get(name, ()))
    if name in _TEXT_FILTERS:
        st.text_input(
            label,
            key=address.shown(key, chosen[0] if chosen else ""),
            max_chars=100,
            on_change=report_address.choose,
            args=(name, key),
            width=160,
        )
        return
    found = {choice.value: choice.label for choice in _offered(source.name, name, language())}
    found |= {value: value for value in chosen if value not in found}
    st.multiselect(
        label,
        list(found),
        format_func=lambda value: found[value],
        key=address.shown(key, chosen),
        on_change=report_address.choose,
        args=(name, key),
        max_selections=1 if name in ("international", "off_net") else None,
        placeholder=t("ui.all"),
        width=220,
    )


@st.cache_data(max_entries=64, ttl="10m", show_spinner=False)
def _offered(source: str, name: str, _language: str) -> list[Choice]:
    """What the report of that source offers for the filter; yes and no for the others."""
    known = {parameter.name: parameter for parameter in reports()[source].parameters}
    if name in known:
        return list(known[name].choices(session.services(), language()))
    if name == "state":
        return list(offered.texts("alerts.states", STATES)(session.services(), language()))
    return list(offered.yes_or_no(session.services(), language()))
