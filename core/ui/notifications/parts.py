"""What the tabs of the Notifications page share: refused actions told in place, a question before removing."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.language import LANGUAGES, translate
from core.ui.attempts import pressed
from core.ui.text import t

PERMISSION = "notifications.manage"


def channel_name(name: str) -> str:
    """What a channel is called: the one that a sandbox begins with in the reader's language, else as it is."""
    is_first = any(translate("notify.mailbox.channel", one) == name for one in LANGUAGES)
    return t("notify.mailbox.channel") if is_first else name


def state_badge(is_paused: bool) -> None:
    """Whether a channel or a rule acts."""
    if is_paused:
        st.badge(t("notifications.paused"), icon=":material/pause_circle:", color="orange")
    else:
        st.badge(t("notifications.active"), icon=":material/check_circle:", color="green")


@dataclass(frozen=True)
class Deeds:
    """What the buttons of a card do; ``question`` is asked before removing."""

    pause: Callable[[], None]
    remove: Callable[[], None]
    question: str


def actions(kind: str, number: int, deeds: Deeds, *, is_paused: bool) -> bool:
    """The buttons every card has; gives whether its form is open."""
    editing, asking = f"{kind}_editing_{number}", f"{kind}_asking_{number}"
    st.button(
        t("notifications.edit"),
        key=f"{kind}_edit_{number}",
        icon=":material/edit:",
        on_click=_toggle,
        args=(editing,),
    )
    st.button(
        t("notifications.resume" if is_paused else "notifications.pause"),
        key=f"{kind}_pause_{number}",
        icon=":material/play_arrow:" if is_paused else ":material/pause:",
        on_click=pressed,
        args=(deeds.pause,),
    )
    with st.popover(t("notifications.remove"), icon=":material/delete:", key=asking):
        st.markdown(deeds.question)
        st.button(
            t("notifications.remove"),
            key=f"{kind}_remove_{number}",
            type="primary",
            on_click=pressed,
            args=(deeds.remove,),
        )
    return bool(st.session_state.get(editing))


def form_mark(number: int, stands: object) -> str:
    """What tells the widgets of a card's form from those of the same card before somebody else changed it.

    ``stands`` is what the form begins with: a form whose keys stayed would go on showing what it held before.
    """
    return f"{number}_{zlib.crc32(repr(stands).encode()):08x}"


def close_form(kind: str, number: int) -> None:
    """Close a card's form after it was saved."""
    st.session_state[f"{kind}_editing_{number}"] = False


def _toggle(key: str) -> None:
    st.session_state[key] = not st.session_state.get(key, False)
