"""What the tabs of the Notifications page share: refused actions told in place, a question before removing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.errors import TollwatchError
from core.language import LANGUAGES, translate
from core.ui import states
from core.ui.text import escaped, t

PERMISSION = "notifications.manage"
_PROBLEM, _SHOWN_ONCE = "notifications_problem", "notifications_shown_once"


def channel_name(name: str) -> str:
    """What a channel is called: the one that a sandbox begins with in the reader's language, else as it is."""
    is_first = any(translate("notify.mailbox.channel", one) == name for one in LANGUAGES)
    return t("notify.mailbox.channel") if is_first else name


def attempt(action: Callable[[], Any]) -> Any:
    """Do what a click asked for; an error of ours is told at the head of the page instead of ending it."""
    try:
        return action()
    except TollwatchError as error:
        st.session_state[_PROBLEM] = error
        return None


def show_once(name: str, secret: str) -> None:
    """Show a secret at the head of the next run, and never again."""
    st.session_state[_SHOWN_ONCE] = (name, secret)


def notices() -> None:
    """What the last click brought: why it was refused, or a secret shown once."""
    if problem := st.session_state.pop(_PROBLEM, None):
        states.told(problem)
    if once := st.session_state.pop(_SHOWN_ONCE, None):
        name, secret = once
        st.success(t("notifications.channels.shown_once", name=escaped(name)), icon=":material/key:")
        st.code(secret, language=None)


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
        on_click=attempt,
        args=(deeds.pause,),
    )
    with st.popover(t("notifications.remove"), icon=":material/delete:", key=asking):
        st.markdown(deeds.question)
        st.button(
            t("notifications.remove"),
            key=f"{kind}_remove_{number}",
            type="primary",
            on_click=attempt,
            args=(deeds.remove,),
        )
    return bool(st.session_state.get(editing))


def close_form(kind: str, number: int) -> None:
    """Close a card's form after it was saved."""
    st.session_state[f"{kind}_editing_{number}"] = False


def _toggle(key: str) -> None:
    st.session_state[key] = not st.session_state.get(key, False)
