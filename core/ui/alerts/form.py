"""Reporting something by hand: an empty form, or one filled from a call."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st

from core.alerts import manual
from core.alerts.cases import Entity
from core.alerts.evidence import LegFacts
from core.alerts.manual import LONGEST_DESCRIPTION, LONGEST_TITLE, ManualAlert
from core.alerts.vocabulary import ENTITY_KINDS
from core.detection.finding import SEVERITIES
from core.errors import NotFoundError
from core.ui import dialogs, navigation, reading, session
from core.ui.alerts import actions
from core.ui.text import t

NEW, LEG, DAY = "new", "leg", "day"
_FORM = "new_dialog"
_USUAL_SEVERITY, _USUAL_KIND = "medium", "user"


def button() -> None:
    """The button that opens the form; so does an address with ``new``, as the link from a call has."""
    pressed = st.button(t("alerts_page.new.open"), key="alert_new", icon=":material/add_alert:")
    if pressed or st.query_params.get(NEW):
        record = _record()
        for name in (NEW, LEG, DAY):
            st.query_params.pop(name, None)
        _ask(record)


def link_from(record: Mapping[str, Any]) -> None:
    """On the page of a call record: report it."""
    if not session.may("alerts.work"):
        return
    st.page_link(
        navigation.script("alerts"),
        label=t("alerts_page.new.from_call"),
        icon=":material/add_alert:",
        query_params={NEW: "1", LEG: record["report_id"], DAY: record["start_time"].date().isoformat()},
    )


def _record() -> dict[str, Any]:
    report_id = st.query_params.get(LEG)
    if not report_id:
        return {}
    try:
        day = date.fromisoformat(st.query_params.get(DAY, ""))
    except ValueError:
        day = None
    try:
        return reading.queries().one(report_id, day)
    except NotFoundError:
        return {}


def _ask(record: dict[str, Any]) -> None:
    dialogs.asked(_FORM, t("alerts_page.new.title"), ":material/add_alert:", lambda: _fields(record))


def _fields(record: dict[str, Any]) -> None:
    with st.form("new_alert", border=False):
        st.text_input(t("alerts_page.new.what"), max_chars=LONGEST_TITLE, key="new_title")
        st.segmented_control(
            t("alerts_page.severity"),
            SEVERITIES,
            default=_USUAL_SEVERITY,
            required=True,
            format_func=lambda one: t(f"alerts.severities.{one}"),
            key="new_severity",
        )
        st.segmented_control(
            t("alerts_page.new.kind"),
            ENTITY_KINDS,
            default=_USUAL_KIND,
            required=True,
            format_func=lambda one: t(f"alerts_page.kinds.{one}"),
            key="new_kind",
        )
        whom = record.get("user") or record.get("user_number") or ""
        st.text_input(t("alerts_page.new.entity"), value=whom, max_chars=200, key="new_entity")
        st.text_area(t("alerts_page.new.description"), max_chars=LONGEST_DESCRIPTION, height=90, key="new_description")
        if record:
            st.caption(t("alerts_page.new.with_call", call=record["report_id"]))
        st.form_submit_button(
            t("alerts_page.new.do"), type="primary", width="stretch", on_click=_create, args=(record,)
        )


def _create(record: dict[str, Any]) -> None:
    """Callback: raise what the form tells."""
    title, entity, description = (
        str(st.session_state[f"new_{name}"] or "").strip() for name in ("title", "entity", "description")
    )
    if not title or not entity:
        dialogs.refused(_FORM, t("alerts_page.new.needed"))
        return
    about = _entity(str(st.session_state["new_kind"]), entity, record)
    made = _made(title, str(st.session_state["new_severity"]), about, description, record)

    def write() -> None:
        who = actions.actor()
        with session.services().database.write() as opened:
            row = manual.create(opened, made, who)
        st.query_params["alert"] = str(row.id)

    dialogs.attempt(_FORM, write, t("alerts_page.done.new"))


def _entity(kind: str, typed: str, record: dict[str, Any]) -> Entity:
    if kind == "user" and record and typed == (record.get("user") or record.get("user_number")):
        return Entity(kind, record.get("user_uuid") or typed, typed, record.get("location") or "")
    found = {choice.label: choice.value for choice in reading.choices("users" if kind == "user" else "sites")}
    identifier = found.get(typed, typed) if kind == "user" else typed
    return Entity(kind, identifier, typed, typed if kind == "location" else record.get("location") or "")


def _made(title: str, severity: str, entity: Entity, description: str, record: dict[str, Any]) -> ManualAlert:
    legs: dict[str, LegFacts] = {}
    if record:
        legs[record["report_id"]] = LegFacts(
            record["correlation_id"] or "", record["start_time"], record["location"] or ""
        )
    return ManualAlert(title, severity, entity, description=description, evidence=tuple(legs), legs=legs)
