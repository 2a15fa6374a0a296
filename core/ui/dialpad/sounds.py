"""The sounds that a call may play to whom it reaches: Asterisk's own, by their names at Asterisk."""

from core.ui.text import t

SOUNDS = {"sound:hello-world": "greeting", "sound:demo-echotest": "echo", "tone:ring": "ring"}
"""Each sound at Asterisk and its text, ``dialpad.sounds.<name>``."""
FIRST = next(iter(SOUNDS))


def sound_words(media: str) -> str:
    """A sound in words; one that is not of these as Asterisk calls it."""
    return t(f"dialpad.sounds.{SOUNDS[media]}") if media in SOUNDS else media
