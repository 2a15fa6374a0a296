"""Operators: who has how much to do, who they are, when they work, and the clients they work for."""

import streamlit as st

from core.errors import TollwatchError
from core.ui import address, frame, states
from core.ui.operators import absences, clients, importing, listing, load, shifts
from core.ui.session import require
from core.ui.text import t

require("tickets.view")

heading = frame.heading("operators")
view = address.tabs(
    "view", ("load", "operators", "shifts", "absences", "clients"), lambda name: t(f"operators_page.views.{name}")
)
with heading:
    if view == "operators":
        importing.buttons("operators")
    elif view == "clients":
        importing.buttons("clients")
try:
    with st.container(key=f"operators-{view}"):
        if view == "operators":
            listing.draw()
        elif view == "shifts":
            shifts.draw()
        elif view == "absences":
            absences.draw()
        elif view == "clients":
            clients.draw()
        else:
            load.draw()
except TollwatchError as error:
    states.failed(error)
