"""The supervisors' figures on the overview: open work, cost at risk, times, precision, and the day's forecast."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import streamlit as st

from core.alerts.desk import DeskFigures, Took, desk_figures
from core.alerts.filters import OPEN_WORK
from core.alerts.receive import DATA_VERSION
from core.calls.overview import SiteTrend
from core.detection.finding import SEVERITIES
from core.store import data_version
from core.ui import navigation, numbers, session, times
from core.ui.overview import forecast
from core.ui.text import t


def draw(
    person: session.CurrentUser, sites: tuple[str, ...], forecast_sites: tuple[str, ...], hourly: Sequence[SiteTrend]
) -> None:
    """The row of figures; ``sites`` are names, ``hourly`` the last day by hour. Alerts only for those who may see."""
    now = session.services().clock.now()
    expected = forecast.expectation(forecast_sites, hourly, now)
    if not person.may("alerts.view"):
        if expected is not None:
            with st.container(key="kpis-desk"):
                forecast.metric(expected)
        return
    with session.services().database.read() as opened:
        number = data_version.current(opened, DATA_VERSION)[0]
    found = _figures((number, sites, now.replace(minute=0, second=0, microsecond=0)))
    with st.container(key="kpis-desk", gap="small"):
        with st.grid(6, min_column_width=150, gap="small"):
            _open(found)
            _said("cost_at_risk", t("desk.dollars", n=numbers.whole(found.cost_at_risk)))
            _took("to_own", found.to_own)
            _took("to_resolve", found.to_resolve)
            _said("precision", numbers.share(found.precision), t("desk.judged", n=found.judged))
            forecast.metric(expected)
        _links(found, sites)


@st.cache_data(max_entries=32, ttl="10m", show_spinner=False)
def _figures(asked: tuple[int, tuple[str, ...], datetime]) -> DeskFigures:
    """The figures at a data version of the alerts, of sites, in an hour."""
    _, sites, hour = asked
    with session.services().database.read() as opened:
        return desk_figures(opened, hour, sites)


def _said(name: str, value: str, beside: str | None = None) -> None:
    st.metric(
        t(f"desk.{name}"),
        value,
        beside,
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
        help=t(f"desk.{name}_help"),
    )


def _open(found: DeskFigures) -> None:
    _said("open", numbers.whole(found.total_open), t("desk.unowned", n=numbers.whole(found.unowned)))


def _took(name: str, took: Took) -> None:
    if took.median is None or took.p90 is None:
        _said(name, t("ui.none"))
    else:
        _said(name, times.span(took.median), t("desk.p90", span=times.span(took.p90)))


def _links(found: DeskFigures, sites: tuple[str, ...]) -> None:
    with st.container(horizontal=True):
        for severity in reversed(SEVERITIES):
            if found.open.get(severity):
                words = t("desk.severity_link", severity=t(f"tuning.severities.{severity}"), n=found.open[severity])
                query: dict[str, str | Iterable[str]] = {"state": OPEN_WORK, "severity": severity, "site": sites}
                st.page_link(
                    navigation.script("alerts"),
                    label=words,
                    icon=":material/notifications:",
                    query_params={name: values for name, values in query.items() if values},
                )
