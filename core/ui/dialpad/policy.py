"""The rules of the dialling policy, read by everybody and changed by an administrator."""

from dataclasses import asdict

import phonenumbers
import streamlit as st

from core.dialer import policy_book
from core.dialer.policy import Rules
from core.errors import TollwatchError
from core.ui import reading, session, times
from core.ui.dialpad import state
from core.ui.session import CurrentUser
from core.ui.text import error_texts, t


def draw(person: CurrentUser) -> None:
    """The rules in force as a form; its fields are locked for who may not change them."""
    with session.services().database.read() as opened:
        known, version = policy_book.rules(opened)
    if not person.may("dialer.manage"):
        return
    names = reading.country_names()
    with st.expander(t("dialpad.policy.title"), icon=":material/policy:"), st.form("dialing_policy", border=False):
        countries = sorted(phonenumbers.SUPPORTED_REGIONS, key=lambda one: names.get(one, one))
        st.multiselect(
            t("dialpad.policy.countries"),
            countries,
            list(known.countries),
            key="dp_countries",
            format_func=lambda one: names.get(one, one),
            placeholder=t("dialpad.policy.no_country"),
            help=t("dialpad.policy.countries_help"),
        )
        with st.grid(3, min_column_width=150, gap="small"):
            _number("highest_tier", known.highest_tier, 0, 4)
            _number("highest_price", known.highest_price, 0.0, 100.0)
            _number("calls_a_minute", known.calls_a_minute, 1, 600)
            _number("budget_a_day", known.budget_a_day, 0.0, 100_000.0)
            _number("tests_budget_a_day", known.tests_budget_a_day, 0.0, 100_000.0)
            _number("first_hour", known.first_hour, 0, 23)
            _number("last_hour", known.last_hour, 1, 24)
        st.pills(
            t("dialpad.policy.weekdays"),
            range(7),
            selection_mode="multi",
            default=list(known.weekdays),
            key="dp_weekdays",
            format_func=lambda day: t(f"visits.weekdays.{day}"),
        )
        st.text_input(t("dialpad.policy.caller_ids"), ", ".join(known.caller_ids), key="dp_caller_ids")
        st.checkbox(t("dialpad.policy.is_reason_required"), known.is_reason_required, key="dp_is_reason_required")
        st.checkbox(t("dialpad.policy.is_recording_allowed"), known.is_recording_allowed, key="dp_is_recording_allowed")
        with st.container(horizontal=True):
            st.selectbox(
                t("dialpad.policy.country"),
                countries,
                countries.index(known.country),
                key="dp_country",
                format_func=lambda one: names.get(one, one),
                help=t("dialpad.policy.country_help"),
            )
            zones = times.all_zones()
            zones = zones if known.zone in zones else [known.zone, *zones]
            st.selectbox(t("dialpad.policy.zone"), zones, zones.index(known.zone), key="dp_zone")
        st.form_submit_button(t("dialpad.policy.save"), type="primary", on_click=_save, args=(version,))


def _number(name: str, value: float, least: float, most: float) -> None:
    st.number_input(t(f"dialpad.policy.{name}"), min_value=least, max_value=most, value=value, key=f"dp_{name}")


def _save(version: int) -> None:
    parts, kept = session.services(), st.session_state
    try:
        person = session.check("dialer.manage")
        told = {name: kept[f"dp_{name}"] for name in asdict(Rules()) if name != "caller_ids"}
        told["caller_ids"] = [one.strip() for one in (kept["dp_caller_ids"] or "").split(",") if one.strip()]
        told["weekdays"] = sorted(kept["dp_weekdays"] or [])
        with parts.database.write() as opened:
            wanted = policy_book.rules_from(told)
            policy_book.change(opened, wanted, version=version, actor=person.name, at=parts.clock.now())
        st.toast(t("dialpad.policy.saved"), icon=":material/check_circle:")
    except TollwatchError as error:
        kept[state.PROBLEM] = " ".join(error_texts(error))
