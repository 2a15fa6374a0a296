"""Operators: the list of them, and the form that adds and changes one."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.access import people
from core.language import LANGUAGES
from core.notify.places import site_names
from core.operators import presence, roster, skills
from core.operators.roster import OperatorForm
from core.operators.vocabulary import LARGEST_CAPACITY, LONGEST_NAME, LONGEST_PHONE
from core.store.models.operators import OperatorRow
from core.ui import dialogs, session, states
from core.ui.operators import load, work
from core.ui.text import escaped, t

_FORM = "operator_form"


def add_button() -> None:
    """The button that opens an empty form."""
    if st.button(
        t("operators_page.add"), key="operator_add", icon=":material/person_add:", type="primary", shortcut="N"
    ):
        _ask(None)


def draw() -> None:
    """Everybody with what they can do and where they stand, retired ones last."""
    now = session.services().clock.now()
    with session.services().database.read() as opened:
        rows = roster.everybody(opened, with_retired=True)
        stand = presence.at_instant(opened, [row.id for row in rows], now)
    if not rows:
        states.empty(t("operators_page.empty.operators"), t("operators_page.empty.operators_help"))
        return
    for row in sorted(rows, key=lambda one: not one.is_active):
        with st.container(border=True, key=f"card-operator-{row.id}", gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                st.markdown(f"**{escaped(row.name)}**", width="content")
                if row.is_active:
                    load.presence_badge(stand[row.id])
                else:
                    st.badge(t("operators_page.retired"), color="gray")
                st.space("stretch")
                if work.may_manage() and st.button(
                    t("operators_page.change"), key=f"operator_change_{row.id}", icon=":material/edit:"
                ):
                    _ask(row)
            st.caption(escaped(_facts(row)))


def _facts(row: OperatorRow) -> str:
    told = [
        row.person or t("operators_page.no_account"),
        row.email if row.email != row.person else "",
        row.phone,
        ", ".join(row.skills),
        ", ".join(row.sites) or t("operators_page.every_site"),
        t(f"ui.language_names.{row.language}"),
        t("operators_page.load.capacity", n=row.capacity) if row.capacity else "",
    ]
    return " · ".join(part for part in told if part)


def _ask(row: OperatorRow | None) -> None:
    title = t("operators_page.form.change" if row else "operators_page.form.add")
    dialogs.asked(_FORM, title, ":material/person:", lambda: _fields(row))


def _fields(row: OperatorRow | None) -> None:
    shown, mark = roster.form_of(row) if row else OperatorForm(""), _mark(row)
    with session.services().database.read() as opened:
        known, sites = skills.known(opened), sorted(set(site_names(opened).values()))
    accounts = _accounts(shown.person)
    with st.form("operator", border=False):
        st.text_input(t("operators_page.form.name"), value=shown.name, max_chars=LONGEST_NAME, key=f"of_name_{mark}")
        st.selectbox(
            t("operators_page.form.person"),
            list(accounts),
            index=list(accounts).index(shown.person),
            format_func=lambda one: accounts[one],
            key=f"of_person_{mark}",
            help=t("operators_page.form.person_help"),
        )
        left, right = st.columns(2)
        left.text_input(
            t("operators_page.form.email"), value=shown.email, max_chars=LONGEST_NAME, key=f"of_email_{mark}"
        )
        right.text_input(
            t("operators_page.form.phone"), value=shown.phone, max_chars=LONGEST_PHONE, key=f"of_phone_{mark}"
        )
        st.multiselect(
            t("operators_page.form.skills"),
            sorted({*known, *shown.skills}),
            default=list(shown.skills),
            accept_new_options=True,
            key=f"of_skills_{mark}",
            placeholder=t("operators_page.form.skills_hint"),
        )
        st.multiselect(
            t("operators_page.form.sites"),
            sorted({*sites, *shown.sites}),
            default=list(shown.sites),
            key=f"of_sites_{mark}",
            placeholder=t("operators_page.every_site"),
        )
        left, right = st.columns(2)
        left.selectbox(
            t("operators_page.form.language"),
            LANGUAGES,
            index=LANGUAGES.index(shown.language) if shown.language in LANGUAGES else 0,
            format_func=lambda one: t(f"ui.language_names.{one}"),
            key=f"of_language_{mark}",
        )
        right.number_input(
            t("operators_page.form.capacity"),
            min_value=0,
            max_value=LARGEST_CAPACITY,
            value=shown.capacity,
            key=f"of_capacity_{mark}",
            help=t("operators_page.form.capacity_help"),
        )
        if row is not None:
            st.checkbox(t("operators_page.form.active"), value=shown.is_active, key=f"of_active_{mark}")
        st.form_submit_button(
            t("operators_page.form.keep"), type="primary", width="stretch", on_click=_save, args=(row,)
        )


def _mark(row: OperatorRow | None) -> str:
    """What tells one operator's widgets from another's: a form that was only closed leaves what stood in it."""
    return f"{row.id}_{row.version}" if row else "new"


def _accounts(present: str) -> dict[str, str]:
    """The people who may sign in, by the name they do it with."""
    everybody: Sequence[people.Person] = people.everybody(session.services().database)
    found = {"": t("operators_page.no_account")}
    found |= {one.name: f"{one.display_name} ({one.name})" for one in everybody if not one.disabled}
    return found if present in found else {**found, present: present}


def _save(row: OperatorRow | None) -> None:
    """Callback: keep what the form holds."""
    mark = _mark(row)

    def given(name: str) -> Any:
        return st.session_state[f"of_{name}_{mark}"]

    form = OperatorForm(
        name=str(given("name") or ""),
        person=str(given("person") or ""),
        email=str(given("email") or ""),
        phone=str(given("phone") or ""),
        language=str(given("language")),
        skills=tuple(given("skills")),
        sites=tuple(given("sites")),
        capacity=int(given("capacity") or 0),
        is_active=bool(given("active")) if row else True,
    )
    number, version = (row.id, row.version) if row else (None, None)
    work.attempt(
        lambda opened, who, at: roster.save(opened, form, actor=who, at=at, operator_id=number, version=version),
        t("operators_page.kept"),
        form=_FORM,
    )
