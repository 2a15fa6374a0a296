"""Hearing a recording and reading along: the player with its transcript, as it was said or translated."""

from collections.abc import Sequence

import streamlit as st

from core.language import LANGUAGES, Language
from core.recordings import audio as kept_audio
from core.recordings import search
from core.recordings.query import WholeRecording
from core.recordings.words import words_of
from core.store.models.recordings import RecordingCueRow, RecordingRow
from core.ui import address, session
from core.ui.components.recording_player import Jump, Playable, SpokenCue, player
from core.ui.recordings import translation
from core.ui.recordings.actions import CUE, JUMP, SAID_IN
from core.ui.recordings.translation import Wanted
from core.ui.text import language, named, t

ORIGINAL = "original"
_ALL = 10**6
"""Signs of a cue that are shown: all of them."""


def shown_in(whole: WholeRecording) -> str:
    """The language the transcript is read in: the address's, where it was translated into that; empty = as said."""
    wanted = address.choice(SAID_IN, (ORIGINAL, *whole.translations), ORIGINAL)
    return "" if wanted == ORIGINAL else wanted


def panel(whole: WholeRecording, words: Sequence[str]) -> None:
    """The player and what was said; ``words`` are what was looked for."""
    row = whole.row
    with st.container(border=True, key="card-player", gap="xsmall"):
        _head(whole)
        audio, why = _audio(row)
        player(
            Playable(
                id=row.id,
                seconds=float(row.audio_seconds or row.duration_seconds or _last_second(whole.cues)),
                audio=audio,
                why=why,
                peaks=_levels(row.waveform),
                marks=[whole.cues[hit.ordinal].start_ms / 1000 for hit in whole.hits if hit.ordinal < len(whole.cues)],
                cues=_spoken(whole, words),
                jump=_jump(whole.cues),
            ),
            key="recording_player",
        )
        _told_below(whole, bool(audio))
        _offer(whole)


def _head(whole: WholeRecording) -> None:
    """What it is, and the choice between what was said and its translations."""
    read_in = shown_in(whole)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(f"**{t('recordings_page.player.title')}**", width="content")
        if read_in:
            st.badge(t("recordings_page.player.translated"), icon=":material/translate:", color="violet")
        if not whole.translations:
            return
        st.space("stretch")
        key = address.shown("transcript_language", read_in or ORIGINAL)
        st.segmented_control(
            t("recordings_page.player.language"),
            (ORIGINAL, *sorted(whole.translations)),
            format_func=lambda one: _language_name(whole.row, one),
            required=True,
            key=key,
            label_visibility="collapsed",
            on_change=address.keep,
            args=(SAID_IN, key),
        )


def _language_name(row: RecordingRow, one: str) -> str:
    if one != ORIGINAL:
        return t(f"ui.language_names.{one}")
    if row.language not in LANGUAGES:
        return t("recordings_page.player.original")
    return t("recordings_page.player.original_in", tongue=named("recordings_page.tongues", row.language))


def _told_below(whole: WholeRecording, is_playable: bool) -> None:
    """How to listen and read along, or that there is nothing to read; nothing where neither is to be had."""
    if not whole.cues:
        if whole.row.deleted_at is None:
            st.caption(t("recordings_page.player.no_transcript"))
    elif is_playable:
        st.caption(t("recordings_page.player.help"))


def _offer(whole: WholeRecording) -> None:
    """The way to have what was said in the reader's language, else in the other."""
    row = whole.row
    missing: list[Language] = [one for one in LANGUAGES if one != row.language and one not in whole.translations]
    if not whole.cues or not missing or row.deleted_at is not None:
        return
    into = language() if language() in missing else missing[0]
    translation.offer(Wanted(row.id, "transcript", into))


def _audio(row: RecordingRow) -> tuple[str, str]:
    """The address that gives a link to the sound, or why there is none to give."""
    if row.is_emptied:
        return "", t("recordings_page.detail.emptied")
    if row.deleted_at is not None:
        return "", t("recordings_page.player.deleted")
    if not row.audio_path:
        return "", t("recordings_page.player.no_audio")
    if not session.may("recordings.play"):
        return "", t("recordings_page.player.may_not")
    if not is_kept(row):
        return "", t("recordings_page.player.vanished")
    return f"/api/v1/recordings/download/{row.id}/audio?use=play", ""


def is_kept(row: RecordingRow) -> bool:
    """Whether the sound is on this machine, whole: what the table says of a file is not the file."""
    return kept_audio.path_of(session.services().settings, row) is not None


def is_playable(row: RecordingRow) -> bool:
    """Whether whoever looks can hear it."""
    return bool(_audio(row)[0])


def _levels(waveform: bytes | None) -> list[int]:
    return [level - 256 if level > 127 else level for level in waveform or b""]


def _last_second(cues: Sequence[RecordingCueRow]) -> float:
    return cues[-1].end_ms / 1000 if cues else 0.0


def _spoken(whole: WholeRecording, words: Sequence[str]) -> list[SpokenCue]:
    """The turns, with the words looked for and the keywords heard in them told apart."""
    heard: dict[int, list[str]] = {}
    for hit in whole.hits:
        heard.setdefault(hit.ordinal, []).extend(words_of(hit.phrase))
    translated = whole.translations.get(shown_in(whole))
    texts = translated.texts if translated is not None else [cue.text for cue in whole.cues]
    made = []
    for cue, text in zip(whole.cues, texts, strict=True):
        marked = (*words, *heard.get(cue.ordinal, ()))
        pieces = search.highlighted(text, marked, _ALL) if marked else (search.Piece(text, False),)
        told = [(piece.text, piece.is_hit) for piece in pieces]
        made.append(SpokenCue(cue.start_ms / 1000, cue.speaker, told))
    return made


def _jump(cues: Sequence[RecordingCueRow]) -> Jump | None:
    """Where to go: to the turn that was clicked, playing; else to the one the address names, silently."""
    mark, clicked = st.session_state.get(JUMP, (0, None))
    named_cue = st.query_params.get(CUE, "")
    if clicked is None and not (named_cue.isascii() and named_cue.isdigit() and len(named_cue) < 7):
        return None
    wanted = int(named_cue) if clicked is None else clicked
    place = next((place for place, cue in enumerate(cues) if cue.ordinal == wanted), None)
    if place is None:
        return None
    return Jump(f"{mark}-{wanted}", place, cues[place].start_ms / 1000, plays=clicked is not None)
