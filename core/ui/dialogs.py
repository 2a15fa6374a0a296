"""Dialogs that ask before something is done: they stay, with all that was typed, until it is done."""

from collections.abc import Callable
from typing import Any, Literal

import streamlit as st

from core.errors import TollwatchError
from core.ui import attempts, refusals

_LEFT = ("done", "problem")


def asked(
    form: str, title: str, icon: str, draw: Callable[[], None], *, width: Literal["small", "medium", "large"] = "small"
) -> None:
    """Open a dialog that ``draw`` fills and that closes once its button has done its work; ``form`` names it."""

    @st.dialog(title, icon=icon, width=width)
    def ask() -> None:
        if st.session_state.pop(f"{form}_done", False):
            st.rerun()
        draw()
        if problem := st.session_state.pop(f"{form}_problem", None):
            _tell(problem)

    for left in _LEFT:
        st.session_state.pop(f"{form}_{left}", None)
    ask()


def attempt(form: str, action: Callable[[], Any], done: str, *, stays: bool = True) -> bool:
    """Callback of a dialog's button: do it and close; what refuses it is told in the dialog, which stays.

    Without ``stays`` the dialog closes even so, and the page tells: what was done in part cannot be asked for again.
    """
    if not stays:
        finished(form)
        return attempts.attempt(action, done)
    try:
        action()
    except TollwatchError as error:
        refused(form, error)
        return False
    finished(form, done)
    return True


def finished(form: str, done: str = "") -> None:
    """Callback of a dialog's button: its work is done; ``done`` is told on the page."""
    st.session_state[f"{form}_done"] = True
    if done:
        attempts.say(done)


def refused(form: str, problem: str | TollwatchError) -> None:
    """Callback of a dialog's button: what is missing, as text, or wrong; the dialog stays."""
    st.session_state[f"{form}_problem"] = problem


def _tell(problem: str | TollwatchError) -> None:
    if isinstance(problem, TollwatchError):
        refusals.told(problem)
    else:
        st.error(problem, icon=":material/error:")
