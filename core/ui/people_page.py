"""The parts of the Users page: people and roles, API keys, the audit."""

import json
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from core.access import api_keys, people, sessions
from core.access.api_keys import ApiKey
from core.access.people import NewPerson, Person
from core.access.permissions import PERMISSIONS, ROLES, permissions_of
from core.errors import TollwatchError
from core.language import LANGUAGES
from core.store import audit
from core.store.audit import AuditFilter
from core.store.models.operations import AuditEntry
from core.ui import session, states, text, times
from core.ui.text import actor_name, escaped, named, t

AUDIT_ROWS = 100
LIFETIMES = (30, 90, 180, 365)
_SHOWN_ONCE, _PROBLEM, _NO_RIGHTS = "shown_once", "users_problem", "key_without_rights"


def _attempt(action: Callable[[], Any]) -> Any:
    try:
        return action()
    except TollwatchError as error:
        st.session_state[_PROBLEM] = error
        return None


def notices() -> None:
    """What the last click brought: a secret shown once, or why it was refused."""
    if problem := st.session_state.pop(_PROBLEM, None):
        states.told(problem)
    if once := st.session_state.pop(_SHOWN_ONCE, None):
        label, secret = once
        st.success(label, icon=":material/key:")
        st.code(secret, language=None)


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
    return f"{t(f'access.roles.{role}')} – {t(f'access.roles.help.{role}')}"


def _add() -> None:
    with st.form("add_person", clear_on_submit=True):
        st.markdown(f"**{t('users.add.title')}**")
        st.text_input(t("users.people.name"), key="new_name", help=t("users.add.name_help"), max_chars=200)
        st.text_input(t("users.people.display_name"), key="new_display_name", max_chars=200)
        st.selectbox(t("users.people.role"), ROLES, format_func=_role, key="new_role")
        st.selectbox(
            t("ui.menu.language"), LANGUAGES, format_func=lambda one: t(f"ui.languages.{one}"), key="new_language"
        )
        st.form_submit_button(t("users.add.button"), icon=":material/person_add:", type="primary", on_click=_added)


def _added() -> None:
    admin, parts = session.check("users.manage"), session.services()
    state = st.session_state
    is_local = parts.settings.sign_in_method == "local"
    password = secrets.token_urlsafe(15) if is_local else None
    new = NewPerson(
        name=state["new_name"],
        display_name=state["new_display_name"],
        role=state["new_role"],
        password=password,
        language=state["new_language"],
    )
    if _attempt(lambda: people.add(parts.database, parts.clock, new, actor=admin.name)) and password:
        state[_SHOWN_ONCE] = (t("users.add.shown_once", name=escaped(new.name)), password)


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
            st.button(t("users.change.reset"), key="person_reset", on_click=_reset, args=(person,))
            st.button(t("users.change.sign_out"), key="person_sign_out", on_click=_sign_out, args=(person,))
        st.caption(t("users.change.help"))


def _change_role(person: Person) -> None:
    admin, parts = session.check("users.manage"), session.services()
    role = st.session_state[f"role_{person.id}_{person.role}"]
    _attempt(lambda: people.change_role(parts.database, parts.clock, person.id, role, actor=admin.name))


def _close(person: Person) -> None:
    admin, parts = session.check("users.manage"), session.services()
    change = people.enable if person.disabled else people.disable
    _attempt(lambda: change(parts.database, parts.clock, person.id, actor=admin.name))


def _reset(person: Person) -> None:
    admin, parts = session.check("users.manage"), session.services()
    password = secrets.token_urlsafe(15)
    if _attempt(lambda: people.set_password(parts.database, parts.clock, person.id, password, actor=admin.name)):
        st.session_state[_SHOWN_ONCE] = (t("users.change.shown_once", name=escaped(person.name)), password)


def _sign_out(person: Person) -> None:
    admin, parts = session.check("users.manage"), session.services()
    sessions.end_all(parts.database, parts.clock, person.id, actor=admin.name)
    st.toast(t("users.change.signed_out", name=person.display_name))


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
    with right:
        _revoke([key for key in found if key.revoked_at is None])


def _key_row(key: ApiKey) -> dict[str, str]:
    values = (
        key.name,
        f"{key.prefix}…",
        ", ".join(key.scopes),
        key.issuer,
        times.to_the_minute(key.last_used_at),
        times.to_the_minute(key.expires_at),
        t("users.keys.revoked") if key.revoked_at else t("users.keys.valid"),
    )
    titles = ("name", "prefix", "scopes", "issuer", "last_used", "expires", "state")
    return {t(f"users.keys.{title}"): value for title, value in zip(titles, values, strict=True)}


def _issue() -> None:
    person = session.check("api_keys.manage")
    with st.form("issue_key", clear_on_submit=True):
        st.markdown(f"**{t('users.keys.issue')}**")
        st.text_input(t("users.keys.name"), key="key_name", max_chars=100)
        st.multiselect(
            t("users.keys.scopes"),
            [permission for permission in PERMISSIONS if permission in permissions_of(person.role)],
            format_func=lambda permission: t(f"access.permissions.{permission}"),
            key="key_scopes",
        )
        if st.session_state.pop(_NO_RIGHTS, False):
            st.error(t("users.keys.choose_rights"), icon=":material/error:")
        st.selectbox(
            t("users.keys.lifetime"), LIFETIMES, index=1, format_func=lambda n: t("ui.times.days", n=n), key="key_days"
        )
        st.form_submit_button(t("users.keys.issue"), icon=":material/key:", type="primary", on_click=_issued)


def _issued() -> None:
    admin, parts, state = session.check("api_keys.manage"), session.services(), st.session_state
    if not state["key_scopes"]:
        state[_NO_RIGHTS] = True
        return
    issued = _attempt(
        lambda: api_keys.issue(
            parts.database,
            parts.clock,
            admin,
            name=state["key_name"],
            scopes=frozenset(state["key_scopes"]),
            valid_days=state["key_days"],
        )
    )
    if issued:
        state[_SHOWN_ONCE] = (t("users.keys.shown_once"), issued.token)


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
    _attempt(lambda: api_keys.revoke(parts.database, parts.clock, key_id, actor=admin.name))


def audit_log() -> None:
    """Who did what, when; filtered, checked for cuts and edits, and as a file."""
    wanted = _audit_filter()
    before = st.session_state.get("audit_before")
    with session.services().database.read() as opened:
        page = audit.entries(opened, wanted, before=before, limit=AUDIT_ROWS)
    if not page.entries:
        states.empty(t("users.audit.empty"), t("users.audit.empty_help"))
    else:
        st.dataframe([_audit_row(entry) for entry in page.entries], hide_index=True, alt=t("users.audit.alt"))
    with st.container(horizontal=True):
        st.button(t("ui.newer"), key="audit_newest", disabled=before is None, on_click=_audit_go, args=(None,))
        st.button(t("ui.older"), key="audit_older", disabled=page.next is None, on_click=_audit_go, args=(page.next,))
        states.action_link(t("users.audit.csv"), _audit_file(wanted), primary=False, wide=False)
        st.button(t("users.audit.verify"), icon=":material/verified:", key="audit_verify", on_click=_verify)


def _audit_filter() -> AuditFilter:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        actor = st.text_input(t("users.audit.actor"), key="audit_actor", width=220)
        action = st.text_input(t("users.audit.action"), key="audit_action", width=220)
        days = st.date_input(t("users.audit.days"), value=[], key="audit_days", format="YYYY-MM-DD", width=260)
    since, until = _bounds(days if isinstance(days, tuple) else (days,))
    return AuditFilter(actor=(actor or "").strip(), action=(action or "").strip(), since=since, until=until)


def _bounds(days: Sequence[Any]) -> tuple[datetime | None, datetime | None]:
    chosen = [datetime(day.year, day.month, day.day, tzinfo=times.zone()) for day in days if day]
    if not chosen:
        return None, None
    return chosen[0], chosen[-1] + timedelta(days=1) if len(chosen) == 2 else None


def _audit_go(before: int | None) -> None:
    st.session_state["audit_before"] = before


def _audit_row(entry: AuditEntry) -> dict[str, str]:
    detail = json.dumps(entry.detail, ensure_ascii=False) if entry.detail else ""
    words = named("users.actions", entry.action).replace("\\", "")
    values = (times.moment(entry.at), actor_name(entry.actor), words, entry.action, entry.subject, detail)
    titles = ("at", "actor", "event", "action", "subject", "detail")
    return {t(f"users.audit.{title}"): value for title, value in zip(titles, values, strict=True)}


def _audit_file(wanted: AuditFilter) -> str:
    given = {
        "actor": wanted.actor,
        "action": wanted.action,
        "since": wanted.since.isoformat() if wanted.since else "",
        "until": wanted.until.isoformat() if wanted.until else "",
    }
    query = urlencode({name: value for name, value in given.items() if value})
    return f"/exports/audit.csv?{query}" if query else "/exports/audit.csv"


def _verify() -> None:
    session.check("audit.view")
    found = audit.verify(session.services().database)
    key = "users.audit.intact" if found.intact else "users.audit.broken"
    st.toast(text.t(key, n=found.entries, entry=found.broken_at), duration="long")
