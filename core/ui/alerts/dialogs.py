"""What is asked before alerts are closed or muted."""

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from core.alerts import explain, work
from core.alerts.mutes import LONGEST_REASON, MuteScope
from core.alerts.vocabulary import VERDICTS
from core.alerts.work import Target
from core.store.models.alerts import AlertRow
from core.ui import dialogs, session, times
from core.ui.alerts import actions
from core.ui.text import language, t

MUTE_HOURS = (4, 24, 72, 168, 720)
_USUAL_HOURS = 24
SCOPES = ("entity_rule", "entity", "rule_group", "rule")
_CLOSE, _MUTE = "close_dialog", "mute_dialog"


def close(targets: Sequence[Target]) -> None:
    """Ask for the verdict and notes, then close."""
    title = "alerts_page.close.title_one" if len(targets) == 1 else "alerts_page.close.title"
    dialogs.asked(_CLOSE, t(title, n=len(targets)), ":material/task_alt:", lambda: _close_fields(targets))


def _close_fields(targets: Sequence[Target]) -> None:
    with st.form("close_alerts", border=False):
        st.radio(
            t("alerts_page.close.verdict"),
            VERDICTS,
            index=None,
            format_func=lambda one: t(f"alerts.verdicts.{one}"),
            captions=[t(f"alerts_page.close.captions.{one}") for one in VERDICTS],
            key="close_verdict",
        )
        st.text_area(t("alerts_page.close.notes"), max_chars=work.LONGEST_NOTES, height=100, key="close_notes")
        st.form_submit_button(
            t("alerts_page.close.do"), type="primary", width="stretch", on_click=_close, args=(targets,)
        )


def _close(targets: Sequence[Target]) -> None:
    verdict, notes = st.session_state["close_verdict"], st.session_state["close_notes"] or ""
    if verdict is None:
        dialogs.refused(_CLOSE, t("alerts_page.close.choose"))
        return
    actions.change(
        targets,
        lambda who: lambda opened, one: work.close(opened, one, who, verdict=verdict, notes=notes),
        t("alerts_page.done.close"),
        form=_CLOSE,
    )


def mute(alert: AlertRow) -> None:
    """Ask for scope, length and reason, then mute."""
    dialogs.asked(_MUTE, t("alerts_page.mute.title"), ":material/notifications_off:", lambda: _mute_fields(alert))


def _mute_fields(alert: AlertRow) -> None:
    st.caption(t("alerts_page.mute.help"))
    offered = SCOPES if alert.detector else ("entity",)
    with st.form("mute_alert", border=False):
        st.radio(
            t("alerts_page.mute.scope"),
            offered,
            format_func=lambda one: _scope_words(one, alert),
            key="mute_scope",
        )
        st.select_slider(
            t("alerts_page.mute.length"),
            MUTE_HOURS,
            value=_USUAL_HOURS,
            format_func=lambda one: times.span(one * 3600),
            key="mute_hours",
        )
        st.text_input(t("alerts_page.mute.reason"), max_chars=LONGEST_REASON, key="mute_reason")
        st.form_submit_button(t("alerts_page.mute.do"), type="primary", width="stretch", on_click=_mute, args=(alert,))


def scope_of(chosen: str, alert: AlertRow) -> MuteScope:
    """What a choice of ``SCOPES`` covers for an alert."""
    of_entity = chosen in ("entity_rule", "entity")
    return MuteScope(
        detector=alert.detector if chosen != "entity" else "",
        entity_kind=alert.entity_kind if of_entity else "",
        entity=alert.entity if of_entity else "",
        destination_group=alert.destination_group if chosen == "rule_group" else "",
    )


def _scope_words(chosen: str, alert: AlertRow) -> str:
    return t(
        f"alerts_page.mute.scopes.{chosen}",
        rule=explain.rule_name(alert.detector, language()),
        entity=alert.entity_name or alert.entity,
        group=explain.group_name(alert.destination_group, language()) or "–",
    )


def _mute(alert: AlertRow) -> None:
    reason = st.session_state["mute_reason"] or ""
    if not reason.strip():
        dialogs.refused(_MUTE, t("alerts_page.mute.reason_needed"))
        return
    scope, hours = scope_of(st.session_state["mute_scope"], alert), int(st.session_state["mute_hours"])

    def write() -> None:
        who = actions.actor()
        with session.services().database.write() as opened:
            work.mute(opened, who, scope, expires_at=who.at + timedelta(hours=hours), reason=reason)

    dialogs.attempt(_MUTE, write, t("alerts_page.done.mute"))
