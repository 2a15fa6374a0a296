"""Recordings: all of them under one filter and search, one of them with player, transcript and summary, keywords."""

import streamlit as st

from core.errors import TollwatchError
from core.ui import (
    address,
    frame,
    recording_actions,
    recording_detail,
    recording_filters,
    recording_keywords,
    recording_list,
    states,
)
from core.ui.session import require
from core.ui.text import t

person = require("recordings.view")

heading = frame.heading("recordings")
recording_actions.notices()
chosen = st.query_params.get(recording_actions.RECORDING)
try:
    current = recording_filters.from_address()
    if chosen:
        recording_detail.panel(chosen, current.words)
    else:
        with heading:
            recording_list.actions(current)
        views = ("recordings", "keywords") if person.may("recordings.tune") else ("recordings",)
        view = address.tabs("view", views, lambda name: t(f"recordings_page.views.{name}")) if len(views) > 1 else ""
        if view == "keywords":
            recording_keywords.board()
        else:
            recording_list.fetching()
            recording_filters.bar(current)
            recording_list.listing(current)
except TollwatchError as error:
    states.failed(error)
