"""The rules of the Notifications page: each as a sentence, and a form to make or change one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import time
from typing import Any

import streamlit as st

from core.detection.finding import SEVERITIES
from core.notify import channel_book, places, rules
from core.notify.hours import MODES, OTHERWISE, Hours
from core.notify.rule_words import sentence
from core.notify.rules import DELIVERIES, EVENTS, LONGEST_REPEAT_HOURS, SUBJECTS, WORTH_KNOWING, Rule
from core.store.models.outbox import NotificationChannel
from core.ui import anew, session, states, times
from core.ui.attempts import pressed, say
from core.ui.notifications.parts import PERMISSION, Deeds, actions, channel_name, close_form, form_mark, state_badge
from core.ui.text import escaped, language, t

_DEFAULT = ("high", "critical")
_NEW = "add_rule_form"


def listed_rules() -> None:
    """Every rule in words, and a form for one more."""
    with session.services().database.read() as opened:
        channels = channel_book.listed(opened)
        found, sites = rules.listed(opened), places.site_names(opened)
    if not channels:
        states.empty(t("notifications.rules.empty"), t("notifications.rules.no_channel"))
        return
    if not found:
        states.empty(t("notifications.rules.empty"), t("notifications.rules.empty_help"))
    for rule in found:
        _card(rule, channels, sites)
    with st.expander(t("notifications.rules.add"), icon=":material/add:", expanded=not found, key="add_rule"):
        _form(Rule(channel_id=channels[0].id, severities=_DEFAULT, events=WORTH_KNOWING), channels, sites)


def _card(rule: Rule, channels: Sequence[NotificationChannel], sites: Mapping[str, str]) -> None:
    channel = next((row for row in channels if row.id == rule.channel_id), None)
    with st.container(border=True, key=f"card-rule-{rule.id}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            told = sentence(rule, language(), channel=channel_name(channel.name) if channel else "–", sites=sites)
            st.markdown(escaped(told))
            state_badge(rule.is_paused or (channel is not None and channel.is_paused))
        with st.container(horizontal=True):
            deeds = Deeds(lambda: _pause(rule), lambda: _remove(rule.id), t("notifications.rules.question"))
            is_open = actions("rule", rule.id, deeds, is_paused=rule.is_paused)
        if is_open:
            _form(rule, channels, sites)


def _form(rule: Rule, channels: Sequence[NotificationChannel], sites: Mapping[str, str]) -> None:
    mark = form_mark(rule.id, replace(rule, is_paused=False)) if rule.id else anew.key(_NEW, "new")
    ids = [row.id for row in channels]
    names = {row.id: channel_name(row.name) for row in channels}
    with st.form(f"rule_form_{mark}"):
        st.selectbox(
            t("notifications.rules.channel"),
            ids,
            index=ids.index(rule.channel_id) if rule.channel_id in ids else 0,
            format_func=lambda each: names[each],
            key=f"rule_channel_{mark}",
        )
        left, right = st.columns(2)
        with left:
            _choices("severities", SEVERITIES, rule.severities, mark, "notify.severities")
            _choices("subjects", SUBJECTS, rule.subjects, mark, "notify.subjects")
        with right:
            _choices("events", EVENTS, rule.events, mark, "notify.events")
            st.multiselect(
                t("notifications.rules.sites"),
                list(sites),
                default=[uuid for uuid in rule.sites if uuid in sites],
                format_func=lambda uuid: sites[uuid],
                key=f"rule_sites_{mark}",
                placeholder=t("notifications.rules.all_when_empty"),
            )
        _when(rule, mark)
        _hours(rule.hours, mark)
        st.form_submit_button(
            t("notifications.save"),
            icon=":material/save:",
            type="primary",
            on_click=pressed,
            args=(lambda: _save(rule, mark),),
            key=f"rule_save_{mark}",
        )


def _choices(name: str, options: Sequence[str], chosen: Sequence[str], mark: str, area: str) -> None:
    st.multiselect(
        t(f"notifications.rules.{name}"),
        options,
        default=[each for each in options if each in chosen],
        format_func=lambda each: t(f"{area}.{each}"),
        key=f"rule_{name}_{mark}",
        placeholder=t("notifications.rules.all_when_empty"),
    )


def _when(rule: Rule, mark: str) -> None:
    left, right = st.columns(2)
    left.selectbox(
        t("notifications.rules.delivery"),
        DELIVERIES,
        index=DELIVERIES.index(rule.delivery),
        format_func=lambda each: t(f"notifications.deliveries.{each}"),
        key=f"rule_delivery_{mark}",
    )
    right.number_input(
        t("notifications.rules.repeat_hours"),
        min_value=0,
        max_value=LONGEST_REPEAT_HOURS,
        value=rule.repeat_hours,
        help=t("notifications.rules.repeat_help"),
        key=f"rule_repeat_hours_{mark}",
    )


def _hours(hours: Hours, mark: str) -> None:
    first, second, third = st.columns([2, 1, 1])
    first.selectbox(
        t("notifications.rules.hours"),
        MODES,
        index=MODES.index(hours.mode),
        format_func=lambda each: t(f"notifications.modes.{each}"),
        key=f"rule_mode_{mark}",
    )
    second.time_input(t("notifications.rules.from"), value=_time(hours.start), key=f"rule_start_{mark}")
    third.time_input(t("notifications.rules.to"), value=_time(hours.end), key=f"rule_end_{mark}")
    st.pills(
        t("notifications.rules.days"),
        list(range(7)),
        default=list(hours.days),
        selection_mode="multi",
        format_func=lambda day: t(f"notify.days.{day}"),
        key=f"rule_days_{mark}",
    )
    left, right = st.columns(2)
    left.selectbox(
        t("notifications.rules.otherwise"),
        OTHERWISE,
        index=OTHERWISE.index(hours.otherwise),
        format_func=lambda each: t(f"notifications.otherwise.{each}"),
        key=f"rule_otherwise_{mark}",
    )
    zones = ["", *times.all_zones()]
    right.selectbox(
        t("notifications.rules.zone"),
        zones,
        index=zones.index(hours.zone) if hours.zone in zones else 0,
        format_func=lambda zone: zone or t("notifications.rules.site_clock"),
        key=f"rule_zone_{mark}",
    )
    st.checkbox(
        t("notifications.rules.holidays"), value=hours.closed_on_holidays, key=f"rule_closed_on_holidays_{mark}"
    )


def _save(rule: Rule, mark: str) -> None:
    person, parts = session.check(PERMISSION), session.services()

    def given(name: str) -> Any:
        return st.session_state[f"rule_{name}_{mark}"]

    wanted = Rule(
        id=rule.id,
        channel_id=given("channel"),
        severities=tuple(given("severities")),
        subjects=tuple(given("subjects")),
        events=tuple(given("events")),
        sites=tuple(given("sites")),
        delivery=given("delivery"),
        repeat_hours=int(given("repeat_hours")),
        is_paused=rule.is_paused,
        hours=Hours(
            mode=given("mode"),
            start=_minute(given("start")),
            end=_minute(given("end")),
            days=tuple(sorted(given("days"))),
            closed_on_holidays=given("closed_on_holidays"),
            zone=given("zone"),
            otherwise=given("otherwise"),
        ),
    )
    if rule.id == 0:
        rules.add(parts.database, parts.clock, wanted, actor=person.name)
        anew.begin(_NEW)
    else:
        rules.change(parts.database, parts.clock, wanted, actor=person.name)
        close_form("rule", rule.id)
    say(t("notifications.saved"))


def _pause(rule: Rule) -> None:
    person, parts = session.check(PERMISSION), session.services()
    rules.pause(parts.database, parts.clock, rule.id, paused=not rule.is_paused, actor=person.name)


def _remove(rule_id: int) -> None:
    person, parts = session.check(PERMISSION), session.services()
    rules.remove(parts.database, parts.clock, rule_id, actor=person.name)


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute
