"""Making a ticket by hand, and changing what one tells."""

from collections.abc import Sequence

import streamlit as st

from core.notify.places import site_names
from core.operators import clients
from core.operators.clients import PRIORITY_BY_CLASS
from core.store.models.tickets import TicketRow
from core.tickets import tied_calls, wording, work
from core.tickets.create import LONGEST_DESCRIPTION, LONGEST_TITLE
from core.tickets.links import Link
from core.tickets.timeline import LONGEST_REASON
from core.tickets.vocabulary import LINK_KINDS, PRIORITIES
from core.tickets.work import Changes, NewTicket, Target
from core.ui import dialogs, session
from core.ui.text import escaped, language, t
from core.ui.tickets import actions, names

NEW = "new"
KIND, REFERENCE, LABEL = "link_kind", "link_ref", "link_label"
_NEW_FORM, _EDIT_FORM = "ticket_new", "ticket_edit"
_USUAL = "medium"


def button() -> None:
    """The button that opens the form; so does an address with ``new``, as the link from a call has."""
    pressed = st.button(
        t("tickets_page.new.open"), key="ticket_new_open", icon=":material/add:", type="primary", shortcut="N"
    )
    if pressed or st.query_params.get(NEW):
        about = _about()
        for name in (NEW, KIND, REFERENCE, LABEL):
            st.query_params.pop(name, None)
        dialogs.asked(
            _NEW_FORM, t("tickets_page.new.title"), ":material/confirmation_number:", lambda: _new_fields(about)
        )


def _about() -> Link | None:
    kind, reference = st.query_params.get(KIND, ""), st.query_params.get(REFERENCE, "")[:200]
    if kind not in LINK_KINDS or not reference:
        return None
    return Link(kind, reference, st.query_params.get(LABEL, "")[:200])


def _new_fields(about: Link | None) -> None:
    sites, known = _sites(), names.names()
    with session.services().database.read() as opened:
        offered = {row.id: row.name for row in clients.everybody(opened)}
    with st.form("new_ticket", border=False):
        st.text_input(t("tickets_page.new.what"), max_chars=LONGEST_TITLE, key="tn_title")
        st.text_area(t("tickets_page.new.description"), max_chars=LONGEST_DESCRIPTION, height=110, key="tn_description")
        st.segmented_control(
            t("tickets_page.priority"),
            ("", *PRIORITIES),
            default="",
            required=True,
            format_func=lambda one: t(f"tickets.priorities.{one}") if one else t("tickets_page.new.by_client"),
            key="tn_priority",
        )
        left, right = st.columns(2)
        left.selectbox(
            t("tickets_page.client"), (None, *offered), format_func=lambda one: offered.get(one, "–"), key="tn_client"
        )
        right.selectbox(t("tickets_page.site"), ("", *sites), format_func=lambda one: one or "–", key="tn_site")
        st.multiselect(t("tickets_page.skills"), known.skills, key="tn_skills", placeholder=t("filters.any"))
        st.checkbox(t("tickets_page.new.give"), value=True, key="tn_give")
        if about:
            what = f"{t(f'tickets.links.{about.kind}')} {about.label or about.reference}"
            st.caption(escaped(t("tickets_page.new.about", what=what)))
        st.form_submit_button(
            t("tickets_page.new.do"), type="primary", width="stretch", on_click=_create, args=(about,)
        )


def _sites() -> list[str]:
    with session.services().database.read() as opened:
        return sorted(set(site_names(opened).values()))


def _create(about: Link | None) -> None:
    """Callback: make what the form tells, and give it to somebody when that is wished."""
    state = st.session_state
    title = str(state["tn_title"] or "").strip()
    if not title:
        dialogs.refused(_NEW_FORM, t("tickets_page.new.needed"))
        return
    made: list[int] = []

    def write() -> None:
        who = actions.actor()
        ties = tied_calls.found(session.services(), [about]) if about else []
        with session.services().database.write() as opened:
            client = clients.find(opened, state["tn_client"])
            usual = PRIORITY_BY_CLASS[client.priority_class] if client else _USUAL
            new = NewTicket(
                title=title,
                description=str(state["tn_description"] or ""),
                priority=state["tn_priority"] or usual,
                client_id=state["tn_client"],
                site=state["tn_site"] or (client.site if client else ""),
                requested_by=who.name,
                skills=tuple(state["tn_skills"]),
                links=ties,
            )
            made.append(work.create(opened, new, actor=who.name, at=who.at))

    if dialogs.attempt(_NEW_FORM, write, t("tickets_page.done.new")):
        actions.open_ticket(made[0])
        if state["tn_give"]:
            actions.give_best([Target(made[0])])


def edit_dialog(row: TicketRow) -> None:
    """Ask what the ticket should tell instead, then change it."""
    dialogs.asked(_EDIT_FORM, t("tickets_page.edit.title"), ":material/edit:", lambda: _edit_fields(row))


def _edit_fields(row: TicketRow) -> None:
    known, sites = names.names(), _sites()
    with st.form("edit_ticket", border=False):
        st.text_input(
            t("tickets_page.new.what"),
            value=wording.title(row, language()),
            max_chars=LONGEST_TITLE,
            key=_key(row, "title"),
        )
        st.text_area(
            t("tickets_page.new.description"),
            value=wording.description(row, language()),
            max_chars=LONGEST_DESCRIPTION,
            height=140,
            key=_key(row, "description"),
        )
        left, right = st.columns(2)
        numbers: list[int] = [0, *known.clients]
        left.selectbox(
            t("tickets_page.client"),
            numbers,
            index=numbers.index(row.client_id) if row.client_id is not None and row.client_id in numbers else 0,
            format_func=lambda one: known.clients.get(one, "–"),
            key=_key(row, "client"),
        )
        offered = ["", *sites, *([row.site] if row.site and row.site not in sites else [])]
        right.selectbox(
            t("tickets_page.site"),
            offered,
            index=offered.index(row.site),
            format_func=lambda one: one or "–",
            key=_key(row, "site"),
        )
        st.multiselect(
            t("tickets_page.skills"),
            sorted({*known.skills, *row.skills}),
            default=list(row.skills),
            key=_key(row, "skills"),
            placeholder=t("filters.any"),
        )
        st.text_input(t("tickets_page.reason"), max_chars=LONGEST_REASON, key=_key(row, "reason"))
        st.form_submit_button(t("tickets_page.edit.do"), type="primary", width="stretch", on_click=_edit, args=(row,))


def _key(row: TicketRow, name: str) -> str:
    """The widget's key: a form that was closed before somebody else's change leaves nothing in this one."""
    return f"te_{name}_{row.id}_{row.version}"


def _edit(row: TicketRow) -> None:
    """Callback: change what the form tells otherwise."""
    state = st.session_state
    told = {"title": state[_key(row, "title")] or "", "description": state[_key(row, "description")] or ""}
    shown = {"title": wording.title(row, language()), "description": wording.description(row, language())}
    is_rewritten = any(told[name].strip() != shown[name] for name in told)
    changes = Changes(
        title=told["title"] if is_rewritten else None,
        description=told["description"] if is_rewritten else None,
        client_id=int(state[_key(row, "client")]),
        site=str(state[_key(row, "site")]),
        skills=tuple(state[_key(row, "skills")]),
    )
    actions.change(
        [Target(row.id, row.version)],
        lambda who: (
            lambda opened, one: work.edit(opened, one, who, changes, reason=str(state[_key(row, "reason")] or ""))
        ),
        t("tickets_page.done.edit"),
        form=_EDIT_FORM,
    )


def priority_fields(targets: Sequence[Target], key: str, present: str | None) -> None:
    """The choice of another priority with its reason and its button."""
    offered = [one for one in PRIORITIES if one != present]
    st.selectbox(t("tickets_page.priority"), offered, format_func=lambda one: t(f"tickets.priorities.{one}"), key=key)
    st.text_input(t("tickets_page.reason"), max_chars=LONGEST_REASON, key=f"{key}_reason")
    st.button(
        t("tickets_page.actions.prioritise"),
        key=f"{key}_do",
        on_click=actions.prioritise,
        args=(targets, key),
    )
