"""One report on the page: what it is about, its figures, pictures and tables, its files, and the way to keep it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pandas as pd
import streamlit as st

from core.errors import NotAllowedError
from core.reports.asking import ask_for
from core.reports.document import Figure, Kind
from core.reports.forms import FORMATS, USUAL
from core.reports.order import ReportOrder
from core.reports.runs import Wanted
from core.reports.spelling import length, spelt
from core.ui import figures, numbers, session, states, times
from core.ui.attempts import pressed
from core.ui.components.copying import copy_button
from core.ui.reports import figures as report_figures
from core.ui.reports import reading, report_address
from core.ui.reports.reading import Shown, ShownTable
from core.ui.tables import grid_height
from core.ui.text import escaped, language, t

GRID_HEIGHT = 460


def draw(order: ReportOrder, person: session.CurrentUser) -> None:
    """The whole report below its controls."""
    for permission in order.needs:
        if not person.may(permission):
            states.failed(NotAllowedError(permission=t(f"access.permissions.{permission}")))
            return
    with st.spinner(t("reports_page.making"), show_time=True):
        found = reading.shown(order)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(escaped(found.sentence))
        st.space("stretch")
        copy_button(t("ui.copy_link"), t("ui.copied"), key="report_link")
    _files(order)
    _figures(found.figures)
    _pictures(found)
    _tables(order, found)


def _files(order: ReportOrder) -> None:
    parameters = urlencode(report_address.file_query(order), doseq=True)
    with st.container(horizontal=True, key="report-files"):
        for format in FORMATS:
            address = f"/exports/reports/{order.kind}.{format}?{parameters}"
            states.action_link(t(f"reports_page.formats.{format}"), address, primary=format == "html", wide=False)
        with st.popover(t("reports_page.keep"), icon=":material/inventory_2:"):
            _keep_form(order)
        if (person := session.current_user()) and person.may("reports.manage"):
            st.button(
                t("reports_page.schedule_this"), icon=":material/schedule:", key="report_schedule", on_click=_schedule
            )


def _schedule() -> None:
    st.query_params["view"] = "schedules"


def _keep_form(order: ReportOrder) -> None:
    st.caption(t("reports_page.keep_help"))
    with st.form("report_keep", border=False):
        st.pills(
            t("reports_page.files"),
            list(FORMATS),
            default=USUAL,
            selection_mode="multi",
            format_func=lambda one: t(f"reports_page.formats.{one}"),
            key="report_keep_formats",
        )
        st.form_submit_button(
            t("reports_page.make"),
            icon=":material/play_arrow:",
            type="primary",
            key="report_keep_go",
            on_click=pressed,
            args=(lambda: _keep(order), t("reports_page.asked")),
        )


def _keep(order: ReportOrder) -> None:
    person, parts = session.check("reports.view"), session.services()
    for permission in order.needs:
        session.check(permission)
    now = parts.clock.now()
    wanted = Wanted(
        order, order.stretch(now, str(times.zone())), tuple(st.session_state["report_keep_formats"]), language()
    )
    with parts.database.write() as opened:
        run = ask_for(opened, wanted, key=f"page:{uuid4().hex}", requested_by=person.name, at=now)
    st.query_params.from_dict({"view": "history", "run": str(run)})


def _figures(found: Sequence[Figure]) -> None:
    if not found:
        return
    with st.container(key="kpis"), st.grid(min(len(found), 6), min_column_width=150, gap="small"):
        for figure in found:
            metric(figure, t("reports_page.before"))


def metric(figure: Figure, before: str) -> None:
    """One figure with how it moved."""
    moved = _moved(figure)
    st.metric(
        figure.title,
        spelt(figure.value, figure.kind, language(), times.zone()),
        moved,
        delta_color="off",
        delta_description=before if moved is not None else None,
        border=True,
        height="stretch",
    )


def _moved(figure: Figure) -> str | int | None:
    if figure.value is None or figure.before is None:
        return None
    if figure.kind == "share":
        difference = figure.value - figure.before
        return numbers.signed_points(difference) if round(difference, 3) else 0
    if not figure.before:
        return None
    change = figure.value / figure.before - 1
    return numbers.signed_share(change) if round(change, 3) else 0


def _pictures(found: Shown) -> None:
    wide = [one for one in found.pictures if one.form != "ranks" and one.labels]
    ranks = [one for one in found.pictures if one.form == "ranks" and one.labels]
    for picture in wide:
        _picture(picture.name, picture, found)
    if ranks:
        with st.grid(2, min_column_width=330, gap="medium"):
            for picture in ranks:
                _picture(picture.name, picture, found)


def _picture(name: str, picture: Any, found: Shown) -> None:
    with st.container(border=True, key=f"card-report-{name}", height="stretch"):
        st.markdown(f"**{escaped(picture.title)}**")
        st.plotly_chart(
            report_figures.drawn(picture, found.period, language()),
            key=f"report_picture_{name}",
            config=figures.CONFIG,
            alt=picture.title,
        )


def _tables(order: ReportOrder, found: Shown) -> None:
    if not found.tables:
        return
    for tab, table in zip(st.tabs([table.title for table in found.tables]), found.tables, strict=True):
        with tab:
            _table(order, table)


def _table(order: ReportOrder, table: ShownTable) -> None:
    if not table.rows:
        st.caption(t("reports.nothing"))
        return
    st.dataframe(
        frame(table),
        key=f"report_table_{table.name}",
        hide_index=True,
        height=grid_height(len(table.rows), GRID_HEIGHT),
        placeholder="–",
        column_config={title: _column(title, kind) for _, title, kind in table.columns},
        alt=table.title,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        said = [t("reports_page.more", n=reading.ROWS)] if table.more else []
        st.caption(" ".join([*said, *filter(None, [table.note])]))
        st.space("stretch")
        parameters = urlencode({**report_address.file_query(order), "table": [table.name]}, doseq=True)
        for format in ("csv", "parquet"):
            address = f"/exports/reports/{order.kind}.{format}?{parameters}"
            states.action_link(t(f"reports_page.formats.{format}"), address, primary=False, wide=False)


def frame(table: ShownTable) -> pd.DataFrame:
    """The rows under their titles, times and lengths spelt, numbers as numbers."""
    cells = [[_cell(value, kind) for value, (_, _, kind) in zip(row, table.columns, strict=True)] for row in table.rows]
    return pd.DataFrame(cells, columns=[title for _, title, _ in table.columns])


def _cell(value: Any, kind: Kind) -> Any:
    if value is None:
        return None
    if kind == "instant":
        return times.to_the_minute(value)
    if kind == "seconds":
        return length(value)
    if kind == "flag":
        return t("reports.yes") if value else t("reports.no")
    return str(value) if kind in ("text", "day") else value


def _column(title: str, kind: Kind) -> Any:
    if kind == "share":
        return st.column_config.NumberColumn(title, format="percent")
    if kind in ("count", "number"):
        return st.column_config.NumberColumn(title, format="localized")
    if kind == "money":
        return st.column_config.NumberColumn(title, format="%.2f")
    return st.column_config.TextColumn(title, alignment="right" if kind == "seconds" else "left")
