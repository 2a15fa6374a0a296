"""What is promised for each priority and how it escalates, and by which rules alerts become tickets."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.errors import InvalidInputError
from core.store.models.tickets import TicketCalendarRow, TicketPolicyRow, TicketRuleRow
from core.tickets import policy_book, rule_book
from core.tickets.policies import ACTIONS, ANCHORS, LONGEST_MINUTES, steps_from
from core.tickets.policy_book import EVERY_CLIENT, PolicyForm
from core.tickets.rule_book import RuleForm
from core.tickets.vocabulary import PRIORITIES
from core.ui import session, ticket_actions, ticket_names, times
from core.ui.edited_rows import edited
from core.ui.text import escaped, t

_STEPS = "promise_steps"
_STEP_FIELDS = ("anchor", "minutes", "action")


def draw() -> None:
    """Policies with their editor, and rules."""
    with session.services().database.read() as opened:
        policies = policy_book.kept_policies(opened)
        calendars = policy_book.kept_calendars(opened)
        rules = rule_book.kept_rules(opened)
    st.caption(t("tickets_page.promises.help"))
    _table(policies, {row.id: row.name for row in calendars})
    if ticket_names.may(ticket_actions.MANAGE) and calendars:
        _editor(policies, calendars)
    _rules(rules)


def _table(policies: Sequence[TicketPolicyRow], calendars: dict[int, str]) -> None:
    known = ticket_names.names()
    shown = [
        {
            t("tickets_page.priority"): t(f"tickets.priorities.{row.priority}"),
            t("tickets_page.client"): known.client(row.client_id or None) or t("tickets_page.promises.everybody"),
            t("tickets_page.promise.own"): _span(row.own_minutes),
            t("tickets_page.promise.resolve"): _span(row.resolve_minutes),
            t("tickets_page.promises.calendar"): calendars.get(row.calendar_id, ""),
            t("tickets_page.promises.steps"): "; ".join(_step_words(step) for step in row.steps),
        }
        for row in policies
    ]
    if not shown:
        st.info(t("tickets_page.promises.none"))
        return
    st.dataframe(shown, hide_index=True, alt=t("tickets_page.promises.alt"))


def _span(minutes: int | None) -> str:
    if minutes is None:
        return t("ui.none")
    return t("ui.times.hours", n=minutes // 60) if minutes % 60 == 0 else t("ui.times.minutes", n=minutes)


def _step_words(step: dict[str, Any]) -> str:
    anchor, minutes = str(step["anchor"]), int(step["minutes"])
    span = times.span(abs(minutes) * 60)
    when = "at" if minutes == 0 else "before" if minutes < 0 else "after"
    moment = t(f"tickets_page.promises.anchors.{anchor}_{when}", span=span)
    action = t(f"tickets.steps.{step['action']}")
    return f"{moment}: {action[:1].lower()}{action[1:]}"


def _editor(policies: Sequence[TicketPolicyRow], calendars: Sequence[TicketCalendarRow]) -> None:
    known = ticket_names.names()
    with st.container(border=True, key="card-promise"):
        st.markdown(f"**{t('tickets_page.promises.edit')}**")
        with st.container(horizontal=True):
            priority = st.selectbox(
                t("tickets_page.priority"),
                PRIORITIES[::-1],
                format_func=lambda one: t(f"tickets.priorities.{one}"),
                key="promise_priority",
                width=200,
            )
            client_id = st.selectbox(
                t("tickets_page.client"),
                (EVERY_CLIENT, *known.clients),
                format_func=lambda one: known.clients.get(one, t("tickets_page.promises.everybody")),
                key="promise_client",
                width=280,
            )
        kept = next((row for row in policies if (row.priority, row.client_id) == (priority, client_id)), None)
        usual = next((row for row in policies if (row.priority, row.client_id) == (priority, EVERY_CLIENT)), None)
        wanted = PolicyForm(str(priority), calendars[0].id, None, None, (), int(client_id or EVERY_CLIENT))
        _fields(kept or usual, calendars, wanted)
        if kept is not None and client_id != EVERY_CLIENT:
            st.button(t("tickets_page.promises.remove"), key="promise_remove", on_click=_remove, args=(kept.id,))


def _fields(shown: TicketPolicyRow | None, calendars: Sequence[TicketCalendarRow], wanted: PolicyForm) -> None:
    names = {row.id: row.name for row in calendars}
    key = f"{wanted.priority}_{wanted.client_id}_{shown.version if shown else 0}"
    with st.form(f"promise_{key}", border=False):
        left, middle, right = st.columns(3)
        for place, name in ((left, "own"), (middle, "resolve")):
            place.number_input(
                t(f"tickets_page.promises.{name}_minutes"),
                min_value=0,
                max_value=LONGEST_MINUTES,
                value=(getattr(shown, f"{name}_minutes") or 0) if shown else 0,
                key=f"promise_{name}_{key}",
                help=t("tickets_page.promises.zero"),
            )
        numbers = list(names)
        right.selectbox(
            t("tickets_page.promises.calendar"),
            numbers,
            index=numbers.index(shown.calendar_id) if shown and shown.calendar_id in names else 0,
            format_func=lambda one: names[one],
            key=f"promise_calendar_{key}",
        )
        st.data_editor(
            pd.DataFrame(_rows(shown), columns=list(_STEP_FIELDS)),
            key=f"{_STEPS}_{key}",
            num_rows="dynamic",
            hide_index=True,
            column_config=_step_columns(),
        )
        st.form_submit_button(
            t("tickets_page.promises.save"), type="primary", on_click=_save, args=(wanted, key, _rows(shown))
        )


def _rows(shown: TicketPolicyRow | None) -> list[dict[str, Any]]:
    return [dict(step) for step in shown.steps] if shown else []


def _step_columns() -> dict[str, Any]:
    return {
        "anchor": st.column_config.SelectboxColumn(
            t("tickets_page.promises.anchor"),
            options=list(ANCHORS),
            format_func=lambda one: t(f"tickets.anchors.{one}"),
            required=True,
        ),
        "minutes": st.column_config.NumberColumn(
            t("tickets_page.promises.minutes"),
            min_value=-LONGEST_MINUTES,
            max_value=LONGEST_MINUTES,
            step=1,
            required=True,
            help=t("tickets_page.promises.minutes_help"),
        ),
        "action": st.column_config.SelectboxColumn(
            t("tickets_page.promises.action"),
            options=list(ACTIONS),
            format_func=lambda one: t(f"tickets.steps.{one}"),
            required=True,
        ),
    }


def _save(wanted: PolicyForm, key: str, rows: list[dict[str, Any]]) -> None:
    """Callback: keep the promise as the form has it."""
    state = st.session_state

    def write() -> None:
        who = ticket_actions.actor(ticket_actions.MANAGE)
        told = edited(rows, state[f"{_STEPS}_{key}"])
        if any(set(row) != set(_STEP_FIELDS) or None in row.values() for row in told):
            raise InvalidInputError(field=t("tickets_page.promises.steps"), problem="–")
        form = PolicyForm(
            priority=wanted.priority,
            calendar_id=int(state[f"promise_calendar_{key}"]),
            own_minutes=int(state[f"promise_own_{key}"]) or None,
            resolve_minutes=int(state[f"promise_resolve_{key}"]) or None,
            steps=steps_from([{**row, "minutes": int(row["minutes"])} for row in told]),
            client_id=wanted.client_id,
        )
        with session.services().database.write() as opened:
            policy_book.save_policy(opened, form, actor=who.name, at=who.at)

    ticket_actions.attempt(write, t("tickets_page.done.promise"))


def _remove(policy_id: int) -> None:
    def write() -> None:
        who = ticket_actions.actor(ticket_actions.MANAGE)
        with session.services().database.write() as opened:
            policy_book.remove_policy(opened, policy_id, actor=who.name, at=who.at)

    ticket_actions.attempt(write, t("tickets_page.done.promise"))


def _rules(rules: Sequence[TicketRuleRow]) -> None:
    st.markdown(f"**{t('tickets_page.rules.title')}**")
    st.caption(t("tickets_page.rules.help"))
    for row in rules:
        with st.container(border=True, key=f"card-rule-{row.id}", horizontal=True, vertical_alignment="center"):
            with st.container(gap=None):
                st.markdown(f"**{escaped(row.name)}**")
                st.caption(escaped(_rule_words(row)))
            if ticket_names.may(ticket_actions.MANAGE):
                name = "resume" if row.is_paused else "pause"
                st.button(t(f"tickets_page.rules.{name}"), key=f"rule_{row.id}", on_click=_pause, args=(row.id,))


def _rule_words(row: TicketRuleRow) -> str:
    known = ticket_names.names()
    parts = [
        t("tickets_page.rules.from", severity=t(f"tickets.priorities.{row.least_severity}").lower()),
        t(f"tickets_page.rules.per_{row.per}"),
        ", ".join(row.detectors),
        ", ".join(row.sites),
        known.client(row.client_id),
        t("tickets_page.rules.paused") if row.is_paused else "",
    ]
    return " · ".join(part for part in parts if part)


def _pause(rule_id: int) -> None:
    """Callback: let a rule rest, or go on."""

    def write() -> None:
        who = ticket_actions.actor(ticket_actions.MANAGE)
        with session.services().database.write() as opened:
            row = next(one for one in rule_book.kept_rules(opened) if one.id == rule_id)
            form = RuleForm(
                name=row.name,
                least_severity=row.least_severity,
                per=row.per,
                detectors=tuple(row.detectors),
                sites=tuple(row.sites),
                priority=row.priority,
                client_id=row.client_id,
                skills=tuple(row.skills),
                is_paused=not row.is_paused,
            )
            rule_book.save_rule(opened, form, actor=who.name, at=who.at, rule_id=rule_id)

    ticket_actions.attempt(write, t("tickets_page.done.rule"))
