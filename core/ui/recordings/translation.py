"""The other language of a summary or a transcript: asked for by a click, waited for, and why it cannot be had."""

from dataclasses import dataclass

import streamlit as st

from core.assistant.messages import is_configured
from core.language import Language
from core.store import commands
from core.store.models.operations import Command
from core.ui import session
from core.ui.recordings import actions
from core.ui.recordings.actions import Part
from core.ui.text import language, named, stored_error, t

POLL = "2s"


@dataclass(frozen=True)
class Wanted:
    """What somebody may want: the ``part`` of a recording in another language."""

    recording_id: int
    part: Part
    into: Language


def offer(wanted: Wanted) -> None:
    """The button that asks for it, for those who may; that it is being made; or what it lacks, where they need it."""
    if not session.may("recordings.process"):
        return
    waits = _is_open(_asked(wanted))
    st.fragment(_draw, run_every=POLL if waits else None)(wanted, waits)


def _asked(wanted: Wanted) -> Command | None:
    """The newest request of this session for just this."""
    command = actions.asked(actions.translation_key(wanted.part))
    is_mine = command is not None and command.arguments.get("id") == wanted.recording_id
    return command if is_mine and command is not None and command.arguments.get("into") == wanted.into else None


def _is_open(command: Command | None) -> bool:
    return command is not None and command.state in commands.OPEN and not command.error


def _draw(wanted: Wanted, waited: bool) -> None:
    command = _asked(wanted)
    waits = _is_open(command)
    if waited and not waits:
        st.rerun()
    if waits:
        st.caption(":material/hourglass_top: " + t("recordings_page.translation.running"))
        return
    if command is not None and command.error:
        st.warning(" ".join(stored_error(command.error)), icon=":material/translate:")
    if not is_configured(session.services().settings):
        if wanted.into != language():
            return
        st.caption(":material/translate: " + t(f"recordings_page.translation.off_{wanted.part}"))
        return
    st.button(
        t(f"recordings_page.translation.{wanted.part}", tongue=named("recordings_page.tongues", wanted.into)),
        key=f"{wanted.part}_translate",
        icon=":material/translate:",
        help=t("recordings_page.translation.help"),
        on_click=actions.translate,
        args=(wanted.recording_id, wanted.into, wanted.part),
    )
