"""The queue of alerts: figures and trend of the filter, the grid, what can be done with several at once.

It refreshes itself; what was ticked stays ticked, because ticks are kept by alert and not by place.
"""

from collections.abc import Sequence
from typing import Any, Literal

import pandas as pd
import streamlit as st

from core.alerts import explain, judged, query
from core.alerts.filters import AlertFilter
from core.alerts.query import AlertPage, Reader
from core.alerts.work import Target
from core.detection.finding import SEVERITIES
from core.errors import InvalidInputError
from core.store.models.alerts import AlertRow
from core.ui import figures, neighbours, numbers, session, states, taking_along, times
from core.ui.alerts import actions as alert_actions
from core.ui.alerts import dialogs as alert_dialogs
from core.ui.alerts import figures as alert_figures
from core.ui.alerts import filters, form
from core.ui.attempts import tell_on_page
from core.ui.clicked import newly_clicked
from core.ui.text import language, t
from core.ui.who import person_name

ROWS = 100
REFRESH = "15s"
CURSOR, ALERT = "cursor", "alert"
ORDER = "alerts_order"
SEVERITY_COLORS: dict[str, Literal["gray", "yellow", "orange", "red"]] = {
    "low": "gray",
    "medium": "yellow",
    "high": "orange",
    "critical": "red",
}
_GRID_HEIGHT = 600
_OPENING = "title"


def reader() -> Reader:
    """Who looks, and now."""
    person = session.current_user()
    return Reader(session.services().clock.now(), person.name if person else "")


def may_work() -> bool:
    """Whether the person may change alerts."""
    return session.may("alerts.work")


def actions(current: AlertFilter) -> None:
    """What can be done with the page as it stands: report something, take it away, come back to it, share it."""
    if may_work():
        form.button()
    taking_along.offer("alerts", current.to_query(), t("alerts_page.export"))


@st.fragment(run_every=REFRESH, key="alert_queue")
def queue(current: AlertFilter) -> None:
    """Everything of the queue below the filter."""
    tell_on_page()
    session.require("alerts.view")
    asking = reader()
    with session.services().database.read() as opened:
        shown = _page(opened, current, asking)
        number = query.count(opened, current, asking)
        lines = query.sparklines(opened, shown.rows)
        raised = query.trend(opened, current, asking)
    st.session_state[ORDER] = [row.id for row in shown.rows]
    filters.sentence(current, number)
    if not shown.rows:
        _nothing(current)
        return
    if raised:
        st.plotly_chart(
            alert_figures.raised_by_day(raised, asking.now, {one: t(f"alerts.severities.{one}") for one in SEVERITIES}),
            key="alerts_trend",
            config=figures.CONFIG,
            alt=t("alerts_page.trend_alt"),
        )
    chosen = _grid(shown.rows, lines, current)
    _bulk([row for row in shown.rows if row.id in chosen])
    neighbours.row("alerts", ("alerts_page.newer", "alerts_page.older"), (shown.previous, shown.next), CURSOR)


def _page(opened: Any, current: AlertFilter, asking: Reader) -> AlertPage:
    try:
        return query.page(opened, current, asking, cursor=st.query_params.get(CURSOR), limit=ROWS)
    except InvalidInputError:
        return query.page(opened, current, asking, limit=ROWS)


def _nothing(current: AlertFilter) -> None:
    if current == AlertFilter(sort=current.sort):
        name = "quiet" if judged.has_begun(session.services().database) else "soon"
        states.empty(t(f"alerts_page.empty.{name}"), t(f"alerts_page.empty.{name}_help"))
        return
    states.empty(
        t("alerts_page.empty.no_match"),
        t("alerts_page.empty.no_match_help"),
        lambda: st.button(t("filters.clear"), key="alerts_clear", on_click=filters.to_address, args=(AlertFilter(),)),
    )


def _grid(rows: Sequence[AlertRow], lines: dict[int, list[int]], current: AlertFilter) -> list[int]:
    """The rows: a click on a cell opens the alert, the box at the left ticks it; gives the ticked alerts' numbers."""
    place = {row.id: position for position, row in enumerate(rows)}
    ticked = [one for one in st.session_state.get(alert_actions.SELECTED, []) if one in place]
    key = f"alerts_grid_{hash((current, tuple(place)))}"
    event = st.dataframe(
        _frame(rows, lines),
        key=key,
        height=min(_GRID_HEIGHT, 38 + 35 * len(rows)),
        hide_index=True,
        row_height=35,
        on_select="rerun",
        selection_mode=["multi-row", "single-cell"] if may_work() else "single-cell",
        selection_default={"selection": {"rows": [place[one] for one in ticked]}},
        column_config=_columns(is_beside=ALERT in st.query_params),
        alt=t("alerts_page.grid_alt", n=len(rows)),
    )
    chosen = [rows[position].id for position in event.selection.rows if position < len(rows)]
    st.session_state[alert_actions.SELECTED] = chosen
    clicked = newly_clicked("alerts", key, [row.id for row in rows], event.selection.cells)
    if clicked is not None:
        st.query_params[ALERT] = str(clicked)
        st.rerun()
    return chosen


def _frame(rows: Sequence[AlertRow], lines: dict[int, list[int]]) -> pd.DataFrame:
    now = session.services().clock.now()
    return pd.DataFrame(
        {
            "severity": [[t(f"alerts.severities.{row.severity}")] for row in rows],
            _OPENING: [explain.title(row, language()) for row in rows],
            "entity": [row.entity_name or row.entity for row in rows],
            "age": [times.span((now - row.emitted_at).total_seconds()) for row in rows],
            "state": [state_words(row) for row in rows],
            "owner": [person_name(row.owner) if row.owner else "" for row in rows],
            "cost": [money(row.cost) for row in rows],
            "spark": [lines.get(row.id, []) for row in rows],
            "calls": [row.evidence_count for row in rows],
            "site": [row.site for row in rows],
            "id": [row.public_id for row in rows],
        }
    )


def money(amount: float) -> str:
    """Dollars as the session's language writes them; nothing for what costs nothing."""
    return t("alerts_page.money", amount=numbers.whole(amount)) if amount >= 0.5 else ""


def state_words(row: AlertRow) -> str:
    """The state of an alert in a word: what hides it or what was said of it comes before its plain state."""
    now = session.services().clock.now()
    if row.is_open and row.muted_until is not None and row.muted_until > now:
        return t("alerts.states.muted")
    if row.state == "open" and row.acknowledged_at is not None:
        return t("alerts.states.acknowledged")
    if row.verdict:
        return t(f"alerts.verdicts.{row.verdict}")
    return t(f"alerts.states.{row.state}")


def _columns(*, is_beside: bool) -> dict[str, Any]:
    """``is_beside``: an alert is open beside the grid, and what tells the rows apart must fit into what is left."""
    title, entity, state = (195, 110, 100) if is_beside else (305, 130, 110)
    texts = {
        name: st.column_config.TextColumn(t(f"alerts_page.columns.{name}"), width=width)
        for name, width in {
            "title": title,
            "entity": entity,
            "state": state,
            "owner": 90,
            "site": 110,
            "id": 90,
        }.items()
    }
    return texts | {
        "severity": st.column_config.MultiselectColumn(
            t("alerts_page.columns.severity"),
            options=[t(f"alerts.severities.{one}") for one in SEVERITIES],
            color=[SEVERITY_COLORS[one] for one in SEVERITIES],
            width=85,
            pinned=True,
        ),
        "age": st.column_config.TextColumn(t("alerts_page.columns.age"), width=58, alignment="right"),
        "cost": st.column_config.TextColumn(t("alerts_page.columns.cost"), width=75, alignment="right"),
        "calls": st.column_config.NumberColumn(t("alerts_page.columns.calls"), width=60),
        "spark": st.column_config.BarChartColumn(
            t("alerts_page.columns.spark"), width=90, y_min=0, help=t("alerts_page.columns.spark_help")
        ),
    }


def _bulk(chosen: Sequence[AlertRow]) -> None:
    """What can be done with the ticked ones."""
    if not chosen:
        return
    targets = [Target(row.id, row.version) for row in chosen]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="alerts_bulk"):
        st.markdown(f"**{t('alerts_page.ticked', n=len(chosen))}**", width="content")
        for name, act in (
            ("acknowledge", alert_actions.acknowledge),
            ("assign_me", alert_actions.assign_me),
            ("investigate", alert_actions.investigate),
        ):
            st.button(t(f"alerts_page.actions.{name}"), key=f"bulk_{name}", on_click=act, args=(targets,))
        if st.button(t("alerts_page.actions.close"), key="bulk_close"):
            alert_dialogs.close(targets)
