"""Clients: the list of them, and the form that adds and changes one."""

import streamlit as st

from core.language import LANGUAGES
from core.notify.places import site_names
from core.operators import clients
from core.operators.clients import ClientForm
from core.operators.vocabulary import LONGEST_NAME, LONGEST_NOTES, LONGEST_PHONE, PRIORITY_CLASSES
from core.store.models.operators import ClientRow
from core.ui import dialogs, navigation, session, states
from core.ui.colors import BadgeColor
from core.ui.operators import work
from core.ui.text import escaped, t

_FORM = "client_form"
_COLORS: dict[str, BadgeColor] = {"standard": "gray", "preferred": "blue", "key": "violet"}


def add_button() -> None:
    """The button that opens an empty form."""
    if st.button(
        t("operators_page.clients.add"), key="client_add", icon=":material/add:", type="primary", shortcut="N"
    ):
        _ask(None)


def draw() -> None:
    """Every client with whom to reach there, former ones last."""
    with session.services().database.read() as opened:
        rows = clients.everybody(opened, with_former=True)
    if not rows:
        states.empty(t("operators_page.empty.clients"), t("operators_page.empty.clients_help"))
        return
    for row in sorted(rows, key=lambda one: not one.is_active):
        _card(row)


def _card(row: ClientRow) -> None:
    with st.container(border=True, key=f"card-client-{row.id}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**{escaped(row.name)}**", width="content")
            st.badge(t(f"operators.priority_classes.{row.priority_class}"), color=_COLORS[row.priority_class])
            if not row.is_active:
                st.badge(t("operators_page.clients.former"), color="gray")
            st.space("stretch")
            st.page_link(
                navigation.script("tickets"),
                label=t("operators_page.clients.tickets"),
                icon=":material/confirmation_number:",
                query_params={"client": str(row.id), "view": "all"},
            )
            if work.may_manage() and st.button(
                t("operators_page.change"), key=f"client_change_{row.id}", icon=":material/edit:"
            ):
                _ask(row)
        told = [row.contact, row.email, row.phone, row.site, t(f"ui.language_names.{row.language}")]
        st.caption(escaped(" · ".join(part for part in told if part)))
        if row.notes:
            st.markdown(escaped(row.notes))


def _ask(row: ClientRow | None) -> None:
    title = t("operators_page.clients.change" if row else "operators_page.clients.add")
    dialogs.asked(_FORM, title, ":material/business:", lambda: _fields(row))


def _fields(row: ClientRow | None) -> None:
    shown, mark = clients.form_of(row) if row else ClientForm(""), _mark(row)
    with session.services().database.read() as opened:
        sites = ["", *sorted({*site_names(opened).values(), shown.site} - {""})]
    with st.form("client", border=False):
        st.text_input(t("operators_page.clients.name"), value=shown.name, max_chars=LONGEST_NAME, key=f"cf_name_{mark}")
        st.text_input(
            t("operators_page.clients.contact"), value=shown.contact, max_chars=LONGEST_NAME, key=f"cf_contact_{mark}"
        )
        left, right = st.columns(2)
        left.text_input(
            t("operators_page.form.email"), value=shown.email, max_chars=LONGEST_NAME, key=f"cf_email_{mark}"
        )
        right.text_input(
            t("operators_page.form.phone"), value=shown.phone, max_chars=LONGEST_PHONE, key=f"cf_phone_{mark}"
        )
        left, right = st.columns(2)
        left.selectbox(
            t("operators_page.clients.site"),
            sites,
            index=sites.index(shown.site),
            format_func=lambda one: one or "–",
            key=f"cf_site_{mark}",
        )
        right.selectbox(
            t("operators_page.form.language"),
            LANGUAGES,
            index=LANGUAGES.index(shown.language) if shown.language in LANGUAGES else 0,
            format_func=lambda one: t(f"ui.language_names.{one}"),
            key=f"cf_language_{mark}",
        )
        st.segmented_control(
            t("operators_page.clients.priority_class"),
            PRIORITY_CLASSES,
            default=shown.priority_class,
            required=True,
            format_func=lambda one: t(f"operators.priority_classes.{one}"),
            key=f"cf_class_{mark}",
        )
        st.text_area(
            t("operators_page.clients.notes"), value=shown.notes, max_chars=LONGEST_NOTES, key=f"cf_notes_{mark}"
        )
        if row is not None:
            st.checkbox(t("operators_page.clients.active"), value=shown.is_active, key=f"cf_active_{mark}")
        st.form_submit_button(
            t("operators_page.form.keep"), type="primary", width="stretch", on_click=_save, args=(row,)
        )


def _mark(row: ClientRow | None) -> str:
    """What tells one client's widgets from another's: a form that was only closed leaves what stood in it."""
    return f"{row.id}_{row.version}" if row else "new"


def _save(row: ClientRow | None) -> None:
    """Callback: keep what the form holds."""
    state, mark = st.session_state, _mark(row)
    names = ("name", "contact", "email", "phone", "site", "language", "notes")
    form = ClientForm(
        **{name: str(state[f"cf_{name}_{mark}"] or "") for name in names},
        priority_class=str(state[f"cf_class_{mark}"]),
        is_active=bool(state[f"cf_active_{mark}"]) if row else True,
    )
    number, version = (row.id, row.version) if row else (None, None)
    work.attempt(
        lambda opened, who, at: clients.save(opened, form, actor=who, at=at, client_id=number, version=version),
        t("operators_page.kept"),
        form=_FORM,
    )
