"""The parts of the Overview page: figures beside those of the period before, sites over time, destinations, talkers."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from core.calls.filters import CallFilter
from core.calls.outcomes import HUMAN_OUTCOMES
from core.calls.overview import Comparison, Overview, SiteTrend
from core.calls.rollup import HourlyCalls, hourly_path
from core.calls.summaries import TopRow
from core.ui import address, figures, freshness, navigation, numbers, reading, session, states, times
from core.ui.overview import desk, forecast
from core.ui.reading import Question
from core.ui.text import escaped, t

PERIODS = ("24h", "7d", "30d")
REFRESH = "15s"
LINES = 7
TOP = 8
_PERIOD, _SITES = "o_period", "o_site"
_KEPT, _TTL = 64, "1h"


def overview() -> Overview:
    """The questions behind this page."""
    parts = session.services()
    hourly = HourlyCalls(hourly_path(parts.settings), parts.clock)
    return Overview(hourly, reading.queries(), parts.clock)


def controls() -> CallFilter:
    """Period and sites; the address holds both."""
    sites = [choice.value for choice in reading.choices("sites")]
    last, chosen = address.choice("last", PERIODS, PERIODS[0]), address.several("site", sites)
    with st.container(horizontal=True, vertical_alignment="top"):
        st.segmented_control(
            t("overview.period"),
            PERIODS,
            required=True,
            format_func=lambda period: t(f"filters.periods.{period}"),
            key=address.shown(_PERIOD, last),
            on_change=address.keep,
            args=("last", _PERIOD, PERIODS[0]),
        )
        st.multiselect(
            t("overview.sites"),
            sites,
            key=address.shown(_SITES, chosen),
            placeholder=t("overview.all_sites"),
            width=360,
            on_change=address.keep,
            args=("site", _SITES),
        )
    return CallFilter(last=last, sites=tuple(chosen))


@st.fragment(run_every=REFRESH)
def live(shown: CallFilter) -> None:
    """Everything below the controls; refreshes itself and reads anew only when the calls changed."""
    person = session.require("overview.view")
    linked = person.may("calls.view")
    asked = reading.question(shown)
    compared = _comparison(asked)
    if not compared.present.legs and not compared.previous.legs:
        _nothing(asked)
        return
    _age()
    trends = _trends(asked)
    _cards(compared, trends)
    today = trends if shown.last == PERIODS[0] else _trends(replace(asked, filter=replace(shown, last=PERIODS[0])))
    desk.draw(person, shown.sites, forecast.sites_of(shown, today), today)
    forecast.draw(shown, trends)
    _sites(shown, trends, linked)
    left, right = st.columns(2, gap="medium")
    with left:
        _destinations(shown, asked, linked)
    with right:
        _talkers(shown, asked, linked)


def _nothing(asked: reading.Question) -> None:
    newest = reading.queries().newest()
    since = asked.filter.resolved(asked.minute).since
    if newest is None:
        states.empty(t("calls_page.empty.none_yet"), t("calls_page.empty.none_yet_help"), _to_connections)
    elif not asked.filter.sites and (since is None or newest >= since):
        states.empty(t("overview.empty.counting"), t("overview.empty.counting_help"))
    else:
        states.empty(t("overview.empty.title"), t("overview.empty.help"))


def _to_connections() -> None:
    if session.may("connections.view"):
        st.page_link(navigation.script("connections"), label=t("overview.empty.connect"), icon=":material/cable:")


def _age() -> None:
    state = freshness.read()
    if state.is_stale:
        states.stale(times.to_the_minute(state.changed_at))


def _cards(compared: Comparison, trends: Sequence[SiteTrend]) -> None:
    present = compared.present
    columns = list(zip(*(trend.points for trend in trends), strict=True)) if trends else []
    calls = [sum(point.calls for point in column) for column in columns]
    lines: dict[str, list[float]] = {
        "calls": [float(count) for count in calls],
        "talk_minutes": [sum(point.talk_seconds for point in column) / 60 for column in columns],
        "answered_share": _shares(calls, [sum(point.answered for point in column) for column in columns]),
        "international_share": _shares(calls, [sum(point.international for point in column) for column in columns]),
    }
    values = {
        "calls": numbers.whole(present.calls),
        "talk_minutes": numbers.whole(present.talk_minutes),
        "answered_share": numbers.share(present.answered_share),
        "international_share": numbers.share(present.international_share),
    }
    with st.container(key="kpis"), st.grid(4, min_column_width=210, gap="small"):
        for name, value in values.items():
            delta = _delta(compared, name)
            st.metric(
                t(f"overview.cards.{name}"),
                value,
                delta,
                delta_color="inverse" if name == "international_share" else "normal",
                delta_description=None if delta is None else t("overview.before"),
                chart_data=lines[name],
                chart_type="area",
                border=True,
                help=t(f"overview.cards.{name}_help"),
            )


def _shares(calls: Sequence[int], parts: Sequence[int]) -> list[float]:
    return [100 * part / whole if whole else 0.0 for whole, part in zip(calls, parts, strict=True)]


def _delta(compared: Comparison, name: str) -> str | int | None:
    change = compared.change(name)
    if change is None:
        return None
    if round(change, 3) == 0:
        return 0
    return numbers.signed_points(change) if name.endswith("_share") else numbers.signed_share(change)


def _sites(shown: CallFilter, trends: Sequence[SiteTrend], linked: bool) -> None:
    series = [
        figures.Series(trend.site or t("overview.no_site"), [point.legs for point in trend.points])
        for trend in trends[:LINES]
    ]
    with st.container(border=True, key="card-sites"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{t('overview.by_site')}**")
            st.space("stretch")
            if linked:
                _to_calls(t("overview.see_calls"), shown, ":material/arrow_forward:")
        if trends:
            at = [point.at for point in trends[0].points]
            st.plotly_chart(
                figures.trend(at, series, times.zone()),
                key="site_trend",
                config=figures.CONFIG,
                alt=t("overview.by_site"),
            )


def _destinations(shown: CallFilter, asked: Question, linked: bool) -> None:
    countries = reading.country_names()
    wanted = CallFilter(last=shown.last, sites=shown.sites, directions=("ORIGINATING",), international=True)
    _list(
        "destinations",
        _top_destinations(asked),
        lambda row: countries.get(row.value, row.value),
        lambda row: replace(wanted, countries=(row.value,)) if linked else None,
    )


def _talkers(shown: CallFilter, asked: Question, linked: bool) -> None:
    _list(
        "talkers",
        _top_talkers(asked),
        lambda row: row.label,
        lambda row: replace(shown, users=(row.value,), outcomes=HUMAN_OUTCOMES) if linked else None,
    )


def _list(
    which: str,
    rows: Sequence[TopRow],
    name: Callable[[TopRow], str],
    wanted: Callable[[TopRow], CallFilter | None],
) -> None:
    most = max((row.legs for row in rows), default=1)
    with st.container(border=True, key=f"card-{which}", height="stretch", gap="xsmall"):
        st.markdown(f"**{t(f'overview.{which}')}**")
        if not rows:
            st.caption(t(f"overview.no_{which}"))
        for row in rows:
            label, value, minutes = st.columns([5, 3, 4], vertical_alignment="center", wrap=False)
            with label:
                _to_calls(escaped(name(row)), wanted(row))
            value.progress(row.legs / most)
            minutes.caption(
                t("overview.figures", legs=numbers.whole(row.legs), minutes=numbers.whole(row.talk_seconds / 60)),
                text_alignment="right",
            )


def _to_calls(label: str, wanted: CallFilter | None, icon: str | None = None) -> None:
    """A link to the calls meant; only the label for who may not see them."""
    if wanted is None:
        st.markdown(label)
    else:
        st.page_link(navigation.script("calls"), label=label, query_params=wanted.to_query(), icon=icon)


@st.cache_data(max_entries=_KEPT, ttl=_TTL, show_spinner=False)
def _comparison(asked: Question) -> Comparison:
    return overview().comparison(asked.filter.last, asked.filter.sites)


@st.cache_data(max_entries=_KEPT, ttl=_TTL, show_spinner=False)
def _trends(asked: Question) -> list[SiteTrend]:
    return overview().trends(asked.filter.last, asked.filter.sites)


@st.cache_data(max_entries=_KEPT, ttl=_TTL, show_spinner=False)
def _top_destinations(asked: Question) -> list[TopRow]:
    return overview().destinations(asked.filter.last, asked.filter.sites, TOP)


@st.cache_data(max_entries=_KEPT, ttl=_TTL, show_spinner=False)
def _top_talkers(asked: Question) -> list[TopRow]:
    return overview().talkers(asked.filter.last, asked.filter.sites, TOP)
