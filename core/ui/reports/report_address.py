"""The report that the page's address names, and how widgets change it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import streamlit as st

from core.errors import TollwatchError
from core.reports.order import DEFAULT_PERIOD, PERIOD, SINCE, UNTIL, ReportOrder
from core.reports.registry import reports
from core.ui import session, times
from core.ui.text import error_texts, escaped

DATES = "dates"
"""The choice of a period by its first and last day."""
_KEPT = ("view",)


def read() -> ReportOrder:
    """The order of the address; says what could not be used and goes on with the usual one."""
    query = _query()
    try:
        return ReportOrder.from_query(query, str(times.zone()))
    except TollwatchError as error:
        st.warning(escaped(" ".join(error_texts(error))), icon=":material/link_off:")
    kind = (query.get("report") or [""])[0]
    return ReportOrder(kind if kind in reports() else next(iter(reports())))


def write(query: dict[str, list[str]]) -> None:
    """Make the address say this, beside the view."""
    kept = {name: st.query_params.get_all(name) for name in _KEPT if name in st.query_params}
    st.query_params.from_dict({**kept, **query})


def choose_kind(key: str) -> None:
    """Callback: another report over the same period."""
    kept = {name: values for name, values in _query().items() if name in (PERIOD, SINCE, UNTIL)}
    write({"report": [st.session_state[key]], **kept})


def choose_period(key: str) -> None:
    """Callback: a period by name, or the last week by its days for the person to change."""
    query = {name: values for name, values in _query().items() if name not in (PERIOD, SINCE, UNTIL)}
    chosen = st.session_state[key]
    if chosen == DATES:
        today = times.local(session.services().clock.now()).date()
        query |= {SINCE: [(today - timedelta(days=6)).isoformat()], UNTIL: [today.isoformat()]}
    elif chosen != DEFAULT_PERIOD:
        query[PERIOD] = [chosen]
    write(query)


def choose_days(key: str) -> None:
    """Callback: first and last day, once both are chosen."""
    days: Sequence[date] = st.session_state[key]
    if len(days) == 2:
        write({**_query(), SINCE: [days[0].isoformat()], UNTIL: [days[1].isoformat()]})


def choose(parameter: str, key: str) -> None:
    """Callback: the values of a parameter."""
    chosen: Any = st.session_state[key]
    values = [chosen] if isinstance(chosen, str) else list(chosen or [])
    query = {name: old for name, old in _query().items() if name != parameter}
    write({**query, parameter: values} if values and values != [""] else query)


def days_of(order: ReportOrder) -> tuple[date, ...]:
    """First and last day of an order with bounds, by the viewer's clock."""
    if order.since is None or order.until is None:
        return ()
    first, last = times.local(order.since).date(), times.local(order.until - timedelta(microseconds=1)).date()
    return (first, last)


def file_query(order: ReportOrder) -> dict[str, list[str]]:
    """The parameters of the address of a file: the order, by the viewer's clock."""
    query = {name: values for name, values in order.to_query().items() if name != "report"}
    return {**query, "zone": [str(times.zone())]}


def _query() -> dict[str, list[str]]:
    return {key: st.query_params.get_all(key) for key in st.query_params if key not in _KEPT}
