"""The cards of the two Webex connections: who acts, with what rights and for how long, and what can be done about it.

The administrator's brings calls and lists recordings; the compliance officer's, which is optional, brings their audio
and transcripts.
"""

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from core import doctor
from core.errors import TollwatchError
from core.respond.rights import write_right
from core.ui import asking, session, states, times
from core.ui.text import actor_name, error_texts, escaped, named, stored_error, t
from core.webex import oauth
from core.webex.call_settings import write_scopes
from core.webex.connections import ConnectionStatus, Kind, status
from core.webex.recordings import WRITE_SCOPES

FINDINGS = "doctor_findings"
"""Where this session keeps what the doctor found."""

_STATES: dict[str, tuple[str, Any]] = {
    "connected": (":material/link:", "green"),
    "needs_authorisation": (":material/key_alert:", "orange"),
    "disconnected": (":material/link_off:", "gray"),
}
_NAMES: dict[Kind, str] = {"admin": "webex", "compliance": "compliance"}
_CONFIRM, _PROBLEM = "confirm_disconnect", "disconnect_problem"


def cards() -> None:
    """Both connections, the one that everything needs first."""
    _card("admin")
    _card("compliance")


def _card(kind: Kind) -> None:
    found = _as_it_is(status(session.services(), kind))
    with st.container(border=True, key=f"card-{_NAMES[kind]}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(t(f"connections.{_NAMES[kind]}"), anchor=False, width="content")
            icon, colour = _STATES.get(found.state, (":material/help:", "gray"))
            st.badge(named("connections.states", found.state), icon=icon, color=colour)
            environment = "sandbox" if found.is_sandbox else "real"
            st.badge(t(f"ui.environment.{environment}"), color="yellow" if found.is_sandbox else "blue")
        if kind == "compliance":
            st.caption(t("connections.compliance_purpose"))
        _last_error(found)
        facts, scopes = st.columns([3, 2], gap="large")
        with facts:
            st.table(_facts(found), border="horizontal", alt=t(f"connections.{_NAMES[kind]}"))
        with scopes:
            _scopes(found)
        _actions(found)


def _as_it_is(found: ConnectionStatus) -> ConnectionStatus:
    """Without what a former connection left behind: nobody acts, and nothing is granted, while none is connected."""
    if found.state != "disconnected":
        return found
    return replace(
        found,
        person_name="",
        person_email="",
        scopes_granted=None,
        access_expires_at=None,
        refresh_expires_at=None,
        connected_at=None,
        connected_by="",
    )


def _last_error(found: ConnectionStatus) -> None:
    if found.last_error_code:
        message, remedy = stored_error({"code": found.last_error_code, "facts": found.last_error_facts or {}})
        when = times.distance(found.last_error_at, session.services().clock.now())
        st.error(f"{message} {remedy} ({when})", icon=":material/error:")


def _facts(found: ConnectionStatus) -> dict[str, str]:
    now = session.services().clock.now()

    def expiry(at: Any) -> str:
        return f"{times.to_the_minute(at)} ({times.distance(at, now)})" if at else t("ui.none")

    values = {
        "organisation": found.org_name,
        "person": found.person_name,
        "method": t(f"connections.methods.{found.method}"),
        "api": "",
        "connected": _connected(found),
        "access_expires": expiry(found.access_expires_at),
        "refresh_expires": expiry(found.refresh_expires_at),
    }
    shown = {name: escaped(value) or t("ui.none") for name, value in values.items()}
    if found.org_id:
        shown["organisation"] = " · ".join(filter(None, (escaped(found.org_name), _as_it_stands(found.org_id))))
    if found.person_email:
        shown["person"] = " · ".join(filter(None, (escaped(found.person_name), _as_it_stands(found.person_email))))
    shown["api"] = _as_it_stands(found.api_url)
    return {t(f"connections.facts.{name}"): value for name, value in shown.items()}


def _connected(found: ConnectionStatus) -> str:
    if found.connected_at is None:
        return ""
    return f"{times.to_the_minute(found.connected_at)} · {actor_name(found.connected_by)}"


def _as_it_stands(text: str) -> str:
    """An address of the web or of mail that is no link."""
    return f"`{text.replace('`', '')}`"


def _scopes(found: ConnectionStatus) -> None:
    st.markdown(f"**{t('connections.scopes.title')}**", help=t("connections.scopes.help"))
    if found.state == "disconnected":
        st.caption(t("connections.scopes.asked"))
    elif found.scopes_granted is None:
        st.caption(t("connections.scopes.unknown"))
    lines = [f"{_scope_mark(scope, found)} `{scope.replace('`', '')}`" for scope in found.scopes_asked]
    st.markdown("  \n".join(lines))
    if found.scopes_missing:
        st.caption(f":red[{t('connections.scopes.missing', n=len(found.scopes_missing))}]")
    if found.kind == "admin":
        _write_right(found)
    _delete_right(found)


def _delete_right(found: ConnectionStatus) -> None:
    """The optional right to delete recordings in Webex, and the way to give it."""
    if not found.is_connected or found.scopes_granted is None:
        return
    kind: Kind = "compliance" if found.kind == "compliance" else "admin"
    scope = WRITE_SCOPES[kind]
    held = scope in found.scopes_granted
    st.markdown(f"**{t('connections.deleting.title')}**", help=t(f"connections.deleting.{kind}"))
    st.markdown(f"{':green[:material/check_circle:]' if held else ':gray[:material/remove:]'} `{scope}`")
    if not held and found.method == "oauth" and session.may("connections.manage"):
        address = f"/webex/login?kind={kind}&next=/connections&delete=1"
        states.action_link(t("connections.deleting.action"), address, primary=False, wide=False)


def _write_right(found: ConnectionStatus) -> None:
    """What the optional right to change settings would allow, and the way to give it."""
    right = write_right(session.services())
    if right == "not_connected":
        return
    st.markdown(f"**{t('connections.write.title')}**")
    mark = {"granted": ":green[:material/check_circle:]", "missing": ":gray[:material/remove:]"}
    scopes = " ".join(f"`{scope}`" for scope in write_scopes(session.services().settings))
    st.markdown(f"{mark.get(right, ':gray[:material/help:]')} {scopes}")
    st.caption(t(f"connections.write.{right}"))
    if right == "missing" and found.method == "oauth" and session.may("connections.manage"):
        address = "/webex/login?next=/connections&write=1"
        states.action_link(t("connections.write.action"), address, primary=False, wide=False)


def _scope_mark(scope: str, found: ConnectionStatus) -> str:
    if found.scopes_granted is None:
        return ":gray[:material/help:]"
    return ":green[:material/check_circle:]" if scope in found.scopes_granted else ":red[:material/cancel:]"


def _actions(found: ConnectionStatus) -> None:
    kind: Kind = "compliance" if found.kind == "compliance" else "admin"
    name = _NAMES[kind]
    manages = session.may("connections.manage")
    if not manages:
        st.caption(t("connections.view_only"))
    with st.container(horizontal=True, vertical_alignment="center", key=f"{name}-actions"):
        if manages and found.method != "token":
            again = "connect_again" if found.is_connected else f"connect_{name}"
            address = "/webex/login?next=/connections" + ("&kind=compliance" if kind == "compliance" else "")
            states.action_link(t(f"connections.actions.{again}"), address, primary=not found.is_connected, wide=False)
        if kind == "admin":
            st.button(t("connections.actions.test"), icon=":material/stethoscope:", key="webex_test", on_click=examine)
            asking.run_job_button("ingest", t("connections.actions.sync"), key="webex_sync", icon=":material/sync:")
        if manages and found.method == "oauth":
            refresh = partial(_refresh, kind)
            st.button(t("connections.actions.refresh"), icon=":material/key:", key=f"{name}_refresh", on_click=refresh)
            st.button(
                t("connections.actions.disconnect"),
                icon=":material/link_off:",
                key=f"{name}_disconnect",
                on_click=lambda: st.session_state.update({_CONFIRM: kind}),
            )
    if manages and (error := st.session_state.pop(f"{_PROBLEM}_{kind}", None)):
        st.error(" ".join(error_texts(error)))
    if manages and st.session_state.get(_CONFIRM) == kind:
        _confirm_disconnect(kind, found.org_name or t("connections.webex"))


def _refresh(kind: Kind) -> None:
    asking.run_job("refresh_tokens", "connections.manage", kind=kind, force=True)
    st.toast(t("ui.asked"), icon=":material/hourglass_top:")


def _confirm_disconnect(kind: Kind, name: str) -> None:
    with st.container(border=True, key="card-disconnect"):
        st.markdown(t(f"connections.disconnect.question_{_NAMES[kind]}", name=escaped(name)))
        typed = st.text_input(t("connections.disconnect.type", name=escaped(name)), key="disconnect_typed")
        with st.container(horizontal=True):
            st.button(
                t("connections.actions.disconnect"),
                type="primary",
                key="disconnect_yes",
                disabled=typed.strip() != name,
                on_click=partial(_disconnect, kind),
            )
            st.button(t("ui.cancel"), key="disconnect_no", on_click=lambda: st.session_state.pop(_CONFIRM, None))


def _disconnect(kind: Kind) -> None:
    st.session_state.pop(_CONFIRM, None)
    person = session.check("connections.manage")
    try:
        revoked = oauth.disconnect(session.services(), kind=kind, actor=person.name)
    except TollwatchError as error:
        st.session_state[f"{_PROBLEM}_{kind}"] = error
        return
    st.toast(t("connections.disconnect.done" if revoked else "connections.disconnect.done_here"))


def examine() -> None:
    """Ask the doctor now."""
    session.check("connections.view")
    st.session_state[FINDINGS] = doctor.findings(session.services())
