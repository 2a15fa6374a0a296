"""The visits of the filter as a list, and what can be done with the page as it stands."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.errors import InvalidInputError
from core.store.models.visits import VisitRow
from core.ui import neighbours, session, states, taking_along, times
from core.ui.clicked import newly_clicked
from core.ui.tables import grid_height
from core.ui.text import t
from core.ui.visits import actions as visit_actions
from core.ui.visits import calendar_view, filters, form
from core.visits import feed, query
from core.visits.filters import SORTS, VisitFilter
from core.visits.query import VisitPage
from core.visits.vocabulary import OVERDUE, STATES

ROWS = 100
CURSOR = "cursor"
_STATE_COLORS = ("blue", "green", "red", "gray", "orange")
_GRID_HEIGHT = 600


def actions(current: VisitFilter) -> None:
    """What can be done with the page: schedule, take it away, read along in another calendar, share it."""
    if visit_actions.may_work():
        form.button()
    with st.popover(t("visits_page.feed.open"), icon=":material/calendar_add_on:"):
        _feed()
    taking_along.offer("visits", current.to_query(), t("visits_page.export"))


def _feed() -> None:
    """The person's own visits as an address that calendar programs read; made when it is asked for."""
    st.caption(t("visits_page.feed.help", days=feed.LINK_AGE.days))
    if st.button(t("visits_page.feed.make"), key="visits_feed", icon=":material/link:"):
        person = session.require("visits.view")
        link = feed.address(session.services(), person.id)
        st.code(link, language=None, wrap_lines=True)


def listing(current: VisitFilter) -> None:
    """The list of the filter, with its own order and pages."""
    asking = visit_actions.reader()
    with session.services().database.read() as opened:
        shown = _page(opened, current)
        number = query.count(opened, current, asking)
    filters.sentence(current, number)
    if not shown.rows:
        _nothing(current)
        return
    _sort(current)
    _grid(shown.rows, current)
    neighbours.row("visits", ("visits_page.before", "visits_page.after"), (shown.previous, shown.next), CURSOR)


def _page(opened: Any, current: VisitFilter) -> VisitPage:
    asking = visit_actions.reader()
    try:
        return query.page(opened, current, asking, cursor=st.query_params.get(CURSOR), limit=ROWS)
    except InvalidInputError:
        return query.page(opened, current, asking, limit=ROWS)


def _nothing(current: VisitFilter) -> None:
    if current == VisitFilter(sort=current.sort):
        states.empty(t("visits_page.empty.none"), t("visits_page.empty.none_help"))
        return
    states.empty(
        t("visits_page.empty.no_match"),
        t("visits_page.empty.no_match_help"),
        lambda: st.button(t("filters.clear"), key="visits_clear", on_click=filters.to_address, args=(VisitFilter(),)),
    )


def _sort(current: VisitFilter) -> None:
    other = SORTS[1 - SORTS.index(current.sort)]
    st.button(
        t(f"visits_page.sort.{other}"),
        key="visits_sort",
        icon=":material/swap_vert:",
        type="tertiary",
        on_click=filters.to_address,
        args=(VisitFilter.from_query({**current.to_query(), "sort": other}),),
    )


def _grid(rows: Sequence[VisitRow], current: VisitFilter) -> None:
    key = f"visits_grid_{hash((current, tuple((row.id, row.version) for row in rows)))}"
    event = st.dataframe(
        _frame(rows),
        key=key,
        height=grid_height(len(rows), _GRID_HEIGHT),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-cell",
        column_config=_columns(),
        alt=t("visits_page.grid_alt", n=len(rows)),
    )
    clicked = newly_clicked("visits", key, [row.id for row in rows], event.selection.cells)
    if clicked is not None:
        visit_actions.open_visit(clicked)
        st.rerun()


def _frame(rows: Sequence[VisitRow]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "when": [times.to_the_minute(row.starts_at) for row in rows],
            "state": [[t(f"visits.states.{calendar_view.state_of(row)}")] for row in rows],
            "client": [row.client_name for row in rows],
            "title": [row.title for row in rows],
            "operator": [row.operator_name for row in rows],
            "place": [row.place for row in rows],
            "minutes": [round((row.ends_at - row.starts_at).total_seconds() / 60) for row in rows],
            "id": [row.public_id for row in rows],
        }
    )


def _columns() -> dict[str, Any]:
    widths = {"when": 130, "client": 160, "title": 200, "operator": 140, "place": 180, "id": 95}
    texts = {
        name: st.column_config.TextColumn(t(f"visits_page.columns.{name}"), width=width, pinned=name == "when")
        for name, width in widths.items()
    }
    return texts | {
        "state": st.column_config.MultiselectColumn(
            t("visits_page.columns.state"),
            options=[t(f"visits.states.{one}") for one in (*STATES, OVERDUE)],
            color=list(_STATE_COLORS),
            width=115,
        ),
        "minutes": st.column_config.NumberColumn(t("visits_page.columns.minutes"), width=75),
    }
