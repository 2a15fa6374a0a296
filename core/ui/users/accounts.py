"""The parts of the Users page about accounts: people and roles, API keys."""

import secrets
from collections.abc import Sequence

import streamlit as st

from core.access import api_keys, password_links, people, sessions
from core.access.api_keys import ApiKey
from core.access.people import NewPerson, Person
from core.access.permissions import PERMISSIONS, ROLES, permissions_of
from core.language import LANGUAGES
from core.ui import anew, session, states, times
from core.ui.attempts import attempt, say, show_once
from core.ui.text import escaped, language, t
from core.ui.who import person_name

LIFETIMES = (30, 90, 180, 365)
_PERSON, _KEY = "add_person", "issue_key"
_WAYS = ("by_link", "by_password")
_NO_RIGHTS = "key_without_rights"


def everybody() -> None:
    """Everybody who may sign in, and a form to add one more."""
    parts = session.services()
    found = people.everybody(parts.database)
    st.dataframe([_person_row(person) for person in found], hide_index=True, alt=t("users.people.alt"))
    left, right = st.columns(2, gap="medium")
    with left:
        _change(found)
    with right:
        _add()


def _person_row(person: Person) -> dict[str, str]:
    values = (
        person.name,
        person.display_name,
        t(f"access.roles.{person.role}"),
        t("users.people.closed" if person.disabled else "users.people.open"),
        times.to_the_minute(person.last_sign_in_at),
    )
    titles = ("name", "display_name", "role", "state", "last_sign_in")
    return {t(f"users.people.{title}"): value for title, value in zip(titles, values, strict=True)}


def _role(role: str) -> str:
    return t(f"access.roles.{role}")


def _roles_help() -> str:
    """What each role may do: more than a choice has room for."""
    return "\n".join(f"- **{_role(role)}**: {t(f'access.roles.help.{role}')}" for role in ROLES)


def _add() -> None:
    with st.form("add_person"):
        st.markdown(f"**{t('users.add.title')}**")
        st.text_input(
            t("users.people.name"), key=anew.key(_PERSON, "new_name"), help=t("users.add.name_help"), max_chars=200
        )
        st.text_input(t("users.people.display_name"), key=anew.key(_PERSON, "new_display_name"), max_chars=200)
        st.selectbox(
            t("users.people.role"), ROLES, format_func=_role, key=anew.key(_PERSON, "new_role"), help=_roles_help()
        )
        st.selectbox(
            t("ui.menu.language"),
            LANGUAGES,
            index=LANGUAGES.index(language()),
            format_func=lambda one: t(f"ui.language_names.{one}"),
            key=anew.key(_PERSON, "new_language"),
        )
        if _passwords_are_used():
            st.radio(
                t("users.add.way"),
                _WAYS,
                format_func=lambda way: t(f"users.add.{way}"),
                key=anew.key(_PERSON, "new_way"),
            )
        st.form_submit_button(t("users.add.button"), icon=":material/person_add:", type="primary", on_click=_added)


def _added() -> None:
    admin, parts = session.check("users.manage"), session.services()
    state = st.session_state
    way = state[anew.key(_PERSON, "new_way")] if _passwords_are_used() else ""
    password = secrets.token_urlsafe(15) if way == "by_password" else None
    new = NewPerson(
        name=state[anew.key(_PERSON, "new_name")],
        display_name=state[anew.key(_PERSON, "new_display_name")],
        role=state[anew.key(_PERSON, "new_role")],
        password=password,
        language=state[anew.key(_PERSON, "new_language")],
    )

    def add() -> None:
        person = people.add(parts.database, parts.clock, new, actor=admin.name)
        if password:
            show_once(t("users.add.shown_once", name=escaped(person.name)), password)
        elif way == "by_link":
            _make_link(person)

    if attempt(add):
        anew.begin(_PERSON)


def _passwords_are_used() -> bool:
    return session.services().settings.sign_in_method == "local"


def _make_link(person: Person) -> None:
    admin, parts = session.check("users.manage"), session.services()

    def make() -> None:
        link = password_links.make(parts, person.id, actor=admin.name)
        until = times.to_the_minute(link.expires_at)
        show_once(t("users.change.link_shown_once", name=escaped(person.name), until=until), link.address)

    attempt(make)


def _revoke_link(person: Person) -> None:
    admin, parts = session.check("users.manage"), session.services()
    password_links.revoke(parts.database, parts.clock, person.id, actor=admin.name)
    say(t("users.change.link_revoked", name=person.display_name))


def _change(found: Sequence[Person]) -> None:
    with st.container(border=True, key="card-person"):
        st.markdown(f"**{t('users.change.title')}**")
        person = st.selectbox(
            t("users.change.who"), found, format_func=lambda one: f"{one.display_name} ({one.name})", key="change_who"
        )
        st.selectbox(
            t("users.people.role"),
            ROLES,
            index=ROLES.index(person.role),
            format_func=_role,
            help=_roles_help(),
            key=f"role_{person.id}_{person.role}",
            on_change=_change_role,
            args=(person,),
        )
        with st.container(horizontal=True):
            myself = session.current_user()
            label = "enable" if person.disabled else "disable"
            st.button(
                t(f"users.change.{label}"),
                key="person_close",
                disabled=myself is not None and myself.id == person.id,
                on_click=_close,
                args=(person,),
            )
            st.button(t("users.change.sign_out"), key="person_sign_out", on_click=_sign_out, args=(person,))
        if _passwords_are_used() and not person.disabled:
            _password_of(person)
        st.caption(t("users.change.help"))


def _password_of(person: Person) -> None:
    parts = session.services()
    until = password_links.open_until(parts.database, parts.clock).get(person.id)
    with st.container(horizontal=True):
        label = t("users.change.link_again" if until else "users.change.link")
        st.button(label, key="person_link", icon=":material/link:", on_click=_make_link, args=(person,))
        if until:
            st.button(t("users.change.revoke_link"), key="person_link_revoke", on_click=_revoke_link, args=(person,))
        st.button(t("users.change.reset"), key="person_reset", on_click=_reset, args=(person,))
    if until:
        st.caption(t("users.change.link_open", until=times.to_the_minute(until)))


def _change_role(person: Person) -> None:
    admin, parts = session.check("users.manage"), session.services()
    role = st.session_state[f"role_{person.id}_{person.role}"]
    attempt(lambda: people.change_role(parts.database, parts.clock, person.id, role, actor=admin.name))


def _close(person: Person) -> None:
    admin, parts = session.check("users.manage"), session.services()
    change = people.enable if person.disabled else people.disable
    attempt(lambda: change(parts.database, parts.clock, person.id, actor=admin.name))


def _reset(person: Person) -> None:
    admin, parts = session.check("users.manage"), session.services()
    password = secrets.token_urlsafe(15)
    if attempt(lambda: people.set_password(parts.database, parts.clock, person.id, password, actor=admin.name)):
        show_once(t("users.change.shown_once", name=escaped(person.name)), password)


def _sign_out(person: Person) -> None:
    admin, parts = session.check("users.manage"), session.services()
    sessions.end_all(parts.database, parts.clock, person.id, actor=admin.name)
    say(t("users.change.signed_out", name=person.display_name))


def keys() -> None:
    """Keys for programs: issue, and revoke."""
    parts = session.services()
    found = api_keys.page(parts.database)
    if found:
        st.dataframe([_key_row(key) for key in found], hide_index=True, alt=t("users.keys.alt"))
    else:
        states.empty(t("users.keys.empty"), t("users.keys.empty_help"))
    left, right = st.columns(2, gap="medium")
    with left:
        _issue()
    if valid := [key for key in found if key.revoked_at is None]:
        with right:
            _revoke(valid)


def _key_row(key: ApiKey) -> dict[str, str]:
    values = (
        key.name,
        f"{key.prefix}…",
        ", ".join(t(f"access.permissions.{scope}") if scope in PERMISSIONS else scope for scope in key.scopes),
        person_name(key.issuer),
        times.to_the_minute(key.last_used_at),
        times.to_the_minute(key.expires_at),
        t("users.keys.revoked") if key.revoked_at else t("users.keys.valid"),
    )
    titles = ("name", "prefix", "scopes", "issuer", "last_used", "expires", "state")
    return {t(f"users.keys.{title}"): value for title, value in zip(titles, values, strict=True)}


def _issue() -> None:
    person = session.check("api_keys.manage")
    with st.form("issue_key"):
        st.markdown(f"**{t('users.keys.issue')}**")
        st.text_input(t("users.keys.name"), key=anew.key(_KEY, "key_name"), max_chars=100)
        st.multiselect(
            t("users.keys.scopes"),
            [permission for permission in PERMISSIONS if permission in permissions_of(person.role)],
            format_func=lambda permission: t(f"access.permissions.{permission}"),
            key=anew.key(_KEY, "key_scopes"),
            placeholder=t("users.keys.choose"),
        )
        if st.session_state.pop(_NO_RIGHTS, False):
            st.error(t("users.keys.choose_rights"), icon=":material/error:")
        st.selectbox(
            t("users.keys.lifetime"),
            LIFETIMES,
            index=1,
            format_func=lambda n: t("ui.times.days", n=n),
            key=anew.key(_KEY, "key_days"),
        )
        st.form_submit_button(t("users.keys.issue"), icon=":material/key:", type="primary", on_click=_issued)


def _issued() -> None:
    admin, parts, state = session.check("api_keys.manage"), session.services(), st.session_state
    if not state[anew.key(_KEY, "key_scopes")]:
        state[_NO_RIGHTS] = True
        return

    def issue() -> None:
        issued = api_keys.issue(
            parts.database,
            parts.clock,
            admin,
            name=state[anew.key(_KEY, "key_name")],
            scopes=frozenset(state[anew.key(_KEY, "key_scopes")]),
            valid_days=state[anew.key(_KEY, "key_days")],
        )
        show_once(t("users.keys.shown_once"), issued.token)

    if attempt(issue):
        anew.begin(_KEY)


def _revoke(live: Sequence[ApiKey]) -> None:
    with st.container(border=True, key="card-revoke"):
        st.markdown(f"**{t('users.keys.revoke')}**")
        key = st.selectbox(
            t("users.keys.which"),
            live,
            format_func=lambda one: f"{one.name} ({one.prefix}…)",
            key=f"revoke_which_{live[0].id if live else 0}",
        )
        st.button(
            t("users.keys.revoke"),
            icon=":material/key_off:",
            key="revoke",
            disabled=key is None,
            on_click=_revoked,
            args=(key.id if key else 0,),
        )


def _revoked(key_id: int) -> None:
    admin, parts = session.check("api_keys.manage"), session.services()
    attempt(lambda: api_keys.revoke(parts.database, parts.clock, key_id, actor=admin.name))
