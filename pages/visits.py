"""Visits: a week or a day of them or the list, one beside it, and the forms that schedule and move them."""

import streamlit as st

from core.errors import TollwatchError
from core.ui import (
    address,
    frame,
    states,
    visit_actions,
    visit_calendar,
    visit_detail,
    visit_filters,
    visit_list,
)
from core.ui.session import require
from core.ui.text import t

require("visits.view")

heading = frame.heading("visits")
current = visit_filters.from_address()
with heading:
    visit_list.actions(current)
view = address.tabs("view", ("week", "day", "list"), lambda name: t(f"visits_page.views.{name}"))
visit_actions.notices()
try:
    visit_filters.bar(current, with_period=view == "list")
    visit_filters.chips(current)
    chosen = st.query_params.get(visit_actions.VISIT)
    with st.container(key="visit-open" if chosen else "visit-none"):
        columns = st.columns([12, 6] if chosen else 1, gap="medium")
        with columns[0]:
            if view == "list":
                visit_list.listing(current)
            else:
                visit_calendar.calendar(current, view)
        if chosen:
            with columns[1]:
                visit_detail.panel(chosen)
except TollwatchError as error:
    states.failed(error)
