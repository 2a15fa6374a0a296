"""The controls above a report: which one, over which period, of what."""

import streamlit as st

from core.language import is_text
from core.reports import periods
from core.reports.order import ReportOrder
from core.reports.registry import Choice, Parameter, report, reports
from core.ui import address, session
from core.ui.reports import builder, report_address
from core.ui.reports.report_address import DATES
from core.ui.text import language, t


def controls(order: ReportOrder, person: session.CurrentUser) -> None:
    """The kind, the period, and what the report is narrowed to; the address holds them all."""
    kinds = [name for name, kind in reports().items() if name == "custom" or all(map(person.may, kind.needs({})))]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            t("reports_page.kind"),
            kinds,
            format_func=lambda name: reports()[name].title(language()),
            key=address.shown("r_kind", order.kind if order.kind in kinds else kinds[0]),
            on_change=report_address.choose_kind,
            args=("r_kind",),
            width=300,
        )
        _period(order)
    st.caption(report(order.kind).about(language()))
    if order.kind == "custom":
        builder.builder(order, person)
        return
    _parameters(order)


def _period(order: ReportOrder) -> None:
    st.selectbox(
        t("reports_page.period"),
        [*periods.NAMES, DATES],
        format_func=lambda name: t("reports_page.dates") if name == DATES else t(f"reports.periods.{name}"),
        key=address.shown("r_period", order.period or DATES),
        on_change=report_address.choose_period,
        args=("r_period",),
        width=220,
    )
    if days := report_address.days_of(order):
        st.date_input(
            t("reports_page.days"),
            key=address.shown("r_days", days),
            on_change=report_address.choose_days,
            args=("r_days",),
            format="YYYY-MM-DD",
            width=240,
        )


def _parameters(order: ReportOrder) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for parameter in report(order.kind).parameters:
            widget(order, parameter, parameter_title(order.kind, parameter.name))


def parameter_title(kind: str, name: str) -> str:
    """What a parameter is called."""
    own = f"report_{kind}.parameters.{name}"
    return t(own if is_text(own) else f"reports.parameters.{name}")


def widget(order: ReportOrder, parameter: Parameter, title: str) -> None:
    """What lets a person choose the values of a parameter."""
    offered = {choice.value: choice.label for choice in _choices(order.kind, parameter.name, language())}
    chosen = list(order.values.get(parameter.name, ()))
    offered |= {value: value for value in chosen if value not in offered}
    key = f"r_{order.kind}_{parameter.name}"
    if parameter.most == 1:
        st.selectbox(
            title,
            ["", *offered],
            format_func=lambda value: offered.get(value, t("ui.all")),
            key=address.shown(key, chosen[0] if chosen else ""),
            on_change=report_address.choose,
            args=(parameter.name, key),
            width=160,
        )
        return
    st.multiselect(
        title,
        list(offered),
        format_func=lambda value: offered[value],
        key=address.shown(key, chosen),
        on_change=report_address.choose,
        args=(parameter.name, key),
        placeholder=t("ui.all"),
        width=230,
    )


@st.cache_data(max_entries=64, ttl="10m", show_spinner=False)
def _choices(kind: str, name: str, _language: str) -> list[Choice]:
    found = next(parameter for parameter in report(kind).parameters if parameter.name == name)
    return list(found.choices(session.services(), language()))
