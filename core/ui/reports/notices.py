"""What the last click on the Reports page brought: told once, above everything else."""

from collections.abc import Callable

import streamlit as st

from core.errors import TollwatchError
from core.ui import states
from core.ui.text import t

_PROBLEM, _DONE = "report_problem", "report_done"


def attempt(action: Callable[[], object], done: str) -> None:
    """Do what a button asks; what refuses it, or the text ``done``, stands on the page next."""
    try:
        action()
    except TollwatchError as error:
        st.session_state[_PROBLEM] = error
        return
    st.session_state[_DONE] = done


def told() -> None:
    """What the last click brought."""
    if problem := st.session_state.pop(_PROBLEM, None):
        states.told(problem)
    if done := st.session_state.pop(_DONE, None):
        st.success(t(done), icon=":material/check_circle:")
