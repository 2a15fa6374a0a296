"""Calls against their forecast: the band on the trend, and what the day comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

import plotly.graph_objects as go
import streamlit as st

from core.calls.filters import CallFilter
from core.calls.overview import SiteTrend
from core.forecast import store
from core.forecast.series import HOUR, ORG
from core.forecast.store import BandPoint, Expectation, Fitted
from core.store import data_version
from core.ui import figures, numbers, session, times
from core.ui.text import t

HEIGHT = 260
AHEAD = {"hour": timedelta(hours=12), "day": timedelta(days=7)}
LEAST_DAYS = 14
_BAND = "rgba(120,130,160,0.20)"


@dataclass(frozen=True)
class Asked:
    """What bands are remembered under."""

    version: int
    sites: tuple[str, ...]
    grain: str
    since: datetime
    until: datetime


def version() -> int:
    """A number that grows with every fit."""
    with session.services().database.read() as opened:
        return data_version.current(opened, store.DATA_VERSION)[0]


def sites_of(shown: CallFilter, trends: Sequence[SiteTrend]) -> tuple[str, ...]:
    """The sites meant: the chosen ones by UUID, or the organisation as a whole."""
    return tuple(trend.site_uuid or "" for trend in trends) if shown.sites else (ORG,)


def draw(shown: CallFilter, trends: Sequence[SiteTrend]) -> None:
    """The card with the picture of the period and a stretch ahead; says so where there is no forecast."""
    if not trends:
        return
    sites, number = sites_of(shown, trends), version()
    grain = "hour" if (shown.relative_span or timedelta()) <= timedelta(hours=48) else "day"
    since, until = trends[0].points[0].at, trends[0].points[-1].at + AHEAD[grain]
    points = _bands(Asked(number, sites, grain, since, until))
    with st.container(border=True, key="card-forecast"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{t('forecast.title')}**", help=t("forecast.help"))
            st.space("stretch")
            st.caption(_standing(sites, number))
        if not points:
            return
        calls = _calls(trends, grain)
        strange = store.outside(points, calls, max(calls, default=since) + HOUR)
        picture = figure(points, calls, strange, times.zone())
        alt = f"{t('forecast.title')}: {t('forecast.count_outside', n=len(strange))}"
        st.plotly_chart(picture, key="forecast_trend", config=figures.CONFIG, alt=alt)


def _calls(trends: Sequence[SiteTrend], grain: str) -> dict[datetime, int]:
    """Calls of the whole hours or days: the running one is not over, the first day of a period is cut."""
    columns = list(zip(*(trend.points for trend in trends), strict=True))[(1 if grain == "day" else 0) : -1]
    return {column[0].at: sum(point.calls for point in column) for column in columns}


def expectation(sites: tuple[str, ...], hourly: Sequence[SiteTrend], now: datetime) -> Expectation | None:
    """What the viewer's day comes to, from the calls of the last 24 hours by hour."""
    begins = times.start_of_day(now).astimezone(now.tzinfo).replace(minute=0)
    points = _bands(Asked(version(), sites, "hour", begins, begins + timedelta(hours=24)))
    columns = zip(*(trend.points for trend in hourly), strict=True)
    calls = {column[0].at: sum(point.calls for point in column) for column in columns}
    return store.expectation(points, calls, now, begins)


def metric(found: Expectation | None) -> None:
    """The day's figure as a card."""
    if found is None:
        st.metric(t("forecast.tonight"), t("ui.none"), border=True, height="stretch", help=t("forecast.none"))
        return
    calls, expected = numbers.whole(found.so_far), numbers.whole(found.expected_so_far)
    st.metric(
        t("forecast.tonight"),
        numbers.whole(found.expected_by_end),
        t("forecast.so_far", calls=calls, expected=expected),
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
        help=t("forecast.tonight_help"),
    )


@st.cache_data(max_entries=64, ttl="1h", show_spinner=False)
def _bands(asked: Asked) -> list[BandPoint]:
    with session.services().database.read() as opened:
        each = [store.bands(opened, site, asked.grain, asked.since, asked.until) for site in asked.sites]
    return store.together(each)


def _standing(sites: tuple[str, ...], number: int) -> str:
    fits = _fits(number)
    found = [fit for fit in fits if fit.site_uuid in sites]
    if not found:
        return t("forecast.none")
    young = [fit for fit in found if fit.state == "young"]
    if young:
        return t("forecast.young", n=int(min(fit.history_days for fit in young)))
    if any(fit.state == "pooled" for fit in found):
        return t("forecast.pooled")
    return t("forecast.fitted", at=times.to_the_minute(max(fit.fitted_at for fit in found)))


@st.cache_data(max_entries=4, ttl="1h", show_spinner=False)
def _fits(number: int) -> list[Fitted]:
    """How the sites stand at a data version."""
    with session.services().database.read() as opened:
        return store.fits(opened) if number else []


def figure(
    points: Sequence[BandPoint], calls: Mapping[datetime, int], strange: Sequence[BandPoint], zone: tzinfo
) -> go.Figure:
    """The band, what was expected, what happened, and what left the band; times of ``zone``."""

    def local(at: datetime) -> datetime:
        return at.astimezone(zone).replace(tzinfo=None)

    at = [local(point.at) for point in points]
    edge = {"width": 0}
    odd = {point.at for point in strange}
    marks = {"size": 9, "color": figures.THEME[0], "symbol": "diamond"}
    picture = go.Figure(
        [
            go.Scatter(
                x=at, y=[point.high for point in points], mode="lines", line=edge, hoverinfo="skip", showlegend=False
            ),
            go.Scatter(
                x=at, y=[point.low for point in points], mode="lines", line=edge, fill="tonexty", fillcolor=_BAND,
                hoverinfo="skip", name=t("forecast.band"),
            ),
            go.Scatter(
                x=at, y=[round(point.expected) for point in points], mode="lines", name=t("forecast.expected"),
                line={"width": 1.5, "dash": "dot", "color": figures.MUTED},
            ),
            go.Scatter(
                x=[local(when) for when in calls], y=list(calls.values()), mode="lines", name=t("forecast.calls"),
                line={"width": 2, "color": figures.CALM},
            ),
            go.Scatter(
                x=[local(when) for when in odd], y=[calls[when] for when in odd], mode="markers", marker=marks,
                name=t("forecast.outside"),
            ),
        ]
    )  # fmt: skip
    picture.update_layout(
        height=HEIGHT,
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hovermode="x unified",
        legend={"orientation": "h", "y": -0.15, "x": 0},
    )
    picture.update_xaxes(showgrid=False, fixedrange=True)
    picture.update_yaxes(nticks=5, fixedrange=True, rangemode="tozero")
    return picture
