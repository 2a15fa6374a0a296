"""Operators: who has how much to do, who they are, when they work, and the clients they work for."""

import streamlit as st

from core.errors import TollwatchError
from core.ui import (
    address,
    client_list,
    frame,
    operator_absences,
    operator_import,
    operator_list,
    operator_load,
    operator_shifts,
    operator_work,
    states,
)
from core.ui.session import require
from core.ui.text import t

require("tickets.view")

heading = frame.heading("operators")
view = address.tabs(
    "view", ("load", "operators", "shifts", "absences", "clients"), lambda name: t(f"operators_page.views.{name}")
)
with heading:
    if view == "operators":
        operator_import.buttons("operators")
    elif view == "clients":
        operator_import.buttons("clients")
operator_work.notices()
try:
    with st.container(key=f"operators-{view}"):
        if view == "operators":
            operator_list.draw()
        elif view == "shifts":
            operator_shifts.draw()
        elif view == "absences":
            operator_absences.draw()
        elif view == "clients":
            client_list.draw()
        else:
            operator_load.draw()
except TollwatchError as error:
    states.failed(error)
