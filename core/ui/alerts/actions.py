"""What people do with alerts, as callbacks of buttons: check the right, change, say what became of it."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from core.alerts import explain, work
from core.alerts.errors import AlertChangedError, AlertStateError
from core.alerts.mutes import LONGEST_REASON, MuteScope
from core.alerts.vocabulary import VERDICTS
from core.alerts.work import Actor, Change, Target
from core.errors import TollwatchError
from core.language import is_text
from core.store.models.alerts import AlertRow
from core.ui import session, states, times
from core.ui.text import error_texts, escaped, language, t
from core.ui.who import person_name

PROBLEM, SELECTED = "alert_problem", "alerts_selected"
MUTE_HOURS = (4, 24, 72, 168, 720)
_CLOSE, _MUTE = "close_dialog", "mute_dialog"
SCOPES = ("entity_rule", "entity", "rule_group", "rule")


def actor(permission: str = "alerts.work") -> Actor:
    """Who acts. Raises ``NotAllowedError`` for who may not."""
    return Actor(session.check(permission).name, session.services().clock.now())


def notices() -> None:
    """Why the last click was refused, if it was."""
    problem = st.session_state.pop(PROBLEM, None)
    if isinstance(problem, AlertChangedError | AlertStateError):
        st.warning(escaped(_told(problem)), icon=":material/sync_problem:")
    elif problem is not None:
        states.told(problem)


def _told(error: TollwatchError) -> str:
    """Message and remedy; a conflict also tells how long ago, a state its name."""
    message, remedy = error_texts(error)
    if isinstance(error, AlertChangedError):
        message = t("alerts_page.conflict", **_conflict(error))
    elif is_text(f"alerts.states.{error.facts.get('state')}"):
        facts = {"what": error.facts["what"], "state": t(f"alerts.states.{error.facts['state']}").lower()}
        message = t("errors.alert_state.message", **facts)
    return f"{message} {remedy}"


def _conflict(error: AlertChangedError) -> dict[str, str]:
    when = times.to_the_minute(datetime.fromisoformat(str(error.facts["when"])))
    return {"what": str(error.facts["what"]), "who": person_name(str(error.facts["who"])), "when": when}


def attempt(action: Callable[[], Any], done: str = "") -> bool:
    """Do it; what is refused is told at the top of the page. Gives whether it was done."""
    try:
        action()
    except TollwatchError as error:
        st.session_state[PROBLEM] = error
        return False
    if done:
        st.toast(done, icon=":material/check:")
    return True


def change(
    targets: Sequence[Target], act: Callable[[Actor], Change], done: str, permission: str = "alerts.work"
) -> None:
    """Change one alert or several; of several, says how many were done and why the others were not."""

    def all_of_them() -> None:
        outcomes = work.bulk(session.services().database, targets, act(actor(permission)))
        failed = [outcome for outcome in outcomes if outcome.error is not None]
        if failed and len(outcomes) > 1:
            st.toast(t("alerts_page.some_done", n=len(outcomes) - len(failed), of=len(outcomes)))
        if failed and failed[0].error is not None:
            raise failed[0].error
        st.session_state.pop(SELECTED, None)

    attempt(all_of_them, done if len(targets) == 1 else t("alerts_page.all_done", n=len(targets)))


def acknowledge(targets: Sequence[Target]) -> None:
    """Callback: say that somebody has seen them."""
    change(
        targets, lambda who: lambda opened, one: work.acknowledge(opened, one, who), t("alerts_page.done.acknowledge")
    )


def assign_me(targets: Sequence[Target]) -> None:
    """Callback: take them."""
    change(
        targets,
        lambda who: lambda opened, one: work.assign(opened, one, who, owner=who.name),
        t("alerts_page.done.assign"),
    )


def assign_chosen(targets: Sequence[Target], key: str) -> None:
    """Callback: give them to whom the widget of ``key`` names."""
    owner = str(st.session_state[key] or "")
    change(
        targets,
        lambda who: lambda opened, one: work.assign(opened, one, who, owner=owner),
        t("alerts_page.done.assign"),
    )


def investigate(targets: Sequence[Target]) -> None:
    """Callback: begin to look into them."""
    change(
        targets, lambda who: lambda opened, one: work.investigate(opened, one, who), t("alerts_page.done.investigate")
    )


def reopen(targets: Sequence[Target]) -> None:
    """Callback: open closed ones again."""
    change(targets, lambda who: lambda opened, one: work.reopen(opened, one, who), t("alerts_page.done.reopen"))


def delete(targets: Sequence[Target], key: str) -> None:
    """Callback: take them off the desk; for administrators."""
    reason = str(st.session_state.get(key) or "")
    change(
        targets,
        lambda who: lambda opened, one: work.delete(opened, one, who, reason=reason),
        t("alerts_page.done.delete"),
        "alerts.delete",
    )
    st.query_params.pop("alert", None)


def comment(alert_id: int, key: str) -> None:
    """Callback: write what the widget of ``key`` holds into the timeline."""
    text = str(st.session_state.get(key) or "")

    def write() -> None:
        who = actor()
        with session.services().database.write() as opened:
            work.comment(opened, alert_id, who, text=text)
        st.session_state[key] = ""

    attempt(write, t("alerts_page.done.comment"))


def settled(key: str) -> None:
    """At the head of a dialog's body: close it once its button has done its work, else say what is missing."""
    if st.session_state.pop(f"{key}_done", False):
        st.rerun()
    if problem := st.session_state.pop(f"{key}_problem", None):
        st.error(problem, icon=":material/error:")


def begin(key: str) -> None:
    """Before a dialog opens: forget what an earlier one left."""
    for left in ("done", "problem"):
        st.session_state.pop(f"{key}_{left}", None)


def close_dialog(targets: Sequence[Target]) -> None:
    """Ask for the verdict and notes, then close."""

    title = "alerts_page.close.title_one" if len(targets) == 1 else "alerts_page.close.title"

    @st.dialog(t(title, n=len(targets)), icon=":material/task_alt:")
    def ask() -> None:
        settled(_CLOSE)
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

    begin(_CLOSE)
    ask()


def _close(targets: Sequence[Target]) -> None:
    verdict, notes = st.session_state["close_verdict"], st.session_state["close_notes"] or ""
    if verdict is None:
        st.session_state[f"{_CLOSE}_problem"] = t("alerts_page.close.choose")
        return
    change(
        targets,
        lambda who: lambda opened, one: work.close(opened, one, who, verdict=verdict, notes=notes),
        t("alerts_page.done.close"),
    )
    st.session_state[f"{_CLOSE}_done"] = True


def mute_dialog(alert: AlertRow) -> None:
    """Ask for scope, length and reason, then mute."""

    @st.dialog(t("alerts_page.mute.title"), icon=":material/notifications_off:")
    def ask() -> None:
        settled(_MUTE)
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
                value=24,
                format_func=lambda one: times.span(one * 3600),
                key="mute_hours",
            )
            st.text_input(t("alerts_page.mute.reason"), max_chars=LONGEST_REASON, key="mute_reason")
            st.form_submit_button(
                t("alerts_page.mute.do"), type="primary", width="stretch", on_click=_mute, args=(alert,)
            )

    begin(_MUTE)
    ask()


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
        st.session_state[f"{_MUTE}_problem"] = t("alerts_page.mute.reason_needed")
        return
    scope, hours = scope_of(st.session_state["mute_scope"], alert), int(st.session_state["mute_hours"])

    def write() -> None:
        who = actor()
        with session.services().database.write() as opened:
            work.mute(opened, who, scope, expires_at=who.at + timedelta(hours=hours), reason=reason)

    attempt(write, t("alerts_page.done.mute"))
    st.session_state[f"{_MUTE}_done"] = True


def lift_mute(mute_id: int) -> None:
    """Callback: end a mute now."""

    def write() -> None:
        who = actor()
        with session.services().database.write() as opened:
            work.lift_mute(opened, who, mute_id)

    attempt(write, t("alerts_page.done.unmute"))
