"""Shifts: the week of everybody by the viewer's clock, and the editor of one operator's shifts."""

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.operators import hours, presence, roster
from core.operators.hours import Shift
from core.store.models.operators import OperatorAbsenceRow, OperatorRow
from core.ui import figures, session, states, times
from core.ui.edited_rows import edited
from core.ui.operators import work
from core.ui.text import t

DAYS = 7
_ROW_HEIGHT, _LEAST_HEIGHT = 36, 150
_FIELDS = ("weekdays", "begins", "ends", "time_zone", "valid_from", "valid_until")


def draw() -> None:
    """The picture of the coming week, then the editor."""
    now = session.services().clock.now()
    with session.services().database.read() as opened:
        rows = roster.everybody(opened)
        shifts = presence.shifts_of(opened, [row.id for row in rows])
        away = presence.absences(opened, now, [row.id for row in rows])
    if not rows:
        states.empty(t("operators_page.empty.operators"), t("operators_page.empty.operators_help"))
        return
    st.caption(t("operators_page.shifts.help", zone=times.zone().key))
    st.plotly_chart(
        figure(rows, shifts, away), key="shifts_figure", config=figures.CONFIG, alt=t("operators_page.shifts.alt")
    )
    if work.may_manage():
        _editor(rows, shifts)


def figure(
    rows: Sequence[OperatorRow], shifts: Mapping[int, Sequence[Shift]], away: Sequence[OperatorAbsenceRow]
) -> go.Figure:
    """A bar for each span somebody works in the seven days from the start of today, absences over it."""
    now = session.services().clock.now()
    since = times.start_of_day(now)
    until = since + timedelta(days=DAYS)
    drawn: dict[str, list[tuple[str, Any, Any]]] = {"shift": [], "absent": []}
    for row in rows:
        spans = hours.worked(shifts[row.id], since, until) if shifts[row.id] else [(since, until)]
        drawn["shift"] += [(row.name, max(begin, since), min(end, until)) for begin, end in spans]
    names = {row.id: row.name for row in rows}
    for one in away:
        begin, end = max(one.begins_at, since), min(one.ends_at, until)
        if begin < end:
            drawn["absent"].append((names[one.operator_id], begin, end))
    bars = [
        go.Bar(
            y=[name for name, _, _ in spans],
            base=[times.local(begin).replace(tzinfo=None) for _, begin, _ in spans],
            x=[(end - begin).total_seconds() * 1000 for _, begin, end in spans],
            orientation="h",
            name=t(f"operators_page.shifts.{kind}"),
            marker={"color": color},
            width=width,
        )
        for (kind, spans), color, width in zip(drawn.items(), (figures.CALM, figures.MUTED), (0.6, 0.35), strict=True)
    ]
    return go.Figure(
        bars,
        {
            "barmode": "overlay",
            "height": max(_LEAST_HEIGHT, 70 + _ROW_HEIGHT * len(rows)),
            "margin": {"l": 0, "r": 0, "t": 8, "b": 0},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "legend": {"orientation": "h", "y": 1.15, "x": 1, "xanchor": "right"},
            "xaxis": {
                "type": "date",
                "tickformat": "%d/%m",
                "fixedrange": True,
                "range": [_naive(since), _naive(until)],
            },
            "yaxis": {"fixedrange": True, "automargin": True, "autorange": "reversed"},
        },
    )


def _naive(instant: Any) -> Any:
    return times.local(instant).replace(tzinfo=None)


def _editor(rows: Sequence[OperatorRow], shifts: Mapping[int, Sequence[Shift]]) -> None:
    with st.container(border=True, key="card-shifts"):
        row = st.selectbox(
            t("operators_page.shifts.whose"), rows, format_func=lambda one: one.name, key="shifts_whose", width=320
        )
        kept = _as_rows(shifts[row.id])
        key = f"shifts_{row.id}_{hash(tuple(shifts[row.id]))}"
        with st.form(f"form_{key}", border=False):
            st.data_editor(
                pd.DataFrame(kept, columns=list(_FIELDS)),
                key=key,
                num_rows="dynamic",
                hide_index=True,
                placeholder="–",
                column_config=_columns(),
            )
            st.caption(t("operators_page.shifts.editor_help"))
            st.form_submit_button(
                t("operators_page.form.keep"), type="primary", on_click=_save, args=(row.id, key, kept)
            )


def _as_rows(shifts: Sequence[Shift]) -> list[dict[str, Any]]:
    return [
        {
            "weekdays": [str(day) for day in shift.weekdays],
            "begins": time(shift.begins // 60, shift.begins % 60),
            "ends": time(shift.ends // 60, shift.ends % 60),
            "time_zone": shift.time_zone,
            "valid_from": shift.valid_from,
            "valid_until": shift.valid_until,
        }
        for shift in shifts
    ]


def _columns() -> dict[str, Any]:
    titles = {name: t(f"operators_page.shifts.columns.{name}") for name in _FIELDS}
    return {
        "weekdays": st.column_config.MultiselectColumn(
            titles["weekdays"],
            options=[str(day) for day in range(7)],
            format_func=lambda day: t(f"operators_page.weekdays.{day}"),
            required=True,
            width=230,
        ),
        "begins": st.column_config.TimeColumn(titles["begins"], format="HH:mm", required=True),
        "ends": st.column_config.TimeColumn(titles["ends"], format="HH:mm", required=True),
        "time_zone": st.column_config.SelectboxColumn(
            titles["time_zone"], options=times.all_zones(), required=True, default=times.zone().key
        ),
        "valid_from": st.column_config.DateColumn(titles["valid_from"], format="YYYY-MM-DD"),
        "valid_until": st.column_config.DateColumn(titles["valid_until"], format="YYYY-MM-DD"),
    }


def _save(operator_id: int, key: str, kept: list[dict[str, Any]]) -> None:
    """Callback: keep the shifts as the editor has them."""
    told = edited(kept, st.session_state[key])
    work.attempt(
        lambda opened, who, at: presence.set_shifts(
            opened, operator_id, [_shift(row) for row in told], actor=who, at=at
        ),
        t("operators_page.kept"),
    )


def _shift(row: Mapping[str, Any]) -> Shift:
    """The shift of an editor's row. Raises ``InvalidInputError`` for one that lacks a part."""
    return Shift(
        weekdays=tuple(int(day) for day in row.get("weekdays") or ()),
        begins=_minute(row.get("begins")),
        ends=_minute(row.get("ends")),
        time_zone=str(row.get("time_zone") or ""),
        valid_from=_day(row.get("valid_from")),
        valid_until=_day(row.get("valid_until")),
    ).checked()


def _minute(value: Any) -> int:
    """Minutes of the day; -1, which no shift takes, for none."""
    if isinstance(value, str) and value:
        value = time.fromisoformat(value)
    return value.hour * 60 + value.minute if isinstance(value, time) else -1


def _day(value: Any) -> date | None:
    if isinstance(value, str) and value:
        return date.fromisoformat(value[:10])
    return value if isinstance(value, date) else None
