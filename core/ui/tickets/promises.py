"""What is promised for each priority, to every client or to one, how it escalates, and what that would mean now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from core.errors import InvalidInputError
from core.operators import clients
from core.store.models.tickets import TicketCalendarRow, TicketPolicyRow
from core.tickets import book_words, deadlines, policy_book
from core.tickets.policies import ACTIONS, ANCHORS, LONGEST_MINUTES, Step, steps_from
from core.tickets.policy_book import EVERY_CLIENT, PolicyForm
from core.tickets.vocabulary import PRIORITIES
from core.ui import dialogs, refusals, session, states, times
from core.ui.edited_rows import edited
from core.ui.text import escaped, language, t
from core.ui.tickets import actions
from core.ui.tickets import names as ticket_names

_FORM = "ticket_promise"
_ICON = ":material/schedule:"
_STEP_FIELDS = ("anchor", "minutes", "action")


@dataclass(frozen=True)
class _Asked:
    """What a form is about: priority and client, the version it began with (0: none is kept), and its steps then."""

    priority: str
    client_id: int
    version: int
    rows: list[dict[str, Any]]

    def key(self, name: str) -> str:
        """The widget's key."""
        return f"tp_{name}_{self.priority}_{self.client_id}_{self.version}"

    def told(self) -> PolicyForm:
        """The promise as the widgets have it now. Raises ``InvalidInputError`` for a step that lacks something."""
        state = st.session_state
        rows = edited(self.rows, state.get(self.key("steps"), {}))
        if any(row.get(name) is None for row in rows for name in _STEP_FIELDS):
            raise InvalidInputError(field="steps", problem="–")
        return PolicyForm(
            priority=self.priority,
            calendar_id=int(state[self.key("calendar")]),
            own_minutes=int(state[self.key("own")] or 0) or None,
            resolve_minutes=int(state[self.key("resolve")] or 0) or None,
            steps=steps_from([{**row, "minutes": int(row["minutes"])} for row in rows]),
            client_id=self.client_id,
        )


def draw() -> None:
    """Every promise in words with its way of escalation, and what may be done to it."""
    with session.services().database.read() as opened:
        policies, calendars = policy_book.kept_policies(opened), policy_book.kept_calendars(opened)
    may = session.may(actions.MANAGE) and bool(calendars)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(t("tickets_page.promises.help"))
        if may and st.button(t("tickets_page.promises.add"), key="promise_add", icon=":material/add:", type="primary"):
            _ask(None, policies, calendars)
    if not policies:
        states.empty(t("tickets_page.promises.empty"), t("tickets_page.promises.none"))
    for row in policies:
        _card(row, policies, calendars, may=may)


def _card(
    row: TicketPolicyRow, policies: Sequence[TicketPolicyRow], calendars: Sequence[TicketCalendarRow], *, may: bool
) -> None:
    names = _names(calendars)
    with st.container(border=True, key=f"card-promise-{row.id}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.badge(t(f"tickets.priorities.{row.priority}"), color=ticket_names.PRIORITY_COLORS[row.priority])
            st.markdown(f"**{escaped(_client(row.client_id))}**", width="content")
        st.markdown(escaped(_sentence(_form_of(row), names)))
        steps = steps_from(row.steps)
        if steps:
            st.markdown("\n".join(f"- {escaped(book_words.step_words(step, language()))}" for step in steps))
        if may:
            with st.container(horizontal=True, gap="xsmall"):
                if st.button(t("tickets_page.actions.edit"), key=f"promise_edit_{row.id}", icon=":material/edit:"):
                    _ask(row, policies, calendars)
                if row.client_id != EVERY_CLIENT:
                    _removal(row)


def _names(calendars: Sequence[TicketCalendarRow]) -> dict[int, str]:
    return {row.id: book_words.name_of(row.name, language()) for row in calendars}


def _client(client_id: int) -> str:
    if client_id == EVERY_CLIENT:
        return t("tickets_page.promises.everybody")
    return ticket_names.names().client(client_id)


def _sentence(form: PolicyForm, calendars: Mapping[int, str]) -> str:
    return book_words.promise_sentence(
        form.priority,
        form.own_minutes,
        form.resolve_minutes,
        language(),
        calendar=calendars.get(form.calendar_id, ""),
        client="" if form.client_id == EVERY_CLIENT else _client(form.client_id),
    )


def _form_of(row: TicketPolicyRow) -> PolicyForm:
    steps = steps_from(row.steps)
    return PolicyForm(row.priority, row.calendar_id, row.own_minutes, row.resolve_minutes, steps, row.client_id)


def _removal(row: TicketPolicyRow) -> None:
    with st.popover(t("tickets_page.book.remove"), icon=":material/delete:"):
        st.markdown(t("tickets_page.promises.remove_help"))
        st.button(
            t("tickets_page.book.remove"),
            key=f"promise_remove_{row.id}",
            type="primary",
            on_click=_remove,
            args=(row.id,),
        )


def _ask(
    row: TicketPolicyRow | None, policies: Sequence[TicketPolicyRow], calendars: Sequence[TicketCalendarRow]
) -> None:
    title = t("tickets_page.promises.edit" if row else "tickets_page.promises.add")
    dialogs.asked(_FORM, title, _ICON, lambda: _fields(row, policies, calendars), width="large")


def _fields(
    row: TicketPolicyRow | None, policies: Sequence[TicketPolicyRow], calendars: Sequence[TicketCalendarRow]
) -> None:
    """The form: what it promises stands below it as a sentence, with the times a ticket opened now would get."""
    began: TicketPolicyRow | None
    if row is not None:
        priority, client_id, began = row.priority, row.client_id, row
        st.markdown(f"**{t(f'tickets.priorities.{priority}')} · {escaped(_client(client_id))}**")
    else:
        chosen = _for_whom(policies)
        if chosen is None:
            return
        priority, client_id, began = chosen
    asked = _Asked(priority, client_id, row.version if row else 0, [dict(one) for one in began.steps] if began else [])
    _promised(asked, began, calendars)
    _steps(asked)
    try:
        form = asked.told()
    except InvalidInputError as error:
        st.warning(escaped(refusals.words(error)), icon=":material/edit_note:")
        return
    _preview(form, _names(calendars))
    st.button(
        t("tickets_page.book.save"), key="tp_save", type="primary", width="stretch", on_click=_save, args=(asked,)
    )


def _for_whom(policies: Sequence[TicketPolicyRow]) -> tuple[str, int, TicketPolicyRow | None] | None:
    """Priority and client of a new promise, and the usual one it begins with; nothing when it cannot be made."""
    with session.services().database.read() as opened:
        offered = {row.id: row.name for row in clients.everybody(opened)}
    left, right = st.columns(2)
    priority = left.selectbox(
        t("tickets_page.priority"),
        PRIORITIES[::-1],
        format_func=lambda one: t(f"tickets.priorities.{one}"),
        key="tp_priority",
    )
    client_id = right.selectbox(
        t("tickets_page.client"),
        (*offered, EVERY_CLIENT),
        format_func=lambda one: offered.get(one, t("tickets_page.promises.everybody")),
        key="tp_client",
    )
    by_client = {row.client_id: row for row in policies if row.priority == priority}
    if client_id in by_client:
        st.info(t("tickets_page.promises.there_is_one"), icon=":material/info:")
        return None
    return str(priority), int(client_id), by_client.get(EVERY_CLIENT)


def _promised(asked: _Asked, began: TicketPolicyRow | None, calendars: Sequence[TicketCalendarRow]) -> None:
    """The times and the calendar."""
    names = _names(calendars)
    left, middle, right = st.columns(3)
    for place, name in ((left, "own"), (middle, "resolve")):
        place.number_input(
            t(f"tickets_page.promises.{name}_minutes"),
            min_value=0,
            max_value=LONGEST_MINUTES,
            step=5,
            value=(getattr(began, f"{name}_minutes") or 0) if began else 0,
            key=asked.key(name),
            help=t("tickets_page.promises.zero"),
        )
    numbers = list(names)
    right.selectbox(
        t("tickets_page.promises.calendar"),
        numbers,
        index=numbers.index(began.calendar_id) if began and began.calendar_id in names else 0,
        format_func=lambda one: names[one],
        key=asked.key("calendar"),
    )


def _steps(asked: _Asked) -> None:
    """The way of escalation."""
    st.markdown(f":small[{t('tickets_page.promises.steps')}]")
    st.data_editor(
        pd.DataFrame(asked.rows, columns=list(_STEP_FIELDS)),
        key=asked.key("steps"),
        num_rows="dynamic",
        hide_index=True,
        placeholder="–",
        column_config=_step_columns(),
    )


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


def _preview(form: PolicyForm, calendars: Mapping[int, str]) -> None:
    """The sentence, and when each of it would come for a ticket that is opened now."""
    with st.container(border=True, key="promise-preview", gap="xsmall"):
        st.markdown(escaped(_sentence(form, calendars)))
        now = session.services().clock.now()
        with session.services().database.read() as opened:
            policy = policy_book.drafted(opened, form)
        due = deadlines.foreseen(policy, now)
        shown = {t(f"tickets_page.promises.{name}_by"): getattr(due, name) for name in ("own", "resolve")}
        rows = [(name, times.to_the_minute(at)) for name, at in shown.items() if at]
        rows += [(_step(step), _when(at)) for step, at in zip(policy.steps, due.steps, strict=True)]
        st.caption(t("tickets_page.promises.now", zone=times.zone().key))
        if rows:
            st.table({escaped(what): when for what, when in rows}, border="horizontal")


def _step(step: Step) -> str:
    words = book_words.step_words(step, language())
    return f"{words[:1].upper()}{words[1:]}"


def _when(at: Any) -> str:
    return times.to_the_minute(at) if at else t("tickets_page.promises.never")


def _save(asked: _Asked) -> None:
    """Callback: keep the promise as the form has it."""
    actions.change_book(
        lambda opened, who: policy_book.save_policy(
            opened, asked.told(), actor=who.name, at=who.at, version=asked.version
        ),
        t("tickets_page.done.promise"),
        form=_FORM,
    )


def _remove(policy_id: int) -> None:
    actions.change_book(
        lambda opened, who: policy_book.remove_policy(opened, policy_id, actor=who.name, at=who.at),
        t("tickets_page.done.promise"),
    )
