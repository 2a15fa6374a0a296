"""The list of tickets: the grid of the filter with its clocks, what can be done with several at once.

It refreshes itself; what was ticked stays ticked, because ticks are kept by ticket and not by place.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.errors import InvalidInputError
from core.store.models.tickets import TicketRow
from core.tickets import query, wording
from core.tickets.filters import TicketFilter
from core.tickets.query import TicketPage
from core.tickets.vocabulary import PRIORITIES, STATES, public_id
from core.tickets.work import Target
from core.ui import neighbours, session, states, taking_along, times
from core.ui.attempts import tell_on_page
from core.ui.clicked import newly_clicked
from core.ui.tables import grid_height
from core.ui.text import language, t
from core.ui.tickets import actions as ticket_actions
from core.ui.tickets import dialogs, filters, form, names

ROWS = 100
REFRESH = "15s"
CURSOR = "cursor"
ORDER = "tickets_order"
_GRID_HEIGHT = 600
_COLUMNS = ("priority", "title", "due", "state", "operator", "client", "site", "age", "id")
_BESIDE_ONE = ("priority", "title", "due", "state")
"""Those there is room for while a ticket is open beside the list."""
_LIKELY = 0.5
"""From this probability on a missed deadline is hinted at in the list."""


def actions(current: TicketFilter) -> None:
    """What can be done with the page as it stands: a new ticket, take it away, come back to it, share it."""
    if session.may(ticket_actions.WORK):
        form.button()
    taking_along.offer("tickets", current.to_query(), t("tickets_page.export"))


@st.fragment(run_every=REFRESH, key="ticket_list")
def listing(current: TicketFilter) -> None:
    """Everything of the list below the filter."""
    tell_on_page()
    session.require("tickets.view")
    asking = names.reader()
    with session.services().database.read() as opened:
        shown = _page(opened, current)
        number = query.count(opened, current, asking)
        hints = query.predictions(opened, [row.id for row in shown.rows])
    st.session_state[ORDER] = [row.id for row in shown.rows]
    filters.sentence(current, number)
    if not shown.rows:
        nothing(current)
        return
    likely = {number: row.probability for number, row in hints.items() if row.probability >= _LIKELY}
    chosen = _grid(shown.rows, likely, current)
    _bulk([row for row in shown.rows if row.id in chosen])
    neighbours.row("tickets", ("tickets_page.before", "tickets_page.after"), (shown.previous, shown.next), CURSOR)


def _page(opened: Any, current: TicketFilter) -> TicketPage:
    asking = names.reader()
    try:
        return query.page(opened, current, asking, cursor=st.query_params.get(CURSOR), limit=ROWS)
    except InvalidInputError:
        return query.page(opened, current, asking, limit=ROWS)


def nothing(current: TicketFilter) -> None:
    """What stands where no ticket fits the filter."""
    if current == TicketFilter(view=current.view, sort=current.sort):
        states.empty(t(f"tickets_page.empty.{current.view}"), t(f"tickets_page.empty.{current.view}_help"))
        return
    states.empty(
        t("tickets_page.empty.no_match"),
        t("tickets_page.empty.no_match_help"),
        lambda: st.button(
            t("filters.clear"),
            key="tickets_clear",
            on_click=filters.to_address,
            args=(TicketFilter(view=current.view),),
        ),
    )


def _grid(rows: Sequence[TicketRow], likely: dict[int, float], current: TicketFilter) -> list[int]:
    """The rows: a click on a cell opens the ticket, the box at the left ticks it; gives the ticked numbers."""
    place = {row.id: position for position, row in enumerate(rows)}
    ticked = [one for one in st.session_state.get(ticket_actions.SELECTED, []) if one in place]
    key = f"tickets_grid_{hash((current, tuple(place)))}"
    event = st.dataframe(
        _frame(rows, likely),
        key=key,
        height=grid_height(len(rows), _GRID_HEIGHT),
        hide_index=True,
        row_height=35,
        on_select="rerun",
        selection_mode=["multi-row", "single-cell"] if session.may(ticket_actions.WORK) else "single-cell",
        selection_default={"selection": {"rows": [place[one] for one in ticked]}},
        column_order=_shown(rows),
        column_config=_columns(),
        alt=t("tickets_page.grid_alt", n=len(rows)),
    )
    chosen = [rows[position].id for position in event.selection.rows if position < len(rows)]
    st.session_state[ticket_actions.SELECTED] = chosen
    clicked = newly_clicked("tickets", key, [row.id for row in rows], event.selection.cells)
    if clicked is not None:
        ticket_actions.open_ticket(clicked)
        st.rerun()
    return chosen


def _shown(rows: Sequence[TicketRow]) -> Sequence[str]:
    """The columns there is room for; clients only where there are any."""
    if ticket_actions.TICKET in st.query_params:
        return _BESIDE_ONE
    return [name for name in _COLUMNS if name != "client" or any(row.client_id is not None for row in rows)]


def _frame(rows: Sequence[TicketRow], likely: dict[int, float]) -> pd.DataFrame:
    now, known = session.services().clock.now(), names.names()
    return pd.DataFrame(
        {
            "priority": [[t(f"tickets.priorities.{row.priority}")] for row in rows],
            "title": [wording.title(row, language()) for row in rows],
            "due": [_due(row, likely.get(row.id)) for row in rows],
            "state": [[t(f"tickets.states.{row.state}")] for row in rows],
            "operator": [known.operator(row.operator_id) for row in rows],
            "client": [known.client(row.client_id) for row in rows],
            "site": [row.site for row in rows],
            "age": [times.span((now - row.created_at).total_seconds()) for row in rows],
            "id": [public_id(row.id) for row in rows],
        }
    )


def _due(row: TicketRow, probability: float | None) -> str:
    """The next promise in words: what it is, how long is left, and whether it may be missed."""
    clock = names.next_clock(row, session.services().clock.now())
    what = "own" if row.is_open and row.owned_at is None and row.own_due_at is not None else "resolve"
    words = t(f"tickets_page.clock.{what}", clock=clock.words) if row.is_open and clock.state != "none" else clock.words
    return f"{words} (!)" if probability is not None and clock.state != "late" else words


def _columns() -> dict[str, Any]:
    title = 190 if ticket_actions.TICKET in st.query_params else 250
    widths = {"title": title, "operator": 120, "client": 110, "site": 105, "id": 60}
    texts = {
        name: st.column_config.TextColumn(t(f"tickets_page.columns.{name}"), width=width)
        for name, width in widths.items()
    }
    return texts | {
        "priority": st.column_config.MultiselectColumn(
            t("tickets_page.columns.priority"),
            options=[t(f"tickets.priorities.{one}") for one in PRIORITIES],
            color=[names.PRIORITY_COLORS[one] for one in PRIORITIES],
            width=78,
            pinned=True,
        ),
        "state": st.column_config.MultiselectColumn(
            t("tickets_page.columns.state"),
            options=[t(f"tickets.states.{one}") for one in STATES],
            color=[names.STATE_COLORS[one] for one in STATES],
            width=90,
        ),
        "age": st.column_config.TextColumn(t("tickets_page.columns.age"), width=58, alignment="right"),
        "due": st.column_config.TextColumn(
            t("tickets_page.columns.due"), width=165, help=t("tickets_page.columns.due_help")
        ),
    }


def _bulk(chosen: Sequence[TicketRow]) -> None:
    """What can be done with the ticked ones."""
    if not chosen:
        return
    targets = [Target(row.id, row.version) for row in chosen]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="tickets_bulk"):
        st.markdown(f"**{t('tickets_page.ticked', n=len(chosen))}**", width="content")
        if names.reader().operator_id is not None:
            st.button(t("tickets_page.actions.take"), key="bulk_take", on_click=ticket_actions.take, args=(targets,))
        st.button(
            t("tickets_page.actions.give_best"), key="bulk_best", on_click=ticket_actions.give_best, args=(targets,)
        )
        with st.popover(t("tickets_page.actions.prioritise")):
            form.priority_fields(targets, "bulk_priority", None)
        for to in ("waiting", "resolved", "closed"):
            if st.button(t(f"tickets_page.actions.{to}"), key=f"bulk_{to}"):
                dialogs.state_dialog(targets, to)
