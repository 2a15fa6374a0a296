"""What the forms of visits have in common: who and when, and doing it, once what is awkward was said."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

import streamlit as st

from core.ui import dialogs, session, times
from core.ui.text import t
from core.visits import availability
from core.visits.availability import Host
from core.visits.days import at_local, zone_of
from core.visits.vocabulary import LONGEST_MINUTES

LENGTHS = (15, 30, 45, 60, 90, 120, 180, 240, 360, 480, LONGEST_MINUTES)


def choose_operator(hosts: Sequence[Host], prefix: str) -> None:
    """The widget for who goes; ``prefix`` begins the keys of a form's widgets."""
    names = {host.id: host.name for host in hosts}
    st.selectbox(
        t("visits_page.operator"),
        list(names),
        index=None,
        format_func=lambda one: names[one],
        placeholder=t("visits_page.new.choose_operator"),
        key=f"{prefix}_operator",
    )


def choose_time(prefix: str, usual_minutes: int) -> None:
    """The widgets for day, time, length and time zone."""
    left, middle, right = st.columns(3)
    left.date_input(t("visits_page.new.day"), format="YYYY-MM-DD", key=f"{prefix}_day")
    middle.time_input(t("visits_page.new.at"), step=timedelta(minutes=15), key=f"{prefix}_at")
    right.selectbox(
        t("visits_page.new.minutes"), sorted({*LENGTHS, usual_minutes}), format_func=_length, key=f"{prefix}_minutes"
    )
    st.selectbox(
        t("visits_page.new.zone"), times.all_zones(), key=f"{prefix}_zone", help=t("visits_page.new.zone_help")
    )


def _length(minutes: int) -> str:
    if minutes < 60 or minutes % 60 == 0:
        return times.span(minutes * 60)
    return t("visits_page.new.hours_minutes", hours=minutes // 60, minutes=minutes % 60)


def values(prefix: str) -> Mapping[str, Any]:
    """What the widgets of a form hold, by name."""
    return {
        str(name).removeprefix(f"{prefix}_"): value
        for name, value in st.session_state.items()
        if str(name).startswith(f"{prefix}_")
    }


def instant(given: Mapping[str, Any]) -> datetime:
    """The begin that a form tells, by the clocks of its zone; UTC."""
    at: time = given["at"]
    return at_local(given["day"], at.hour, at.minute, zone_of(str(given["zone"])))


def write_once(form: str, given: Mapping[str, Any], write: Any, done: str) -> None:
    """Do it, unless something awkward was not yet said of this operator at this time."""
    starts = instant(given)
    ends = starts + timedelta(minutes=int(given["minutes"]))
    asked = (given["operator"], starts, ends)
    with session.services().database.read() as opened:
        awkward = availability.shift_concerns(opened, int(given["operator"]), starts, ends)
    if awkward and st.session_state.get(f"{form}_warned") != asked:
        st.session_state[f"{form}_warned"], st.session_state[f"{form}_concerns"] = asked, awkward
        return
    dialogs.attempt(form, write, done)


def begin(form: str, prefix: str, start: Mapping[str, Any]) -> None:
    """Before a dialog opens: fill its widgets, forget what an earlier one left, and give this one a key of its own.

    A dialog that was only closed leaves its widgets as they were: they would go before what this one begins with.
    """
    for left in ("warned", "concerns"):
        st.session_state.pop(f"{form}_{left}", None)
    st.session_state[f"{form}_key"] = secrets.token_hex(16)
    for name, value in start.items():
        st.session_state[f"{prefix}_{name}"] = value


def known_zone(zone: str) -> str:
    """A time zone that can be chosen: UTC for one that is not known."""
    return zone if zone in times.all_zones() else times.UTC_NAME


def key_of(form: str) -> str:
    """What makes pressing the dialog's button twice do it once."""
    return str(st.session_state[f"{form}_key"])


def warnings(form: str) -> None:
    """Say what is awkward about what the form tells."""
    concerns = st.session_state.get(f"{form}_concerns")
    if concerns:
        st.warning(" ".join(t(f"visits.concerns.{one}") for one in concerns), icon=":material/warning:")


def verb(form: str) -> str:
    """Which text stands on the form's button: ``do``, or ``anyway`` once something awkward was said."""
    return "anyway" if st.session_state.get(f"{form}_concerns") else "do"
