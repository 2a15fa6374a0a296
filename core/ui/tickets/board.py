"""The board: the tickets of the filter in a column for each state, the first due at the top."""

import streamlit as st

from core.store.models.tickets import TicketRow
from core.tickets import query, wording
from core.tickets.filters import TicketFilter
from core.tickets.query import Column
from core.tickets.vocabulary import public_id
from core.ui import session
from core.ui.text import escaped, language, t
from core.ui.tickets import actions, filters, listing, names

CARDS = 20
REFRESH = "15s"


@st.fragment(run_every=REFRESH, key="ticket_board")
def board(current: TicketFilter, *, narrow: bool) -> None:
    """All columns; ``narrow`` stacks them where a ticket is open beside."""
    session.require("tickets.view")
    asking = names.reader()
    with session.services().database.read() as opened:
        columns = query.board(opened, current, asking, limit=CARDS)
    st.session_state[listing.ORDER] = [row.id for column in columns for row in column.rows]
    filters.sentence(current, sum(column.total for column in columns))
    if not any(column.total for column in columns):
        listing.nothing(current)
        return
    places = [st.container() for _ in columns] if narrow else st.columns(len(columns), gap="small")
    for place, column in zip(places, columns, strict=True):
        with place:
            _column(column)


def _column(column: Column) -> None:
    with st.container(border=True, key=f"card-board-{column.state}", gap="small"):
        st.markdown(f"**{t(f'tickets.states.{column.state}')}** · {column.total}")
        for row in column.rows:
            _card(row)
        hidden = column.total - len(column.rows)
        if hidden > 0:
            st.caption(t("tickets_page.board_more", n=hidden))


def _card(row: TicketRow) -> None:
    clock = names.next_clock(row, session.services().clock.now())
    known = names.names()
    with st.container(border=True, key=f"board-ticket-{row.id}", gap="xsmall"):
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            st.badge(t(f"tickets.priorities.{row.priority}"), color=names.PRIORITY_COLORS[row.priority])
            if clock.state != "none":
                color = names.CLOCK_COLORS[clock.state]
                st.badge(clock.words, color=color, icon=":material/schedule:")
        st.button(
            escaped(f"{public_id(row.id)} · {wording.title(row, language())}"),
            key=f"board_open_{row.id}",
            type="tertiary",
            on_click=actions.open_ticket,
            args=(row.id,),
        )
        facts = [known.operator(row.operator_id), known.client(row.client_id), row.site]
        st.caption(escaped(" · ".join(fact for fact in facts if fact)))
