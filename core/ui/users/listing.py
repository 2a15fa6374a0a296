"""Calling users on the Users page: filter, the list with the riskiest first, and the way to one of them."""

import json
from math import isfinite
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from core.errors import TollwatchError
from core.risk import query
from core.risk.query import Mark, UserFilter, UserPage
from core.risk.score import BANDS
from core.store.storable import is_storable
from core.ui import address, numbers, session, states, times
from core.ui.components.copying import copy_button
from core.ui.text import t
from core.ui.users import detail

ROWS = 100
USER, CURSOR = "user", "cursor"
_LAST = "user_last_choice"
_WIDTHS = {"anomalies": 165, "open_alerts": 125, "devices": 90, "band": 120, "department": 150, "number": 125}
"""In pixels: what the heading or the longest value of either language needs; the others fit by themselves."""
COLUMNS = (
    "name", "risk", "band", "trend", "anomalies", "open_alerts", "last_seen", "devices", "site", "department", "number",
    "extension",
)  # fmt: skip


def board() -> None:
    """One user when the address names one, else the list."""
    try:
        if uuid := st.query_params.get(USER):
            detail.panel(uuid)
        else:
            _list(_filter())
    except TollwatchError as error:
        states.failed(error)


def _filter() -> UserFilter:
    with session.services().database.read() as opened:
        sites, departments = query.choices(opened)
    chosen_sites, chosen_departments = address.several("site", sites), address.several("department", departments)
    band = address.choice("band", ("", *BANDS), "")
    search = st.query_params.get("search", "")[: query.LONGEST_TEXT]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            t("risk.search"),
            key=address.shown("u_search", search),
            max_chars=query.LONGEST_TEXT,
            width=260,
            on_change=_kept,
            args=("search", "u_search"),
        )
        for name, values, chosen in (("site", sites, chosen_sites), ("department", departments, chosen_departments)):
            st.multiselect(
                t(f"risk.{name}s"),
                values,
                key=address.shown(f"u_{name}", chosen),
                placeholder=t("ui.all"),
                width=240,
                on_change=_kept,
                args=(name, f"u_{name}"),
            )
        st.pills(
            t("risk.band"),
            BANDS,
            format_func=lambda one: t(f"risk.bands.{one}"),
            key=address.shown("u_band", band or None),
            on_change=_kept,
            args=("band", "u_band"),
        )
    return UserFilter(
        search, tuple(chosen_sites), tuple(chosen_departments), next((b for b in BANDS if b == band), None)
    )


def _kept(parameter: str, key: str) -> None:
    st.query_params.pop(CURSOR, None)
    address.keep(parameter, key, "")


def _mark() -> Mark | None:
    """The place in the list that the address names; one that is none of ours is the beginning."""
    try:
        told, name, uuid = json.loads(st.query_params.get(CURSOR, ""))
        total = float(told)
        is_ours = isfinite(total) and is_storable(f"{name}{uuid}")
        return (total, str(name), str(uuid)) if is_ours else None
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None


def _list(wanted: UserFilter) -> None:
    now = session.services().clock.now()
    with session.services().database.read() as opened:
        total = query.count(opened, wanted)
        page = query.page(opened, wanted, now, after=_mark(), limit=ROWS)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(t("risk.count", n=numbers.whole(total)))
        st.space("stretch")
        if total and (person := session.current_user()) and person.may("calls.export"):
            parameters = urlencode(wanted.to_query(), doseq=True)
            states.action_link(t("risk.csv"), f"/exports/users.csv?{parameters}", primary=False, wide=False)
        copy_button(t("ui.copy_link"), t("ui.copied"), key="users_link")
    if not page.users:
        states.empty(t("risk.empty.title"), t("risk.empty.help"))
        return
    _grid(page)
    _neighbours(page)
    st.caption(t("risk.choose"))


def _grid(page: UserPage) -> None:
    rows = [_cells(user) for user in page.users]
    shown = st.dataframe(
        pd.DataFrame(rows, columns=list(COLUMNS)),
        key=f"users_grid_{st.query_params.get(CURSOR, '')}_{len(rows)}",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        height=min(600, 38 + 35 * len(rows)),
        column_config={column: _column(column) for column in COLUMNS},
        alt=t("risk.alt"),
    )
    chosen = shown.selection.rows
    if chosen and chosen[0] < len(page.users):
        uuid = page.users[chosen[0]].uuid
        if st.session_state.get(_LAST) != uuid:
            st.session_state[_LAST] = uuid
            st.query_params[USER] = uuid
            st.rerun()


def _cells(user: query.UserRisk) -> dict[str, object]:
    told: dict[str, object] = {column: getattr(user, column) for column in COLUMNS}
    told["band"] = t(f"risk.bands.{user.band}")
    told["last_seen"] = times.to_the_minute(user.last_seen)
    told["trend"] = numbers.signed_points_of_risk(user.trend) if user.trend else t("ui.none")
    return told


def _column(name: str) -> Any:
    label = t(f"risk.columns.{name}")
    if name == "risk":
        return st.column_config.ProgressColumn(label, min_value=0, max_value=100, format="%.0f", width=110)
    if name in ("anomalies", "open_alerts", "devices"):
        return st.column_config.NumberColumn(label, width=_WIDTHS[name])
    return st.column_config.TextColumn(label, pinned=name == "name", width=_WIDTHS.get(name))


def _neighbours(page: UserPage) -> None:
    with st.container(horizontal=True):
        st.button(
            t("risk.first"), key="users_first", disabled=CURSOR not in st.query_params, on_click=_go, args=(None,)
        )
        st.button(t("risk.next"), key="users_next", disabled=page.next is None, on_click=_go, args=(page.next,))


def _go(mark: Mark | None) -> None:
    if mark is None:
        st.query_params.pop(CURSOR, None)
    else:
        st.query_params[CURSOR] = json.dumps(mark)
