"""Recordings: all of them under one filter and search, one of them with player, transcript and summary, keywords."""

import streamlit as st

from core.errors import TollwatchError
from core.ui import address, frame, states
from core.ui.recordings import actions, detail, filters, keywords, listing
from core.ui.session import require
from core.ui.text import t

person = require("recordings.view")

heading = frame.heading("recordings")
chosen = st.query_params.get(actions.RECORDING)
try:
    current = filters.from_address()
    if chosen:
        detail.panel(chosen, current.words)
    else:
        with heading:
            listing.actions(current)
        views = ("recordings", "keywords") if person.may("recordings.tune") else ("recordings",)
        view = address.tabs("view", views, lambda name: t(f"recordings_page.views.{name}")) if len(views) > 1 else ""
        if view == "keywords":
            keywords.board()
        else:
            listing.fetching()
            filters.bar(current)
            listing.listing(current)
except TollwatchError as error:
    states.failed(error)
