"""Call journey: one call out of all its records, from the first ring to the end."""

import streamlit as st

from core.errors import TollwatchError
from core.ui import alert_links, frame, journey, journey_search, recording_links, states
from core.ui.session import require

require("journeys.view")

heading = frame.heading("journey")
journey_search.search()
try:
    call = journey_search.found()
    if call:
        with heading:
            journey.actions(call)
        journey.facts(call)
        alert_links.of_records([one["report_id"] for one in call.records])
        recording_links.of_records(call.records)
        left, right = st.columns([2, 3], gap="medium")
        with left:
            journey.parties(call)
        with right:
            journey.segments(call)
        journey.ladder(call)
        journey.records(call)
        journey.beside(call)
except TollwatchError as error:
    states.failed(error)
