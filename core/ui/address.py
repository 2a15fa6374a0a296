"""State that the page's address holds. Its values are ours, not the labels on the screen, so that a link made in one
language opens in the other."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st


def choice(parameter: str, options: Sequence[str], otherwise: str) -> str:
    """The value of a parameter that takes one of ``options``."""
    given = st.query_params.get(parameter, otherwise)
    return given if given in options else otherwise


def several(parameter: str, options: Sequence[str]) -> list[str]:
    """The values of a parameter that takes any of ``options``."""
    return [value for value in st.query_params.get_all(parameter) if value in options]


def shown(key: str, value: Any) -> str:
    """Make the widget of ``key`` show ``value``; gives the key."""
    st.session_state[key] = value
    return key


def keep(parameter: str, key: str, otherwise: Any = None) -> None:
    """Callback: put the widget's value into the address, or take the parameter out where it is ``otherwise``."""
    value = st.session_state[key]
    if value is None or value == otherwise or value == []:
        st.query_params.pop(parameter, None)
    else:
        st.query_params[parameter] = value


def tabs(parameter: str, names: Sequence[str], label: Callable[[str], str]) -> str:
    """A row of tabs of which only the chosen one is drawn; gives its name. One alone needs no choice."""
    if len(names) == 1:
        return names[0]
    key = shown(f"tab_{parameter}", choice(parameter, names, names[0]))
    st.segmented_control(
        label(parameter),
        names,
        format_func=label,
        required=True,
        key=key,
        label_visibility="collapsed",
        on_change=keep,
        args=(parameter, key, names[0]),
    )
    return str(st.session_state[key])
