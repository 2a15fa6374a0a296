"""Alerts: the queue of what detection and people raised, one of them beside it, cases and mutes."""

import streamlit as st

from core.errors import TollwatchError
from core.ui import address, alert_actions, alert_cases, alert_detail, alert_filters, alert_queue, frame, states
from core.ui.session import require
from core.ui.text import t

require("alerts.view")

heading = frame.heading("alerts")
current = alert_filters.from_address()
with heading:
    alert_queue.actions(current)
view = address.tabs("view", ("queue", "cases", "mutes"), lambda name: t(f"alerts_page.views.{name}"))
alert_actions.notices()
try:
    if view == "mutes":
        alert_cases.mute_list()
    elif view == "cases" and (case := st.query_params.get("case")):
        alert_cases.one(case)
    elif view == "cases":
        alert_cases.listing()
    else:
        alert_filters.bar(current)
        chosen = st.query_params.get("alert")
        with st.container(key="alert-open" if chosen else "alert-none"):
            columns = st.columns([11, 8] if chosen else 1, gap="medium")
            with columns[0]:
                alert_queue.queue(current)
            if chosen:
                with columns[1]:
                    alert_detail.panel(chosen)
except TollwatchError as error:
    states.failed(error)
