"""Visits: a week or a day of them or the list, one beside it, and the forms that schedule and move them."""

import streamlit as st

from core.errors import TollwatchError
from core.ui import address, frame, states
from core.ui.session import require
from core.ui.text import t
from core.ui.visits import actions, calendar_view, detail, filters, listing

require("visits.view")

heading = frame.heading("visits")
current = filters.from_address()
with heading:
    listing.actions(current)
view = address.tabs("view", ("week", "day", "list"), lambda name: t(f"visits_page.views.{name}"))
try:
    filters.bar(current, with_period=view == "list")
    filters.chips(current)
    chosen = st.query_params.get(actions.VISIT)
    with st.container(key="visit-open" if chosen else "visit-none"):
        columns = st.columns([12, 6] if chosen else 1, gap="medium")
        with columns[0]:
            if view == "list":
                listing.listing(current)
            else:
                calendar_view.calendar(current, view)
        if chosen:
            with columns[1]:
                detail.panel(chosen)
except TollwatchError as error:
    states.failed(error)
