"""The ways from a page of rows to the newer and the older ones, and from one thing to the next of its list."""

from collections.abc import Callable, Sequence

import streamlit as st

from core.ui.text import t


def steps(list_name: str, newer: str | None, older: str | None, go: Callable[[str | None], None]) -> None:
    """Both buttons in the row they are called in; ``go`` is given the mark of the page that was chosen."""
    _step(f"{list_name}_newer", "newer", newer, go)
    _step(f"{list_name}_older", "older", older, go)


def row(list_name: str, labels: tuple[str, str], marks: tuple[str | None, str | None], parameter: str) -> None:
    """Both buttons in a row of their own, where there is more than one page; ``labels`` are keys of texts.

    The address's ``parameter`` gets the mark of the page that was chosen.
    """
    if marks == (None, None):
        return
    with st.container(horizontal=True):
        for label, mark in zip(labels, marks, strict=True):
            key = f"{list_name}_{label.rsplit('.', 1)[1]}"
            st.button(t(label), key=key, disabled=mark is None, on_click=_go, args=(parameter, mark))


def _go(parameter: str, mark: str | None) -> None:
    if mark:
        st.query_params[parameter] = mark


def _step(key: str, name: str, mark: str | None, go: Callable[[str | None], None]) -> None:
    is_newer = name == "newer"
    st.button(
        t(f"ui.{name}"),
        key=key,
        icon=":material/chevron_left:" if is_newer else ":material/chevron_right:",
        icon_position="left" if is_newer else "right",
        shortcut="Left" if is_newer else "Right",
        disabled=mark is None,
        on_click=go,
        args=(mark,),
    )


def beside(thing: str, order: Sequence[int], shown: int, go: Callable[[int], None]) -> None:
    """Buttons to the thing above the ``shown`` one and to the one below it, as its list has them; keys K and J."""
    for name, by, shortcut, icon in (
        ("previous", -1, "K", ":material/keyboard_arrow_up:"),
        ("next", 1, "J", ":material/keyboard_arrow_down:"),
    ):
        place = order.index(shown) + by if shown in order else -1
        reachable = 0 <= place < len(order)
        st.button(
            "",
            key=f"{thing}_{name}",
            icon=icon,
            help=t(f"{thing}s_page.{name}"),
            shortcut=shortcut,
            disabled=not reachable,
            on_click=go,
            args=(order[place] if reachable else shown,),
        )
