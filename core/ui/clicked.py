"""Which row of a grid was clicked just now: a grid keeps its chosen cell, but what it opens is opened once."""

from collections.abc import Sequence
from typing import Any, TypeVar

import streamlit as st

Id = TypeVar("Id")


def newly_clicked(list_name: str, grid: str, ids: Sequence[Id], cells: Sequence[Any]) -> Id | None:
    """The id of the row whose cell was clicked since the last look; ``None`` where nothing is new.

    ``grid`` is the key of the grid, ``ids`` those of its rows in order, ``cells`` its selection.
    """
    remembered = f"{list_name}_last_cell"
    if not cells or cells[0][0] >= len(ids):
        st.session_state.pop(
            remembered, None
        )  # A grid drawn anew has no cell: the row left before may be clicked again.
        return None
    clicked: Id = ids[cells[0][0]]
    if st.session_state.get(remembered) == (grid, clicked):
        return None
    st.session_state[remembered] = (grid, clicked)
    return clicked
