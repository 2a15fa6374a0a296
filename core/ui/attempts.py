"""What buttons do: try it, keep what came of it over the next run of the page, tell it once at the head."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import streamlit as st

from core.errors import TollwatchError
from core.ui import refusals
from core.ui.components.copying import copy_button
from core.ui.text import t

PROBLEM, DONE = "attempt_problem", "attempt_done"
_SHOWN_ONCE = "attempt_shown_once"


class Outcome(Protocol):
    """What became of one of several."""

    @property
    def error(self) -> TollwatchError | None:
        """What kept it from being done."""


def attempt(action: Callable[[], Any], done: str = "") -> bool:
    """Do what a button asks; what refuses it, or ``done``, is told next. Gives whether it was done."""
    try:
        action()
    except TollwatchError as error:
        st.session_state[PROBLEM] = error
        return False
    if done:
        say(done)
    return True


def pressed(action: Callable[[], Any], done: str = "") -> None:
    """``attempt`` as the callback of a button itself."""
    attempt(action, done)


def say(done: str) -> None:
    """Tell next that something was done; now it would often be lost with the run, and with it in a dialog."""
    st.session_state[DONE] = done


def all_of(outcomes: Sequence[Outcome]) -> None:
    """Of several, say how many were done if not all were. Raises the first error."""
    failed = [outcome.error for outcome in outcomes if outcome.error is not None]
    if failed and len(outcomes) > 1:
        say(t("ui.some_done", n=len(outcomes) - len(failed), of=len(outcomes)))
    if failed:
        raise failed[0]


def show_once(label: str, secret: str) -> None:
    """Show a secret next, and never again; ``label`` is Markdown."""
    st.session_state[_SHOWN_ONCE] = (label, secret)


def notices() -> None:
    """At the head of a page: why the last click was refused, that it was done, a secret shown once."""
    if problem := st.session_state.pop(PROBLEM, None):
        refusals.told(problem)
    if done := st.session_state.pop(DONE, None):
        st.toast(done, icon=":material/check:")
    if once := st.session_state.pop(_SHOWN_ONCE, None):
        label, secret = once
        st.success(label, icon=":material/key:")
        st.code(secret, language=None, wrap_lines=True)
        copy_button(t("ui.copy"), t("ui.copied"), key="copy_shown_once", text=secret)


def tell_on_page() -> None:
    """At the head of a fragment with buttons: what one of them brought is told by the page, which runs anew."""
    if PROBLEM in st.session_state or DONE in st.session_state:
        st.rerun()
