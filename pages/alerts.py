"""Alerts: the queue of what detection and people raised, one of them beside it, cases and mutes."""

import streamlit as st

from core.errors import TollwatchError
from core.ui import address, frame, states
from core.ui.alerts import cases, detail, filters, listing
from core.ui.session import require
from core.ui.text import t

require("alerts.view")

heading = frame.heading("alerts")
current = filters.from_address()
with heading:
    listing.actions(current)
view = address.tabs("view", ("queue", "cases", "mutes"), lambda name: t(f"alerts_page.views.{name}"))
try:
    if view == "mutes":
        cases.mute_list()
    elif view == "cases" and (case := st.query_params.get("case")):
        cases.one(case)
    elif view == "cases":
        cases.listing()
    else:
        filters.bar(current)
        chosen = st.query_params.get("alert")
        with st.container(key="alert-open" if chosen else "alert-none"):
            columns = st.columns([11, 8] if chosen else 1, gap="medium")
            with columns[0]:
                listing.queue(current)
            if chosen:
                with columns[1]:
                    detail.panel(chosen)
except TollwatchError as error:
    states.failed(error)
