"""The parts of the Connections page around the cards: how a consent ended, what the doctor finds, the log."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import streamlit as st

from core.store.models.webex import SyncLogEntry
from core.ui import address, numbers, reading, session, states, times
from core.ui.connections import importing
from core.ui.connections.card import FINDINGS, examine
from core.ui.text import escaped, language, named, stored_error, t, unescaped
from core.webex import sync_log

LOG_ROWS = 50
BANNER_LASTS = timedelta(minutes=1)
_OUTCOMES, _BANNER = ("connected", "problem"), "consent_outcome"
_LEVELS: dict[str, tuple[str, Any]] = {
    "problem": (":material/error:", "red"),
    "warning": (":material/warning:", "orange"),
    "ok": (":material/check_circle:", "green"),
}


def banner() -> None:
    """How a consent that has just ended went, from the address it came back with.

    It is told for a minute and the address forgets it, so that a reload or a link sent on does not tell it again.
    """
    now = session.services().clock.now()
    outcome = {name: st.query_params[name] for name in _OUTCOMES if st.query_params.get(name)}
    if outcome:
        for name in outcome:
            del st.query_params[name]
        st.session_state[_BANNER] = (outcome, now + BANNER_LASTS)
    outcome, until = st.session_state.get(_BANNER, ({}, now))
    if now < until:
        _tell(outcome)


def _tell(outcome: Mapping[str, str]) -> None:
    if "connected" in outcome:
        known = "connected_again" if reading.queries().newest() else "connected"
        if outcome["connected"] == "compliance":
            known = "compliance"
        st.success(t(f"connections.banner.{known}"), icon=":material/check_circle:")
    if "problem" in outcome:
        message, remedy = stored_error({"code": outcome["problem"], "facts": {}})
        st.error(f"{message} {remedy}", icon=":material/error:")


def findings() -> None:
    """What the doctor found when it was last asked in this session, with remedies."""
    found = st.session_state.get(FINDINGS)
    if found is None:
        states.empty(
            t("connections.doctor.not_yet"),
            t("connections.doctor.not_yet_help"),
            lambda: st.button(t("connections.actions.test"), key="doctor_now", type="primary", on_click=examine),
        )
        return
    for finding in found:
        icon, colour = _LEVELS[finding.level]
        with st.container(horizontal=True, gap="small"):
            st.badge(t(f"connections.levels.{finding.level}"), icon=icon, color=colour)
            words = escaped(finding.message(language(), times.zone()))
            remedy = escaped(finding.remedy(language(), times.zone()))
            st.markdown(f"{words}  \n:gray[{remedy}]" if remedy else words, width="stretch")


def log() -> None:
    """What each synchronisation asked for and got, newest first."""
    before = st.query_params.get("before", "")
    position = int(before) if before.isdecimal() and len(before) < 18 else None
    with session.services().database.read() as opened:
        entries = sync_log.entries(opened, before=position, limit=LOG_ROWS)
    if not entries:
        states.empty(t("connections.log.empty"), t("connections.log.empty_help"))
        return
    st.dataframe([_log_row(entry) for entry in entries], hide_index=True, alt=t("connections.log.alt"))
    with st.container(horizontal=True):
        st.button(t("ui.newer"), key="log_newest", disabled=position is None, on_click=_go, args=(None,))
        st.button(
            t("ui.older"), key="log_older", disabled=len(entries) < LOG_ROWS, on_click=_go, args=(entries[-1].id,)
        )


def _go(before: int | None) -> None:
    if before is None:
        st.query_params.pop("before", None)
    else:
        st.query_params["before"] = str(before)


def _log_row(entry: SyncLogEntry) -> dict[str, str]:
    error = ""
    if entry.error_code:
        error = unescaped(" ".join(stored_error({"code": entry.error_code, "facts": entry.error_facts or {}})))
    window = f"{times.to_the_minute(entry.since)} – {times.to_the_minute(entry.until)}" if entry.since else ""
    values = (
        times.moment(entry.at),
        named("connections.log.kinds", entry.kind),
        named("connections.log.states", entry.state),
        window,
        _counts(entry.counts),
        error,
    )
    titles = ("at", "kind", "state", "window", "counts", "problem")
    return {t(f"connections.log.{title}"): value for title, value in zip(titles, values, strict=True)}


def _counts(counts: Mapping[str, Any]) -> str:
    known = [(name, count) for name, count in counts.items() if isinstance(count, int)]
    return " · ".join(f"{named('connections.counts', name)} {numbers.whole(count)}" for name, count in known)


def parts() -> None:
    """The chosen part below the cards."""
    shown = {"doctor": findings, "log": log, "imports": importing.importing}
    shown[address.tabs("view", list(shown), lambda name: t(f"connections.tabs.{name}"))]()
