"""Tickets: mine, the team's, those that come due, as a list or a board, one of them beside it."""

import streamlit as st

from core.errors import TollwatchError
from core.ui import address, frame, states
from core.ui.session import require
from core.ui.text import t
from core.ui.tickets import actions, board, calendars, detail, filters, listing, promises, rules

require("tickets.view")

heading = frame.heading("tickets")
current = filters.from_address()
with heading:
    listing.actions(current)
BOOKS = {"rules": rules.draw, "promises": promises.draw, "calendars": calendars.draw}
shown = address.tabs("show", ("list", "board", *BOOKS), lambda name: t(f"tickets_page.shows.{name}"))
actions.given()
try:
    if shown in BOOKS:
        BOOKS[shown]()
    else:
        filters.bar(current)
        chosen = st.query_params.get(actions.TICKET)
        with st.container(key="ticket-open" if chosen else "ticket-none"):
            columns = st.columns([11, 8] if chosen else 1, gap="medium")
            with columns[0]:
                if shown == "board":
                    board.board(current, narrow=bool(chosen))
                else:
                    listing.listing(current)
            if chosen:
                with columns[1]:
                    detail.panel(chosen)
except TollwatchError as error:
    states.failed(error)
