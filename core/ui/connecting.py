"""The parts of the Connections page: the Webex card, what the doctor finds, the log of synchronisations, imports."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import streamlit as st
from streamlit.typing import UploadedFile

from core import doctor
from core.calls import import_marks, imports, uploads
from core.errors import TollwatchError
from core.respond.rights import write_right
from core.store import commands
from core.store.models.calls import ImportBatch
from core.store.models.webex import SyncLogEntry
from core.ui import address, asking, navigation, numbers, reading, session, states, times
from core.ui.text import actor_name, error_texts, escaped, language, named, stored_error, t
from core.webex import oauth, sync_log
from core.webex.call_settings import write_scopes
from core.webex.connections import ConnectionStatus, status

FILE_TYPES = ("csv", "json", "jsonl", "ndjson", "parquet", "gz", "zip")
LOG_ROWS = 50
IMPORT_ROWS = 20
REFRESH = "2s"
BANNER_LASTS = timedelta(minutes=1)
_UPLOADER = """<style>
[data-testid="stFileUploaderDropzoneInstructions"] {{ display: none; }}
[data-testid="stFileUploaderDropzone"] button {{ font-size: 0; }}
[data-testid="stFileUploaderDropzone"] button *:not([data-testid="stIconMaterial"]) {{ font-size: 0; }}
[data-testid="stFileUploaderDropzone"] button [data-testid="stIconMaterial"] {{ font-size: 1.2rem; }}
[data-testid="stFileUploaderDropzone"] button::after {{ content: {browse}; font-size: 0.875rem; }}
</style>"""
"""The uploader speaks English only: its own words give way to ours."""
_OUTCOMES, _BANNER = ("connected", "problem"), "consent_outcome"
_LEVELS: dict[str, tuple[str, Any]] = {
    "problem": (":material/error:", "red"),
    "warning": (":material/warning:", "orange"),
    "ok": (":material/check_circle:", "green"),
}
_STATES: dict[str, tuple[str, Any]] = {
    "connected": (":material/link:", "green"),
    "needs_authorisation": (":material/key_alert:", "orange"),
    "disconnected": (":material/link_off:", "gray"),
}
_FINDINGS, _UPLOAD, _COMMAND, _CONFIRM = (
    "doctor_findings",
    "import_upload_number",
    "import_command",
    "confirm_disconnect",
)


def banner() -> None:
    """How a consent that has just ended went, from the address it came back with.

    It is told for a minute and the address forgets it, so that a reload or a link sent on does not tell it again.
    """
    now = session.services().clock.now()
    outcome = {name: st.query_params[name] for name in _OUTCOMES if st.query_params.get(name)}
    if outcome:
        for name in outcome:
            del st.query_params[name]
        st.session_state[_BANNER] = (outcome, now + BANNER_LASTS)
    outcome, until = st.session_state.get(_BANNER, ({}, now))
    if now < until:
        _tell(outcome)


def _tell(outcome: Mapping[str, str]) -> None:
    if "connected" in outcome:
        known = "connected_again" if reading.queries().newest() else "connected"
        st.success(t(f"connections.banner.{known}"), icon=":material/check_circle:")
    if "problem" in outcome:
        message, remedy = stored_error({"code": outcome["problem"], "facts": {}})
        st.error(f"{message} {remedy}", icon=":material/error:")


def card() -> None:
    """Who Tollwatch acts as in Webex, with what rights and for how long, and what can be done about it."""
    found = _as_it_is(status(session.services()))
    with st.container(border=True, key="card-webex"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(t("connections.webex"), anchor=False, width="content")
            icon, colour = _STATES.get(found.state, (":material/help:", "gray"))
            st.badge(named("connections.states", found.state), icon=icon, color=colour)
            environment = "sandbox" if found.is_sandbox else "real"
            st.badge(t(f"ui.environment.{environment}"), color="yellow" if found.is_sandbox else "blue")
        _last_error(found)
        facts, scopes = st.columns([3, 2], gap="large")
        with facts:
            st.table(_facts(found), border="horizontal", alt=t("connections.webex"))
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
    _write_right(found)


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
    person = session.current_user()
    if right == "missing" and found.method == "oauth" and person is not None and person.may("connections.manage"):
        address = "/webex/login?next=/connections&write=1"
        states.action_link(t("connections.write.action"), address, primary=False, wide=False)


def _scope_mark(scope: str, found: ConnectionStatus) -> str:
    if found.scopes_granted is None:
        return ":gray[:material/help:]"
    return ":green[:material/check_circle:]" if scope in found.scopes_granted else ":red[:material/cancel:]"


def _actions(found: ConnectionStatus) -> None:
    person = session.current_user()
    manages = person is not None and person.may("connections.manage")
    if not manages:
        st.caption(t("connections.view_only"))
    with st.container(horizontal=True, vertical_alignment="center", key="webex-actions"):
        if manages and found.method != "token":
            again = "connect_again" if found.is_connected else "connect"
            states.action_link(
                t(f"connections.actions.{again}"),
                "/webex/login?next=/connections",
                primary=not found.is_connected,
                wide=False,
            )
        st.button(t("connections.actions.test"), icon=":material/stethoscope:", key="webex_test", on_click=_examine)
        asking.run_job_button("ingest", t("connections.actions.sync"), key="webex_sync", icon=":material/sync:")
        if manages and found.method == "oauth":
            st.button(t("connections.actions.refresh"), icon=":material/key:", key="webex_refresh", on_click=_refresh)
            st.button(
                t("connections.actions.disconnect"),
                icon=":material/link_off:",
                key="webex_disconnect",
                on_click=lambda: st.session_state.update({_CONFIRM: True}),
            )
    if st.session_state.get(_CONFIRM) and manages:
        _confirm_disconnect(found.org_name or t("connections.webex"))


def _examine() -> None:
    session.check("connections.view")
    st.session_state[_FINDINGS] = doctor.findings(session.services())


def _refresh() -> None:
    asking.run_job("refresh_tokens", "connections.manage", kind="admin", force=True)
    st.toast(t("ui.asked"), icon=":material/hourglass_top:")


def _confirm_disconnect(name: str) -> None:
    with st.container(border=True, key="card-disconnect"):
        st.markdown(t("connections.disconnect.question", name=escaped(name)))
        typed = st.text_input(t("connections.disconnect.type", name=escaped(name)), key="disconnect_typed")
        with st.container(horizontal=True):
            st.button(
                t("connections.actions.disconnect"),
                type="primary",
                key="disconnect_yes",
                disabled=typed.strip() != name,
                on_click=_disconnect,
            )
            st.button(t("ui.cancel"), key="disconnect_no", on_click=lambda: st.session_state.pop(_CONFIRM, None))


def _disconnect() -> None:
    st.session_state.pop(_CONFIRM, None)
    person = session.check("connections.manage")
    try:
        revoked = oauth.disconnect(session.services(), actor=person.name)
    except TollwatchError as error:
        st.session_state["disconnect_problem"] = error
        return
    st.toast(t("connections.disconnect.done" if revoked else "connections.disconnect.done_here"))


def findings() -> None:
    """What the doctor found when it was last asked in this session, with remedies."""
    found = st.session_state.get(_FINDINGS)
    if found is None:
        states.empty(
            t("connections.doctor.not_yet"),
            t("connections.doctor.not_yet_help"),
            lambda: st.button(t("connections.actions.test"), key="doctor_now", type="primary", on_click=_examine),
        )
        return
    for finding in found:
        icon, colour = _LEVELS[finding.level]
        with st.container(horizontal=True, gap="small"):
            st.badge(t(f"connections.levels.{finding.level}"), icon=icon, color=colour)
            words = escaped(finding.message(language(), times.zone()))
            remedy = escaped(finding.remedy(language(), times.zone()))
            st.markdown(f"{words}  \n:gray[{remedy}]" if remedy else words, width="stretch")


def log() -> None:
    """What each synchronisation asked for and got, newest first."""
    before = st.query_params.get("before", "")
    position = int(before) if before.isdecimal() and len(before) < 18 else None
    with session.services().database.read() as opened:
        entries = sync_log.entries(opened, before=position, limit=LOG_ROWS)
    if not entries:
        states.empty(t("connections.log.empty"), t("connections.log.empty_help"))
        return
    st.dataframe([_log_row(entry) for entry in entries], hide_index=True, alt=t("connections.log.alt"))
    with st.container(horizontal=True):
        st.button(t("ui.newer"), key="log_newest", disabled=position is None, on_click=_go, args=(None,))
        st.button(
            t("ui.older"), key="log_older", disabled=len(entries) < LOG_ROWS, on_click=_go, args=(entries[-1].id,)
        )


def _go(before: int | None) -> None:
    if before is None:
        st.query_params.pop("before", None)
    else:
        st.query_params["before"] = str(before)


def _log_row(entry: SyncLogEntry) -> dict[str, str]:
    error = ""
    if entry.error_code:
        error = " ".join(stored_error({"code": entry.error_code, "facts": entry.error_facts or {}})).replace("\\", "")
    window = f"{times.to_the_minute(entry.since)} – {times.to_the_minute(entry.until)}" if entry.since else ""
    values = (
        times.moment(entry.at),
        named("connections.log.kinds", entry.kind),
        named("connections.log.states", entry.state),
        window,
        _counts(entry.counts),
        error,
    )
    titles = ("at", "kind", "state", "window", "counts", "problem")
    return {t(f"connections.log.{title}"): value for title, value in zip(titles, values, strict=True)}


def _counts(counts: Mapping[str, Any]) -> str:
    known = [(name, count) for name, count in counts.items() if isinstance(count, int)]
    return " · ".join(f"{named('connections.counts', name)} {numbers.whole(count)}" for name, count in known)


def importing() -> None:
    """A file from this computer into the call records, and what became of former ones."""
    person = session.current_user()
    if person and person.may("calls.import"):
        with st.form("import", border=True):
            st.html(_UPLOADER.format(browse=json.dumps(t("connections.imports.browse"), ensure_ascii=False)))
            st.file_uploader(t("connections.imports.file"), type=FILE_TYPES, key=_upload_key())
            st.caption(t("connections.imports.help"))
            st.form_submit_button(
                t("connections.imports.start"), icon=":material/upload:", type="primary", on_click=_import
            )
    _imports()


def _upload_key() -> str:
    """The key of the present upload; each import begins a new one, so that the same file can be chosen again."""
    return f"import_file_{st.session_state.get(_UPLOAD, 0)}"


def _import() -> None:
    person, parts = session.check("calls.import"), session.services()
    file: UploadedFile | None = st.session_state.get(_upload_key())
    if file is None:
        st.session_state["import_problem"] = t("connections.imports.choose")
        return
    try:
        upload = uploads.keep(parts.settings, file.name, file)
    except TollwatchError as error:
        st.session_state["import_problem"] = " ".join(error_texts(error))
        return
    st.session_state[_UPLOAD] = st.session_state.get(_UPLOAD, 0) + 1
    st.session_state[_COMMAND] = asking.run_job("import_upload", "calls.import", upload=upload, by=person.name)


@st.fragment(run_every=REFRESH)
def _imports() -> None:
    session.require("connections.view")
    if problem := st.session_state.pop("import_problem", None):
        st.warning(problem, icon=":material/upload_file:")
    with session.services().database.read() as opened:
        batches = imports.listed(opened, IMPORT_ROWS)
        number = st.session_state.get(_COMMAND)
        asked = commands.find(opened, number) if number else None
    if asked and asked.state in (commands.QUEUED, commands.RUNNING):
        st.info(t(f"connections.imports.{asked.state}"), icon=":material/hourglass_top:")
    if not batches:
        states.empty(t("connections.imports.empty"), t("connections.imports.empty_help"))
        return
    st.dataframe(
        [_import_row(batch) for batch in batches],
        hide_index=True,
        column_config={t("connections.imports.problem"): st.column_config.TextColumn(width=420)},
        alt=t("connections.imports.alt"),
    )
    _latest_problem(batches[0])
    if any(batch.quarantined for batch in batches):
        st.page_link(
            navigation.script("job_board"),
            label=t("connections.imports.to_quarantine"),
            icon=":material/arrow_forward:",
            query_params={"view": "quarantine"},
        )


def _latest_problem(batch: ImportBatch) -> None:
    """What kept the last file from being read, in full."""
    if problem := imports.problem_of(batch):
        message, remedy = stored_error(problem)
        st.error(f"{message} {remedy}", icon=":material/error:")


def _import_row(batch: ImportBatch) -> dict[str, str]:
    problem = imports.problem_of(batch)
    values = {
        "origin": batch.origin,
        "state": named("connections.imports.states", _state_of(batch)),
        "problem": " ".join(stored_error(problem)).replace("\\", "") if problem else "",
        "started": times.moment(batch.started_at),
        "by": actor_name(batch.started_by),
    }
    counted = {name: numbers.whole(getattr(batch, name)) for name in _COUNTED}
    shown = {t(f"connections.imports.{name}"): value for name, value in values.items()}
    return shown | {t(f"connections.counts.{name}"): value for name, value in counted.items()}


def _state_of(batch: ImportBatch) -> str:
    is_dead = batch.state == imports.RUNNING and not import_marks.is_alive(session.services().settings, batch.id)
    return "interrupted" if is_dead else batch.state


_COUNTED = ("read", "new", "duplicate", "replaced", "quarantined")


def parts() -> None:
    """The chosen part below the card."""
    shown = {"doctor": findings, "log": log, "imports": importing}
    shown[address.tabs("view", list(shown), lambda name: t(f"connections.tabs.{name}"))]()
