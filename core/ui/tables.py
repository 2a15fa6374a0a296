"""Grids of rows: their columns, titles and formats."""

from collections.abc import Sequence
from typing import Any, Literal

import pandas as pd
import streamlit as st

from core.calls.filter_terms import value_label
from core.ui import reading, times
from core.ui.text import language, named, t

COLUMNS = (
    "start_time",
    "calling_number",
    "called_number",
    "outcome",
    "duration",
    "user",
    "direction",
    "far_country",
    "location",
    "call_type",
)
"""What the grid of calls shows, first what has to be seen beside an open record, which shows everything."""
READ = (*COLUMNS, "report_id", "international", "site_timezone", "far_number", "user_uuid", "correlation_id")
GRID_HEIGHT = 560
_TITLES, _ROW = 38, 35
"""Pixels of the titles and of one row, the most that any grid has."""
_LABELLED = {"call_type": "call_types", "outcome": "outcomes"}


def grid_height(rows: int, most: int) -> int | Literal["content"]:
    """The height of a grid: that of its ``rows`` where they fit into ``most`` pixels, else these.

    A height counted here would differ from what the browser draws, and leave empty lines below the last row.
    """
    return "content" if _TITLES + _ROW * rows <= most else most


def calls(rows: Sequence[dict[str, Any]], *, key: str, at_site: bool) -> int | None:
    """The grid of legs; gives the position of the chosen row. ``at_site`` shows each start in its site's own time."""
    shown = st.dataframe(
        _frame(rows, at_site),
        key=key,
        height=grid_height(len(rows), GRID_HEIGHT),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        column_config=_columns(at_site),
        placeholder=t("ui.none"),
        alt=t("calls_page.grid_alt", n=len(rows)),
    )
    chosen = shown.selection.rows
    return chosen[0] if chosen and chosen[0] < len(rows) else None


def _frame(rows: Sequence[dict[str, Any]], at_site: bool) -> pd.DataFrame:
    countries = reading.country_names()
    shown = [{column: _cell(row, column, countries) for column in COLUMNS[1:]} for row in rows]
    frame = pd.DataFrame(shown, columns=list(COLUMNS[1:]))
    frame.insert(0, "start_time", [_start(row, at_site) for row in rows])
    return frame


def _start(row: dict[str, Any], at_site: bool) -> str:
    instant = row["start_time"]
    if at_site and (site := times.site_time(instant, row["site_timezone"])):
        return site
    return times.moment(instant)


def _cell(row: dict[str, Any], column: str, countries: dict[str, str]) -> str:
    value = row[column]
    if column == "direction":
        return named("calls_page.directions", value.lower()) if value else ""
    if column in _LABELLED:
        return value_label(_LABELLED[column], value, language()) if value else ""
    if column == "far_country":
        return countries.get(value, value) if value else ""
    if column == "duration":
        return times.clock_span(value) if value else ""
    return value or ""


def _columns(at_site: bool) -> dict[str, Any]:
    titles = {column: t(f"calls_page.columns.{column}") for column in COLUMNS}
    if at_site:
        titles["start_time"] = t("calls_page.columns.start_at_site")
    widths = {
        "start_time": 145,
        "calling_number": 125,
        "called_number": 125,
        "outcome": 180,
        "duration": 65,
        "direction": 80,
    }
    return {
        column: st.column_config.TextColumn(
            title,
            pinned=column == "start_time",
            width=widths.get(column, 115),
            alignment="right" if column == "duration" else "left",
        )
        for column, title in titles.items()
    }
