"""What can be changed in Webex because of an alert: the proposal before and after, consent, progress, and undo."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import streamlit as st

from core.errors import TollwatchError
from core.respond import applying, query
from core.respond.errors import ConsentMissingError
from core.respond.proposals import Proposal, of_alert
from core.respond.query import Response
from core.respond.rights import write_right
from core.store import commands
from core.store.models.responses import ResponseChange
from core.ui import asking, navigation, refusals, session, states, times
from core.ui.setting_words import field_name, value_name
from core.ui.text import escaped, named, stored_error, t
from core.ui.who import person_name
from core.webex.call_settings_shape import Difference

WORKING_REFRESH = "2s"
OLD = timedelta(minutes=15)
_COLOURS: dict[str, Any] = {
    "proposed": "gray",
    "applying": "blue",
    "applied": "green",
    "failed": "red",
    "undoing": "blue",
    "undone": "gray",
}
_PROBLEM, _READING, _UNREAD = "response_problem", "response_reading", "response_unread"
_CONSENT, _UNDO_CONSENT = "response_consent", "undo_consent"


def draw(alert_id: int) -> None:
    """Responses made so far and what can be done, for whoever may see the alert; only admins may act."""
    with session.services().database.read() as opened:
        working = any(one.row.is_working for one in query.of_alert(opened, alert_id))
    waits = working or _is_reading(alert_id)
    st.fragment(_draw, run_every=WORKING_REFRESH if waits else None)(alert_id, waits)


def _draw(alert_id: int, waited: bool) -> None:
    with session.services().database.read() as opened:
        responses = query.of_alert(opened, alert_id)
    try:
        proposed = of_alert(session.services(), alert_id)
    except TollwatchError as error:
        states.failed(error)
        return
    working = any(one.row.is_working for one in responses)
    if waited and not working and not _is_reading(alert_id):
        st.rerun()
    if problem := st.session_state.pop(_PROBLEM, None):
        refusals.told(problem)
    if unread := st.session_state.pop(_UNREAD, None):
        st.error(" ".join(stored_error(unread)), icon=":material/error:")
    for one in responses:
        _response(one)
    _proposals(alert_id, proposed, may_start=not working)
    _history(proposed)


def _is_reading(alert_id: int) -> bool:
    """Whether the sidecar still reads what was asked for here; what kept it from reading is told once."""
    asked_for, number = st.session_state.get(_READING, (0, 0))
    if asked_for != alert_id:
        return False
    with session.services().database.read() as opened:
        command = commands.find(opened, number)
    if command.state in commands.OPEN and not command.error:
        return True
    del st.session_state[_READING]
    if command.error:
        st.session_state[_UNREAD] = command.error
    return False


def _may_apply() -> bool:
    return session.may("responses.apply")


def _proposals(alert_id: int, proposed: Sequence[Proposal], *, may_start: bool) -> None:
    if not proposed:
        st.caption(t("respond.nothing"))
        return
    st.markdown(f"**{t('respond.proposed')}**", help=t("respond.proposed_help"))
    right = write_right(session.services())
    if right in ("missing", "not_connected"):
        _what_is_missing(right)
    for one in proposed:
        _proposal(alert_id, one)
    chosen = [one for one in proposed if st.session_state.get(_key(alert_id, one)) and not one.is_needless]
    obstacle = _obstacle(right, may_start=may_start, is_chosen=bool(chosen))
    with st.container(horizontal=True, vertical_alignment="center", key="response-actions"):
        _read_button(alert_id, proposed)
        if st.button(
            t("respond.apply"),
            key="response_apply",
            icon=":material/shield:",
            type="primary",
            disabled=bool(obstacle),
        ):
            _confirm(alert_id, chosen)
        if obstacle:
            st.caption(f":material/lock: {t(f'respond.obstacles.{obstacle}')}")


def _obstacle(right: str, *, may_start: bool, is_chosen: bool) -> str:
    """What keeps this person from applying anything now, as told beside the button; empty when nothing does."""
    if not _may_apply():
        return "role"
    if right in ("missing", "not_connected"):
        return right
    if not may_start:
        return "under_way"
    return "" if is_chosen else "nothing_chosen"


def _what_is_missing(right: str) -> None:
    """What the connection lacks, and the way to where it is mended for those who can mend it."""
    if not session.may("connections.manage"):
        st.warning(t(f"respond.rights.{right}_for_others"), icon=":material/key_off:")
        return
    st.warning(t(f"respond.rights.{right}"), icon=":material/key_off:")
    st.page_link(
        navigation.script("connections"), label=t("respond.rights.to_connections"), icon=":material/arrow_forward:"
    )


def _key(alert_id: int, one: Proposal) -> str:
    return f"respond_{alert_id}_{one.key}"


def _proposal(alert_id: int, one: Proposal) -> None:
    with st.container(border=True, key=f"proposal-{one.action}-{one.person}"):
        title = t(f"respond.actions.{one.action}", person=escaped(one.person_name))
        if one.is_needless:
            st.markdown(f":material/check_circle: **{title}**")
            st.caption(t("respond.needless"))
            return
        st.checkbox(
            f"**{title}**",
            value=one.is_recommended,
            key=_key(alert_id, one),
            disabled=not _may_apply(),
        )
        if one.is_recommended:
            st.badge(t("respond.recommended"), icon=":material/thumb_up:", color="green")
        st.markdown(t(f"respond.reasons.{one.reason}.{one.action}"))
        st.caption(t(f"respond.effects.{one.action}"))
        if one.before is None:
            st.caption(":material/help: " + t("respond.not_read"))
            return
        _differences(one.changes)
        now = session.services().clock.now()
        st.caption(t("respond.read_at", ago=times.distance(one.read_at, now)))


def _differences(changes: Sequence[Difference]) -> None:
    rows = [
        {
            t("respond.columns.what"): field_name(one.field, one.aspect),
            t("respond.columns.before"): value_name(one.before),
            t("respond.columns.after"): value_name(one.after),
        }
        for one in changes
    ]
    st.dataframe(rows, hide_index=True, alt=t("respond.table"))


def _read_button(alert_id: int, proposed: Sequence[Proposal]) -> None:
    """Webex is asked by the sidecar; the page shows what it found when it is there."""
    now = session.services().clock.now()
    is_fresh = all(one.read_at is not None and now - one.read_at < OLD for one in proposed)
    person = session.current_user()
    if _is_reading(alert_id):
        st.caption(":material/hourglass_top: " + t("respond.reading"))
        return
    st.button(
        t("respond.read"),
        key="response_read",
        icon=":material/refresh:",
        type="tertiary" if is_fresh else "secondary",
        disabled=person is None or not person.may("alerts.work"),
        on_click=_read,
        args=(alert_id, sorted({one.person for one in proposed})),
    )


def _read(alert_id: int, people: list[str]) -> None:
    command = asking.run_job("read_call_settings", "alerts.work", people=people)
    st.session_state[_READING] = (alert_id, command)
    st.toast(t("ui.asked"), icon=":material/hourglass_top:")


def _confirm(alert_id: int, chosen: Sequence[Proposal]) -> None:
    st.dialog(t("respond.confirm.title"), width="large")(_confirm_body)(alert_id, chosen)


def _confirm_body(alert_id: int, chosen: Sequence[Proposal]) -> None:
    for one in chosen:
        st.markdown(f"**{t(f'respond.actions.{one.action}', person=escaped(one.person_name))}**")
        st.caption(t(f"respond.effects.{one.action}"))
        if one.before is not None:
            _differences(one.changes)
        else:
            st.caption(t("respond.not_read"))
    st.caption(t("respond.confirm.saved_first"))
    st.checkbox(t("respond.confirm.consent"), key=_CONSENT)
    with st.container(horizontal=True):
        keys = [one.key for one in chosen]
        done = st.button(
            t("respond.confirm.do"), key="response_do", type="primary", on_click=_apply, args=(alert_id, keys)
        )
        cancelled = st.button(t("ui.cancel"), key="response_cancel")
    _close_dialog(done, cancelled)


def _close_dialog(done: bool, cancelled: bool) -> None:
    """Back to the panel, unless only the consent is missing: that is said where it can be given."""
    if done and isinstance(st.session_state.get(_PROBLEM), ConsentMissingError):
        refusals.told(st.session_state.pop(_PROBLEM))
    elif done or cancelled:
        st.rerun()


def _apply(alert_id: int, keys: list[str]) -> None:
    try:
        person = session.check("responses.apply")
        consent = bool(st.session_state.get(_CONSENT))
        applying.apply(session.services(), alert_id, keys, actor=person.name, consent=consent)
        st.toast(t("ui.asked"), icon=":material/hourglass_top:")
    except TollwatchError as error:
        st.session_state[_PROBLEM] = error


def _response(one: Response) -> None:
    row = one.row
    with st.container(border=True, key=f"response-{row.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(named("respond.states", row.state), color=_COLOURS.get(row.state, "gray"))
            st.caption(
                t("respond.asked_by", who=escaped(person_name(row.requested_by)), at=times.moment(row.requested_at))
            )
            if row.undo_at is not None:
                st.caption(t("respond.undo_by", who=escaped(person_name(row.undo_by)), at=times.moment(row.undo_at)))
        done = sum(change.state == "applied" for change in one.changes)
        if row.state == "failed" and done:
            st.warning(t("respond.partly", n=done, total=len(one.changes)), icon=":material/rule:")
        for change in one.changes:
            _change(change)
        if row.is_working:
            st.caption(":material/hourglass_top: " + t(f"respond.working.{row.state}"))
        elif (
            one.can_be_undone
            and _may_apply()
            and st.button(t("respond.undo"), key=f"response_undo_{row.id}", icon=":material/undo:")
        ):
            _confirm_undo(one)


def _change(change: ResponseChange) -> None:
    title = t(f"respond.actions.{change.action}", person=escaped(change.person_name))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{title}**", width="content")
        st.badge(named("respond.states", change.state), color=_COLOURS.get(change.state, "gray"))
    if change.error:
        message, remedy = stored_error(change.error)
        st.error(f"{message} {remedy}", icon=":material/error:")
    disputed = query.contested(change)
    if disputed:
        _three_states(disputed)
    elif found := query.made(change):
        _differences(found)
    elif change.intended is not None:
        st.caption(t("respond.needless"))


def _three_states(disputed: Sequence[tuple[Difference, object]]) -> None:
    rows: list[Mapping[str, str]] = [
        {
            t("respond.columns.what"): field_name(one.field, one.aspect),
            t("respond.columns.saved"): value_name(one.before),
            t("respond.columns.ours"): value_name(one.after),
            t("respond.columns.now"): value_name(now),
        }
        for one, now in disputed
    ]
    st.dataframe(rows, hide_index=True, alt=t("respond.table"))


def _confirm_undo(one: Response) -> None:
    st.dialog(t("respond.undo_confirm.title"), width="large")(_confirm_undo_body)(one)


def _confirm_undo_body(one: Response) -> None:
    for change in one.changes:
        if applying.undoable(change):
            st.markdown(f"**{escaped(change.person_name)}**")
            disputed = query.contested(change)
            if disputed:
                _three_states(disputed)
            else:
                _differences([Difference(d.field, d.aspect, d.after, d.before) for d in query.made(change)])
    text = "forced" if one.is_contested else "consent"
    st.checkbox(t(f"respond.undo_confirm.{text}"), key=_UNDO_CONSENT)
    label = t("respond.undo_anyway" if one.is_contested else "respond.undo_confirm.do")
    with st.container(horizontal=True):
        done = st.button(label, key="undo_do", type="primary", on_click=_undo, args=(one.row.id, one.is_contested))
        cancelled = st.button(t("ui.cancel"), key="undo_cancel")
    _close_dialog(done, cancelled)


def _undo(response_id: int, forced: bool) -> None:
    try:
        person = session.check("responses.apply")
        consent = bool(st.session_state.get(_UNDO_CONSENT))
        applying.undo(session.services(), response_id, actor=person.name, consent=consent, forced=forced)
        st.toast(t("ui.asked"), icon=":material/hourglass_top:")
    except TollwatchError as error:
        st.session_state[_PROBLEM] = error


def _history(proposed: Sequence[Proposal]) -> None:
    """What was found changed of these people's settings of late, and by whom."""
    found = []
    with session.services().database.read() as opened:
        for person in dict.fromkeys(one.person for one in proposed):
            found += query.setting_history(opened, person)
    if not found:
        return
    with st.expander(t("respond.history.title", n=len(found)), icon=":material/history:"):
        for row, changes in found:
            by = "us" if row.is_ours else "named" if row.actor_name else "unknown"
            who = t(f"respond.history.{by}", who=escaped(row.actor_name))
            st.caption(f"{times.moment(row.changed_at)} · {named('respond.settings', row.setting)} · {who}")
            _differences(changes)
