"""A player with its waveform and transcript: a cue plays from where it stands, the cue being played is lit.

The sound is asked for when somebody plays it, by a link made for that person then, so that none lies in the page.
Space plays and pauses, the arrows left and right go five seconds, up and down walk the cues.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from core.ui.text import t

_FOLDER = Path(__file__).parent
_TEXTS = (
    "play", "pause", "back", "ahead", "speed", "follow", "position", "transcript", "controls", "loading", "failed",
)  # fmt: skip


@dataclass(frozen=True)
class SpokenCue:
    """A turn: seconds from the start, who spoke, and the words in pieces, each with whether it was looked for."""

    start: float
    speaker: str
    pieces: Sequence[tuple[str, bool]]


@dataclass(frozen=True)
class Jump:
    """A place to go to: a cue and its second; a new ``mark`` makes it a new jump."""

    mark: str
    cue: int
    at: float
    plays: bool


@dataclass(frozen=True)
class Playable:
    """What the player shows of a recording.

    ``audio`` is the address that gives a link to the sound, empty where there is none to play, and ``why`` then says
    so; ``peaks`` are pairs of levels from -128 to 127; ``marks`` are seconds shown above the waveform.
    """

    id: int
    seconds: float
    audio: str
    why: str
    peaks: Sequence[int]
    marks: Sequence[float]
    cues: Sequence[SpokenCue]
    jump: Jump | None = None


def _read(kind: str) -> str:
    return (_FOLDER / f"recording_player.{kind}").read_text(encoding="utf-8")


_mount: Callable[..., Any] = st.components.v2.component(
    "tollwatch_recording_player", html=_read("html"), css=_read("css"), js=_read("js")
)


def player(shown: Playable, *, key: str) -> None:
    """Draw it; another ``id`` begins anew, the same one goes on playing."""
    texts = {name: t(f"recordings_page.player.{name}") for name in _TEXTS}
    _mount(data={**asdict(shown), "texts": texts}, key=key, width="stretch", height="content")
