"""One calling user: score and its history, what is usual, countries, devices, alerts, settings, and a fresh look."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

import streamlit as st
from sqlalchemy import select

from core.alerts import query as alert_query
from core.alerts.explain import rule_name
from core.alerts.filters import AlertFilter
from core.alerts.query import Reader
from core.alerts.vocabulary import STATES
from core.calls.filters import CallFilter
from core.detection.registry import detectors
from core.errors import TollwatchError
from core.risk import query, record, score, usual
from core.risk.query import UserRisk
from core.risk.usual import Usual
from core.store import commands
from core.store.models.alerts import AlertRow
from core.store.models.responses import SettingSnapshot
from core.ui import asking, figures, navigation, reading, refusals, session, times
from core.ui.components.copying import copy_button
from core.ui.detectors import listing as detector_listing
from core.ui.setting_words import field_name, value_name
from core.ui.text import escaped, language, named, stored_error, t
from core.ui.users import figures as user_figures
from core.webex.call_settings import Setting
from core.webex.call_settings_shape import facts

ALERTS = 20
HISTORY_DAYS = 30
STEP = timedelta(hours=2)
REFRESH = "2s"
_COLOURS = {"calm": "green", "watch": "yellow", "elevated": "orange", "severe": "red"}
_ASKED = "analysis_asked"


def panel(uuid: str) -> None:
    """Everything about one user. Raises ``NotFoundError`` for one who is not known."""
    parts = session.services()
    now = parts.clock.now()
    with parts.database.read() as opened:
        user = query.one(opened, uuid, now)
        alerts = record.alerts_of(opened, uuid, now - timedelta(days=HISTORY_DAYS) - score.FORGOTTEN)
    _head(user)
    found = _usual((uuid, reading.calls_version()))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _history(score.history(alerts, now, HISTORY_DAYS, STEP))
        _hours(found)
        _abroad(found)
        _ranges(found)
    with right:
        _alerts(uuid)
        _analysis(uuid)
        _devices(found)
        _settings(uuid)


def _head(user: UserRisk) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(escaped(user.name or user.uuid), anchor=False, width="content")
        colour: Any = _COLOURS[user.band]
        st.badge(f"{t(f'risk.bands.{user.band}')} {user.risk:.0f}", color=colour)
        st.space("stretch")
        wanted = CallFilter(last="7d", users=(user.uuid,)).to_query()
        st.page_link(
            navigation.script("calls"), label=t("risk.see_calls"), icon=":material/call_log:", query_params=wanted
        )
        copy_button(t("ui.copy_link"), t("ui.copied"), key="user_link")
        st.button(t("risk.back"), key="user_back", icon=":material/arrow_back:", on_click=_back)
    told = (user.site, user.department, user.number, user.extension)
    seen = t("risk.columns.last_seen") + " " + times.to_the_minute(user.last_seen)
    st.caption(" · ".join([*(escaped(part) for part in told if part), seen]))


def _back() -> None:
    st.query_params.pop("user", None)


@st.cache_data(max_entries=64, ttl="15m", show_spinner=False)
def _usual(asked: tuple[str, int]) -> Usual:
    """What is usual for a user by the calls as they were at a data version."""
    return usual.usual(session.services(), asked[0])


def _history(points: Sequence[tuple[Any, float]]) -> None:
    with st.container(border=True, key="card-risk-history", gap=None):
        st.markdown(f"**{t('risk.detail.history')}**")
        picture = user_figures.risk_line(points, times.zone())
        st.plotly_chart(picture, key="risk_history", config=figures.CONFIG, alt=t("risk.detail.history"))


def _hours(found: Usual) -> None:
    days = [t(f"risk.days.{day}") for day in range(7)]
    most = max((value for grid in (found.usual_hours, found.recent_hours) for row in grid for value in row), default=0)
    with st.container(border=True, key="card-user-hours"):
        columns = st.columns(2, gap="medium")
        pairs = (("usual_hours", found.usual_hours), ("recent_hours", found.recent_hours))
        for column, (name, grid) in zip(columns, pairs, strict=True):
            with column:
                title = t(f"risk.detail.{name}")
                st.markdown(f"**{title}**")
                picture = user_figures.week_grid(grid, most, days)
                st.plotly_chart(picture, key=f"user_{name}", config=figures.CONFIG, alt=title)
        st.caption(t("risk.detail.hours_help"))


def _abroad(found: Usual) -> None:
    with st.container(border=True, key="card-user-abroad"):
        st.markdown(f"**{t('risk.detail.abroad')}**")
        picture = user_figures.minutes_by_day(found.abroad_minutes)
        st.plotly_chart(picture, key="user_abroad", config=figures.CONFIG, alt=t("risk.detail.abroad"))
        st.markdown(f"**{t('risk.detail.countries')}**")
        if not found.countries:
            st.caption(t("risk.detail.no_countries"))
            return
        names = reading.country_names()
        rows = [
            {
                t("risk.detail.country"): names.get(known.country, known.country),
                t("risk.detail.since"): times.to_the_minute(known.first),
                t("risk.detail.last"): times.to_the_minute(known.last),
                t("risk.detail.calls"): known.calls,
                t("risk.detail.minutes"): round(known.minutes, 1),
            }
            for known in found.countries
        ]
        st.dataframe(rows, hide_index=True, alt=t("risk.detail.countries"))


def _ranges(found: Usual) -> None:
    with st.container(border=True, key="card-user-ranges"):
        st.markdown(f"**{t('risk.detail.ranges')}**", help=t("risk.detail.ranges_help", n=found.active_days))
        rows = [
            {
                t("risk.detail.figure"): t(f"risk.figures.{each.figure}"),
                **{t(f"risk.detail.{part}"): round(getattr(each, part), 1) for part in _RANGE},
            }
            for each in found.ranges
        ]
        st.dataframe(rows, hide_index=True, alt=t("risk.detail.ranges"))


_RANGE = ("middle", "upper", "most", "this_week")


def _alerts(uuid: str) -> None:
    parts, person = session.services(), session.current_user()
    with st.container(border=True, key="card-user-alerts"):
        st.markdown(f"**{t('risk.detail.alerts')}**")
        if person is None or not person.may("alerts.view"):
            return
        wanted = AlertFilter(states=STATES, entity_kind="user", entity=uuid, muted="all", sort="newest")
        with parts.database.read() as opened:
            rows = alert_query.page(opened, wanted, Reader(parts.clock.now()), limit=ALERTS).rows
        if not rows:
            st.caption(t("risk.detail.no_alerts"))
        for row in rows:
            _alert(row)


def _alert(row: AlertRow) -> None:
    words = t(
        "risk.detail.alert_line",
        severity=t(f"tuning.severities.{row.severity}"),
        rule=rule_name(row.alert_type, language()),
    )
    st.page_link(
        navigation.script("alerts"),
        label=escaped(words),
        icon=":material/notifications:" if row.is_open else ":material/check:",
        query_params={"alert": str(row.id)},
    )
    st.caption(f"{times.to_the_minute(row.emitted_at)} · {named('risk.detail.states', row.state)}")


def _devices(found: Usual) -> None:
    with st.container(border=True, key="card-user-devices"):
        st.markdown(f"**{t('risk.detail.devices')}**")
        if not found.devices:
            st.caption(t("risk.detail.no_devices"))
            return
        rows = [
            {
                t("risk.detail.device"): device.name,
                t("risk.detail.first"): times.to_the_minute(device.first),
                t("risk.detail.last"): times.to_the_minute(device.last),
                t("risk.detail.records"): device.legs,
            }
            for device in found.devices
        ]
        st.dataframe(rows, hide_index=True, alt=t("risk.detail.devices"))


def _settings(uuid: str) -> None:
    with session.services().database.read() as opened:
        wanted = select(SettingSnapshot).where(SettingSnapshot.person_uuid == uuid).order_by(SettingSnapshot.setting)
        rows = list(opened.scalars(wanted))
    with st.container(border=True, key="card-user-settings"):
        st.markdown(f"**{t('risk.detail.settings')}**")
        if not rows:
            st.caption(t("risk.detail.no_settings"))
        for row in rows:
            name = named("risk.detail.setting_names", row.setting)
            st.caption(t("risk.detail.settings_at", setting=name, at=times.to_the_minute(row.read_at)))
            if row.value is not None:
                _setting(row)


def _setting(row: SettingSnapshot) -> None:
    told = [
        {t("respond.columns.what"): field_name(field, aspect), t("respond.columns.now"): value_name(value)}
        for (field, aspect), value in facts(cast(Setting, row.setting), row.value or {}).items()
    ]
    st.dataframe(told, hide_index=True, alt=t("risk.detail.settings"))


def _analysis(uuid: str) -> None:
    may = session.may("detection.run")
    with st.container(border=True, key="card-user-analysis"):
        st.markdown(f"**{t('risk.analyse.title')}**", help=t("risk.analyse.help"))
        judging = [known.id for known in detectors() if known.look is not None]
        with st.form("analyse_user", border=False):
            st.multiselect(
                t("risk.analyse.detectors"),
                judging,
                format_func=detector_listing.name_of,
                key="analyse_detectors",
                placeholder=t("risk.analyse.all"),
                disabled=not may,
            )
            st.form_submit_button(
                t("risk.analyse.button"), icon=":material/troubleshoot:", disabled=not may, on_click=_ask, args=(uuid,)
            )
        asked = st.session_state.get(_ASKED)
        if asked and asked[0] == uuid:
            _answer(asked[1])


def _ask(uuid: str) -> None:
    person = session.check("detection.run")
    chosen = list(st.session_state["analyse_detectors"])
    command = asking.run_job("analyse_user", "detection.run", user=uuid, detectors=chosen, requested_by=person.name)
    st.session_state[_ASKED] = (uuid, command)


@st.fragment(run_every=REFRESH)
def _answer(command_id: int) -> None:
    session.require("people.view")
    try:
        with session.services().database.read() as opened:
            row = commands.find(opened, command_id)
    except TollwatchError as error:
        refusals.told(error)
        return
    if row.state in commands.OPEN:
        st.caption(t("risk.analyse.running" if row.state == commands.RUNNING else "risk.analyse.waiting"))
    elif row.error:
        message, remedy = stored_error(row.error)
        st.error(f"{message} {remedy}", icon=":material/error:")
    else:
        alerts = (row.result or {}).get("alerts") or []
        new = sum(bool(alert.get("is_new")) for alert in alerts)
        words = t("risk.analyse.found", n=len(alerts), new=new) if alerts else t("risk.analyse.nothing")
        st.success(words, icon=":material/fact_check:")
