"""Call journey: one call out of all its records, from the first ring to the end."""

import streamlit as st

from core.errors import TollwatchError
from core.ui import frame, states
from core.ui.alerts import links as alert_links
from core.ui.journey import detail, search
from core.ui.recordings import links as recording_links
from core.ui.session import require

require("journeys.view")

heading = frame.heading("journey")
search.search()
try:
    call = search.found()
    if call:
        with heading:
            detail.actions(call)
        detail.facts(call)
        alert_links.of_records([one["report_id"] for one in call.records])
        recording_links.of_records(call.records)
        left, right = st.columns([2, 3], gap="medium")
        with left:
            detail.parties(call)
        with right:
            detail.segments(call)
        detail.ladder(call)
        detail.records(call)
        detail.beside(call)
except TollwatchError as error:
    states.failed(error)
