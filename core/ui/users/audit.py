"""The part of the Users page that shows the audit."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from core.store import audit
from core.store.audit import AuditFilter
from core.store.models.operations import AuditEntry
from core.ui import session, states, text, times
from core.ui.text import named, t
from core.ui.who import person_name

AUDIT_ROWS = 100


def entries() -> None:
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
    name = person_name(entry.actor)
    who = name if entry.actor in name else f"{name} ({entry.actor})"
    values = (times.moment(entry.at), who, words, entry.action, entry.subject, detail)
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
