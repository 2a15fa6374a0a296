"""Tickets: mine, the team's, those that come due, as a list or a board, one of them beside it."""

import streamlit as st

from core.errors import TollwatchError
from core.ui import (
    address,
    frame,
    states,
    ticket_actions,
    ticket_board,
    ticket_calendars,
    ticket_detail,
    ticket_filters,
    ticket_list,
    ticket_promises,
    ticket_rules,
)
from core.ui.session import require
from core.ui.text import t

require("tickets.view")

heading = frame.heading("tickets")
current = ticket_filters.from_address()
with heading:
    ticket_list.actions(current)
BOOKS = {"rules": ticket_rules.draw, "promises": ticket_promises.draw, "calendars": ticket_calendars.draw}
shown = address.tabs("show", ("list", "board", *BOOKS), lambda name: t(f"tickets_page.shows.{name}"))
ticket_actions.notices()
try:
    if shown in BOOKS:
        BOOKS[shown]()
    else:
        ticket_filters.bar(current)
        chosen = st.query_params.get(ticket_actions.TICKET)
        with st.container(key="ticket-open" if chosen else "ticket-none"):
            columns = st.columns([11, 8] if chosen else 1, gap="medium")
            with columns[0]:
                if shown == "board":
                    ticket_board.board(current, narrow=bool(chosen))
                else:
                    ticket_list.listing(current)
            if chosen:
                with columns[1]:
                    ticket_detail.panel(chosen)
except TollwatchError as error:
    states.failed(error)
