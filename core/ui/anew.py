"""Forms that begin empty again once what they ask for was done, and keep what was typed where it was refused."""

import streamlit as st


def key(form: str, field: str) -> str:
    """The key of a field: another one after each time that the form has done its work."""
    times = st.session_state.get(_times(form), 0)
    return f"{field}_{times}" if times else field


def begin(form: str) -> None:
    """Its work is done: the next one who looks finds it empty."""
    st.session_state[_times(form)] = st.session_state.get(_times(form), 0) + 1


def _times(form: str) -> str:
    return f"{form}_times_done"
