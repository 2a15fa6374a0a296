"""One alert beside the queue: what and why, its calls, what came before, its timeline, and what to do with it."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.access import people
from core.alerts import cases, explain, query
from core.alerts.work import Target
from core.errors import NotFoundError, TollwatchError
from core.store.models.alerts import AlertRow, CaseRow
from core.ui import address, figures, navigation, neighbours, reading, session, states, times
from core.ui.alerts import actions, dialogs, evidence, history, listing
from core.ui.alerts import figures as alert_figures
from core.ui.components import assistant_view, response_panel
from core.ui.components.copying import copy_button
from core.ui.text import escaped, language, t
from core.ui.tickets import links as ticket_links
from core.ui.who import person_name

TABS = ("summary", "respond", "evidence", "similar", "timeline")
WATCHED_EVERY = "15s"
_NONE = "–"
_MARGIN_BARS = 12
"""An alert of several days widens the picture beyond the weeks before it."""


def panel(reference: str) -> None:
    """The alert that the address names, whether the filter shows it or not."""
    try:
        with session.services().database.read() as opened:
            row = query.one(opened, reference)
            case = cases.one(opened, str(row.case_id))
    except NotFoundError as error:
        states.failed(error)
        st.button(t("ui.close"), key="alert_close_missing", on_click=_close)
        return
    with st.container(border=True, key="card-alert"):
        _head(row, case)
        _changes(row.id, (row.version, row.mute_id))
        if listing.may_work():
            _actions(row)
        tab = address.tabs("tab", TABS, lambda name: t(f"alerts_page.tabs.{name}"))
        try:
            _PARTS[tab](row)
        except TollwatchError as error:
            states.failed(error)


def _close() -> None:
    for name in ("alert", "tab"):
        st.query_params.pop(name, None)


def _head(row: AlertRow, case: CaseRow) -> None:
    now = session.services().clock.now()
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.badge(t(f"alerts.severities.{row.severity}"), color=listing.SEVERITY_COLORS[row.severity])
        st.badge(listing.state_words(row), color="green" if not row.is_open else "blue")
        if row.is_backfilled:
            st.badge(t("alerts_page.history"), color="gray", help=t("alerts_page.history_help"))
        st.space("stretch")
        neighbours.beside("alert", st.session_state.get(listing.ORDER, []), row.id, _open)
        st.button("", key="alert_close", icon=":material/close:", type="tertiary", help=t("ui.close"), on_click=_close)
    st.subheader(escaped(explain.title(row, language())), anchor=False)
    who = escaped(row.entity_name or row.entity)
    st.markdown(f"**{who}**" + (f" · {escaped(row.site)}" if row.site else ""))
    facts = [
        t("alerts_page.raised", at=times.to_the_minute(row.emitted_at), ago=times.distance(row.emitted_at, now)),
        t("alerts_page.owned", owner=escaped(person_name(row.owner))) if row.owner else t("alerts_page.unowned"),
    ]
    if row.cost >= 0.5:
        facts.append(t("alerts_page.cost", cost=listing.money(row.cost)))
    if row.is_open and row.muted_until is not None and row.muted_until > now:
        facts.append(t("alerts_page.muted_until", until=times.to_the_minute(row.muted_until)))
    st.caption(" · ".join(facts).replace("$", "\\$"))
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        copy_button(row.public_id, t("ui.copied"), key="alert_id", text=row.public_id)
        copy_button(t("ui.copy_link"), t("ui.copied"), key="alert_link", address=f"/alerts?alert={row.id}")
        if case.alerts > 1:
            st.page_link(
                navigation.script("alerts"),
                label=t("alerts_page.case_link", id=case.public_id, n=case.alerts),
                icon=":material/folder_shared:",
                query_params={"view": "cases", "case": str(case.id)},
            )
        ticket_links.of_thing("alert", row.id)


def _open(alert_id: int) -> None:
    st.query_params["alert"] = str(alert_id)


@st.fragment(run_every=WATCHED_EVERY, key="alert_changes")
def _changes(alert_id: int, shown: tuple[int, int | None]) -> None:
    """Say when somebody else changed what is shown; nothing moves under the reader's hands."""
    if session.current_user() is None:
        return
    try:
        with session.services().database.read() as opened:
            row = query.one(opened, alert_id)
    except NotFoundError:
        return
    if (row.version, row.mute_id) != shown:
        said = t(
            "alerts_page.changed", who=escaped(person_name(row.changed_by)), at=times.to_the_minute(row.changed_at)
        )
        st.info(said, icon=":material/sync:")
        if st.button(t("alerts_page.reload"), key="alert_reload"):
            st.rerun()


def _actions(row: AlertRow) -> None:
    targets = [Target(row.id, row.version)]
    me = session.current_user()
    with st.container(horizontal=True, gap="xsmall", key="alert_actions"):
        if not row.is_open:
            _button("reopen", targets, actions.reopen, shortcut="O")
        else:
            if row.acknowledged_at is None:
                _button("acknowledge", targets, actions.acknowledge, shortcut="A", primary=True)
            if me and row.owner != me.name:
                _button("assign_me", targets, actions.assign_me, shortcut="M")
            if row.state == "open":
                _button("investigate", targets, actions.investigate, shortcut="I")
            if st.button(t("alerts_page.actions.close"), key="act_close", icon=_ICONS["close"], shortcut="X"):
                dialogs.close(targets)
            if st.button(t("alerts_page.actions.mute"), key="act_mute", icon=_ICONS["mute"], shortcut="U"):
                dialogs.mute(row)
            with st.popover(t("alerts_page.actions.assign"), icon=_ICONS["assign_me"]):
                _assign(row, targets)
        if me and me.may("alerts.delete"):
            with st.popover(t("alerts_page.actions.delete"), icon=":material/delete:"):
                st.caption(t("alerts_page.delete_help"))
                st.text_input(t("alerts_page.delete_reason"), key="act_delete_reason", max_chars=300)
                st.button(
                    t("alerts_page.delete_do"),
                    key="act_delete",
                    on_click=actions.delete,
                    args=(targets, "act_delete_reason"),
                )


_ICONS = {
    "acknowledge": ":material/visibility:", "assign_me": ":material/person_add:", "investigate": ":material/search:",
    "reopen": ":material/undo:", "close": ":material/task_alt:", "mute": ":material/notifications_off:",
}  # fmt: skip


def _button(name: str, targets: Sequence[Target], act: Any, *, shortcut: str, primary: bool = False) -> None:
    st.button(
        t(f"alerts_page.actions.{name}"),
        key=f"act_{name}",
        icon=_ICONS[name],
        shortcut=shortcut,
        type="primary" if primary else "secondary",
        on_click=act,
        args=(targets,),
    )


def _assign(row: AlertRow, targets: Sequence[Target]) -> None:
    everybody = people.everybody(session.services().database)
    names = [one.name for one in everybody if one.may("alerts.work") and not one.disabled]
    shown = {one.name: one.display_name for one in everybody}
    st.selectbox(
        t("alerts_page.assign_to"),
        ["", *names],
        index=names.index(row.owner) + 1 if row.owner in names else 0,
        format_func=lambda name: shown.get(name, name) or t("alerts.owners.nobody"),
        key="act_owner",
    )
    st.button(
        t("alerts_page.actions.assign"),
        key="act_assign",
        on_click=actions.assign_chosen,
        args=(targets, "act_owner"),
    )


def summary(row: AlertRow) -> None:
    """Why it was raised: in words, in figures, beside what is usual; what may be innocent, what to do."""
    told = explain.explain(row, language(), times.zone())
    st.markdown(escaped(told.summary))
    if row.verdict or row.resolution_notes:
        verdict = t(f"alerts.verdicts.{row.verdict or 'unjudged'}")
        notes = f" · {escaped(row.resolution_notes)}" if row.resolution_notes else ""
        st.success(f"**{verdict}**{notes}", icon=":material/task_alt:")
    if told.purpose:
        st.caption(t("alerts_page.rule_says", text=escaped(told.purpose)))
    if told.figures:
        titles = [t(f"alerts_page.figures.{name}") for name in ("what", "observed", "expected")]
        lines = [(one.name, one.observed or _NONE, one.expected or _NONE) for one in told.figures]
        st.table(
            [dict(zip(titles, line, strict=True)) for line in lines],
            border="horizontal",
            hide_index=True,
            alt=t("alerts_page.figures.alt"),
        )
    if told.context:
        st.markdown("\n".join(f"- {escaped(line)}" for line in told.context))
    if "number_test" not in row.explanation:
        _baseline(row)
    if told.innocent:
        st.markdown(t("alerts_page.innocent", text=escaped(told.innocent)))
    st.markdown(t("alerts_page.runbook", text=escaped(told.runbook)))
    assistant_view.draw("alert", row.id, row.entity_name or row.entity)


def respond(row: AlertRow) -> None:
    """What can be changed in Webex because of it, and what was."""
    response_panel.draw(row.id)


def _baseline(row: AlertRow) -> None:
    try:
        wanted = evidence.entity_calls(row)
    except TollwatchError:
        return
    if wanted is None or not session.may("calls.view"):
        return
    bars = reading.histogram(wanted, evidence.BASELINE_DAYS + _MARGIN_BARS)
    st.markdown(f"**{t('alerts_page.baseline.title', n=evidence.BASELINE_DAYS)}**")
    names = (t("alerts_page.baseline.usual"), t("alerts_page.baseline.alert"))
    st.plotly_chart(
        alert_figures.baseline(bars, row.first_seen, row.last_seen, times.zone(), names),
        key="alert_baseline",
        config=figures.CONFIG,
        alt=t("alerts_page.baseline.alt"),
    )


_PARTS = {
    "summary": summary,
    "respond": respond,
    "evidence": evidence.calls,
    "similar": history.similar,
    "timeline": history.history,
}
