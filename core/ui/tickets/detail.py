"""One ticket beside the list: what it asks, how its promises stand, what to do with it, what happened."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.errors import NotFoundError
from core.operators import roster
from core.store.models.tickets import TicketModelRow, TicketPredictionRow, TicketRow
from core.tickets import book_words, breach, query, timeline, wording
from core.tickets.timeline import LONGEST_REASON
from core.tickets.vocabulary import ENDED_STATES, public_id
from core.tickets.work import Target
from core.ui import address, neighbours, session, states, times
from core.ui.components.copying import copy_button
from core.ui.text import escaped, language, t
from core.ui.tickets import actions, dialogs, form, history, listing, names, ties
from core.ui.who import person_name

TABS = ("work", "ties", "timeline")
WATCHED_EVERY = "15s"


def panel(reference: str) -> None:
    """The ticket that the address names, whether the filter shows it or not."""
    try:
        with session.services().database.read() as opened:
            found = query.whole(opened, reference)
            model = breach.newest_model(opened) if found.prediction else None
    except NotFoundError as error:
        states.failed(error)
        st.button(t("ui.close"), key="ticket_close_missing", on_click=actions.close_ticket)
        return
    row = found.ticket
    with st.container(border=True, key="card-ticket"):
        _head(row)
        _changes(row.id, row.version)
        if row.merged_into_id is not None:
            _merged(row.merged_into_id)
        else:
            _clocks(row.id)
            if session.may(actions.WORK):
                _actions(row)
        tab = address.tabs("tab", TABS, lambda name: t(f"tickets_page.tabs.{name}"))
        if tab == "timeline":
            history.timeline(found)
        elif tab == "ties":
            ties.draw(found)
        else:
            _facts(row)
            if found.prediction is not None:
                _hint(found.prediction, model)


def _head(row: TicketRow) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.badge(t(f"tickets.priorities.{row.priority}"), color=names.PRIORITY_COLORS[row.priority])
        st.badge(t(f"tickets.states.{row.state}"), color=names.STATE_COLORS[row.state])
        st.space("stretch")
        neighbours.beside("ticket", st.session_state.get(listing.ORDER, []), row.id, actions.open_ticket)
        st.button(
            "",
            key="ticket_close",
            icon=":material/close:",
            type="tertiary",
            help=t("ui.close"),
            on_click=actions.close_ticket,
        )
    st.subheader(escaped(wording.title(row, language())), anchor=False)
    now = session.services().clock.now()
    made = t(
        "tickets_page.made",
        source=t(f"tickets.sources.{row.source}"),
        ago=times.distance(row.created_at, now),
    )
    known = names.names()
    st.caption(f"{made} · {t('tickets_page.has_it', who=escaped(known.operator(row.operator_id)))}")
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        copy_button(public_id(row.id), t("ui.copied"), key="ticket_id", text=public_id(row.id))
        copy_button(t("ui.copy_link"), t("ui.copied"), key="ticket_link", address=f"/tickets?ticket={row.id}")


@st.fragment(run_every=WATCHED_EVERY, key="ticket_changes")
def _changes(ticket_id: int, version: int) -> None:
    """Say when somebody else changed what is shown; nothing moves under the reader's hands."""
    if session.current_user() is None:
        return
    with session.services().database.read() as opened:
        row = query.one(opened, ticket_id)
        last = timeline.last_change(opened, ticket_id) if row.version != version else None
    if last is not None:
        said = t("tickets_page.changed", who=escaped(person_name(last.actor)), at=times.to_the_minute(last.at))
        st.info(said, icon=":material/sync:")
        if st.button(t("tickets_page.reload"), key="ticket_reload"):
            st.rerun()


def _merged(into: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(t("tickets_page.merged_into", what=public_id(into)), icon=":material/merge:")
        st.button(t("tickets_page.open"), key="ticket_merged", on_click=actions.open_ticket, args=(into,))


@st.fragment(run_every=WATCHED_EVERY, key="ticket_clocks")
def _clocks(ticket_id: int) -> None:
    """Both promises with what is left of them, counted down as time goes by."""
    if session.current_user() is None:
        return
    with session.services().database.read() as opened:
        row = query.one(opened, ticket_id)
    now = session.services().clock.now()
    with st.container(horizontal=True, gap="small", key="ticket_promises"):
        for name, clock, due in (
            ("own", names.own_clock(row, now), row.own_due_at),
            ("resolve", names.resolve_clock(row, now), row.resolve_due_at),
        ):
            with st.container(gap="xsmall", width="content"):
                st.markdown(f":small[{t(f'tickets_page.promise.{name}')}]")
                st.badge(clock.words, color=names.CLOCK_COLORS[clock.state], icon=":material/schedule:")
                if due is not None:
                    st.caption(times.to_the_minute(due))
    if row.state == "waiting":
        until = t("tickets_page.waits_until", at=times.to_the_minute(row.waiting_until)) if row.waiting_until else ""
        st.info(escaped(" ".join(part for part in (row.waiting_reason, until) if part)), icon=":material/pause_circle:")


_ICONS = {
    "take": ":material/front_hand:", "open": ":material/play_arrow:", "waiting": ":material/pause_circle:",
    "resolved": ":material/task_alt:", "closed": ":material/check_circle:", "give": ":material/assignment_ind:",
    "prioritise": ":material/priority_high:", "merge": ":material/merge:", "edit": ":material/edit:",
}  # fmt: skip


def _actions(row: TicketRow) -> None:
    targets = [Target(row.id, row.version)]
    me = names.reader().operator_id
    with st.container(horizontal=True, gap="xsmall", key="ticket_actions"):
        if row.state in ENDED_STATES:
            _button("reopen", "open", actions.move, (targets, "open"), shortcut="O")
            if row.state == "resolved" and _asks("closed", "E"):
                dialogs.state_dialog(targets, "closed")
        else:
            if me is not None and (row.operator_id != me or row.owned_at is None):
                _button("take", "take", actions.take, (targets,), shortcut="T", primary=True)
            if row.state != "open":
                name = "resume" if row.state == "waiting" else "begin"
                _button(name, "open", actions.move, (targets, "open"), shortcut="B")
            if row.state != "waiting" and _asks("waiting", "W"):
                dialogs.state_dialog(targets, "waiting")
            if _asks("resolved", "D"):
                dialogs.state_dialog(targets, "resolved")
            with st.popover(t("tickets_page.actions.give"), icon=_ICONS["give"]):
                _give(row, targets)
            with st.popover(t("tickets_page.actions.prioritise"), icon=_ICONS["prioritise"]):
                form.priority_fields(targets, f"priority_{row.id}_{row.priority}", row.priority)
        if st.button(t("tickets_page.actions.edit"), key="act_edit", icon=_ICONS["edit"]):
            form.edit_dialog(row)
        if st.button(t("tickets_page.actions.merge"), key="act_merge", icon=_ICONS["merge"]):
            dialogs.merge_dialog(targets[0], public_id(row.id))


def _asks(to: str, shortcut: str) -> bool:
    return bool(st.button(t(f"tickets_page.actions.{to}"), key=f"act_{to}", icon=_ICONS[to], shortcut=shortcut))


def _button(name: str, icon: str, act: Any, args: tuple[Any, ...], *, shortcut: str, primary: bool = False) -> None:
    st.button(
        t(f"tickets_page.actions.{name}"),
        key=f"act_{name}",
        icon=_ICONS[icon],
        shortcut=shortcut,
        type="primary" if primary else "secondary",
        on_click=act,
        args=args,
    )


def _give(row: TicketRow, targets: Sequence[Target]) -> None:
    """Whom to give it to: the best by the rules, or somebody chosen, with the reason."""
    st.button(
        t("tickets_page.actions.give_best"),
        key="act_best",
        icon=":material/balance:",
        help=t("tickets_page.give_best_help"),
        on_click=actions.give_best,
        args=(targets,),
        width="stretch",
    )
    with session.services().database.read() as opened:
        offered = {one.id: one.name for one in roster.everybody(opened)}
    numbers = [None, *offered]
    key = f"act_operator_{row.id}_{row.operator_id}"
    st.selectbox(
        t("tickets_page.operator"),
        numbers,
        index=numbers.index(row.operator_id) if row.operator_id in offered else 0,
        format_func=lambda one: offered[one] if one else t("tickets.operators.nobody"),
        key=key,
    )
    st.text_input(t("tickets_page.reason"), max_chars=LONGEST_REASON, key=f"{key}_reason")
    st.button(t("tickets_page.actions.give"), key="act_give", on_click=actions.give_chosen, args=(targets, key))


def _facts(row: TicketRow) -> None:
    known = names.names()
    description = wording.description(row, language())
    if description:
        st.markdown(escaped(description).replace("\n", "  \n"))
    if row.resolution:
        st.success(escaped(row.resolution), icon=":material/task_alt:")
    told = {
        "client": known.client(row.client_id),
        "site": row.site,
        "skills": ", ".join(row.skills),
        "requested_by": person_name(book_words.name_of(row.requested_by, language())),
    }
    shown = {t(f"tickets_page.facts.{name}"): escaped(value) for name, value in told.items() if value}
    if shown:
        st.table(shown, border="horizontal")


def _hint(prediction: TicketPredictionRow, model: TicketModelRow | None) -> None:
    """What past tickets say of this one: a hint, with its reasons and how good it is."""
    with st.container(border=True, key="card-ticket-hint"):
        percent = round(100 * prediction.probability)
        st.markdown(f":material/psychology: **{t('tickets.prediction.hint', percent=percent)}**")
        for one in prediction.reasons:
            raises = "raises" if one["weight"] > 0 else "lowers"
            feature = t(f"tickets.features.{one['feature']}")
            st.markdown(f"- {feature} – {t(f'tickets_page.hint.{raises}')}")
        if model is not None:
            auc = t("ui.none") if model.auc is None else f"{model.auc:.2f}"
            st.caption(t("tickets.prediction.about", tickets=model.tickets, missed=model.missed, auc=auc))
