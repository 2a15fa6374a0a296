"""What a ticket is tied to: alerts, calls, recordings, visits, other tickets; and who is told of it."""

from dataclasses import dataclass

import streamlit as st

from core.store.models.tickets import TicketLinkRow
from core.tickets.links import Link
from core.tickets.query import Whole
from core.tickets.vocabulary import LINK_KINDS, public_id
from core.tickets.watchers import LONGEST
from core.ui import navigation, session
from core.ui.text import escaped, t
from core.ui.tickets import actions, visits


@dataclass(frozen=True)
class _Way:
    """Where a kind of link leads: the page, the parameter that names the thing, and what the page asks of people."""

    page: str
    parameter: str
    permission: str
    others: tuple[tuple[str, str], ...] = ()


_WAYS = {
    "alert": _Way("alerts", "alert", "alerts.view"),
    "case": _Way("alerts", "case", "alerts.view", (("view", "cases"),)),
    "call": _Way("calls", "leg", "calls.view"),
    "journey": _Way("journey", "call", "journeys.view"),
    "recording": _Way("recordings", "recording", "recordings.view"),
    "visit": _Way("visits", "visit", "visits.view"),
    "ticket": _Way("tickets", "ticket", "tickets.view"),
}


def draw(found: Whole) -> None:
    """Links, tickets merged into it, visits and watchers, with what changes them."""
    row = found.ticket
    works = session.may(actions.WORK) and row.merged_into_id is None
    st.markdown(f"**{t('tickets_page.ties.about')}**")
    if not found.links and not found.merged:
        st.caption(t("tickets_page.ties.none"))
    for one in found.links:
        _link(row.id, one, works=works)
    linked = {one.reference for one in found.links if one.kind == "ticket"}
    for number in (one for one in found.merged if str(one) not in linked):
        _lead(Link("ticket", str(number), public_id(number)), f"merged_{number}")
    if works:
        _add(row.id)
    visits.draw(row, works=works)
    _watchers(found, works=works)


def _link(ticket_id: int, one: TicketLinkRow, *, works: bool) -> None:
    wanted = Link(one.kind, one.reference, one.label)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"tie_{one.id}"):
        _lead(wanted, str(one.id))
        if works:
            st.button(
                "",
                key=f"untie_{one.id}",
                icon=":material/link_off:",
                type="tertiary",
                help=t("tickets_page.ties.remove"),
                on_click=actions.link,
                args=(ticket_id, wanted),
                kwargs={"on": False},
            )


def _lead(one: Link, key: str) -> None:
    """A way to the thing for those who may see it, its name for the others."""
    words = f"{t(f'tickets.links.{one.kind}')} · {_name(one)}"
    way = _WAYS[one.kind]
    person = session.current_user()
    exists = any(screen.name == way.page for screen in navigation.SCREENS)
    if person is None or not exists or not person.may(way.permission):
        st.markdown(escaped(words), width="content")
        return
    if one.kind == "ticket" and one.reference.isdigit():
        st.button(
            escaped(words),
            key=f"tie_open_{key}",
            type="tertiary",
            icon=":material/confirmation_number:",
            on_click=actions.open_ticket,
            args=(int(one.reference),),
        )
        return
    st.page_link(
        navigation.script(way.page),
        label=escaped(words),
        icon=":material/link:",
        query_params={**dict(way.others), way.parameter: one.reference},
    )


def _name(one: Link) -> str:
    if one.kind == "ticket" and one.reference.isdigit():
        number = public_id(int(one.reference))
        return number if one.label in ("", number) else f"{number} {one.label}"
    return one.label or one.reference


def _add(ticket_id: int) -> None:
    key = f"tie_add_{ticket_id}"
    with st.popover(t("tickets_page.ties.add"), icon=":material/add_link:"):
        st.selectbox(
            t("tickets_page.ties.kind"),
            LINK_KINDS,
            format_func=lambda one: t(f"tickets.links.{one}"),
            key=f"{key}_kind",
        )
        st.text_input(
            t("tickets_page.ties.reference"),
            max_chars=200,
            key=f"{key}_ref",
            help=t("tickets_page.ties.reference_help"),
        )
        st.button(t("tickets_page.ties.add"), key=f"{key}_do", on_click=actions.link_typed, args=(ticket_id, key))


def _watchers(found: Whole, *, works: bool) -> None:
    person, ticket_id = session.current_user(), found.ticket.id
    st.markdown(f"**{t('tickets_page.watchers.title')}**")
    if not found.watchers:
        st.caption(t("tickets_page.watchers.none"))
    for place, name in enumerate(found.watchers):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"watcher_{place}"):
            st.markdown(escaped(name), width="content")
            if works:
                _unwatch(ticket_id, name, place)
    if not works or person is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        if person.name not in found.watchers:
            st.button(
                t("tickets_page.watchers.me"),
                key="act_watch",
                icon=":material/visibility:",
                shortcut="V",
                on_click=actions.watch,
                args=(ticket_id, person.name),
                kwargs={"on": True},
            )
        key = f"watch_{ticket_id}"
        with st.popover(t("tickets_page.watchers.add"), icon=":material/person_add:"):
            st.text_input(t("tickets_page.watchers.who"), max_chars=LONGEST, key=key)
            st.button(
                t("tickets_page.watchers.add"), key="act_watch_named", on_click=actions.watch_named,
                args=(ticket_id, key),
            )  # fmt: skip


def _unwatch(ticket_id: int, name: str, place: int) -> None:
    st.button(
        "",
        key=f"unwatch_{place}",
        icon=":material/close:",
        type="tertiary",
        help=t("tickets_page.watchers.remove"),
        on_click=actions.watch,
        args=(ticket_id, name),
        kwargs={"on": False},
    )
