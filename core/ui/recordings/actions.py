"""What people do with recordings, as callbacks of buttons: check the right, ask for it, say what came of it."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from core.recordings import keyword_lists, transcript_translations, translations, work
from core.recordings.keyword_lists import ListContent
from core.store import audit, commands
from core.store.models.operations import Command
from core.ui import session
from core.ui.attempts import attempt
from core.ui.text import t

SELECTED, FETCH = "recordings_selected", "recordings_fetch"
DONE = "recordings_done"
"""How many times what a menu offers was done here: a menu whose key holds it closes, a grid forgets its ticks."""

SAID_IN = "said_in"
"""The address's parameter for the language a transcript is read in."""

Part = Literal["summary", "transcript"]
RECORDING, CUE, JUMP = "recording", "cue", "recording_jump"
HOURS, LIMIT = 24, 100
"""What the seed's own route asks for when nothing is said (S2-20)."""


def fetch() -> None:
    """Callback: list the last hours in Webex now."""
    hours, limit = int(st.session_state["fetch_hours"]), int(st.session_state["fetch_limit"])

    def ask() -> None:
        person, parts = session.check("recordings.process"), session.services()
        with parts.database.write() as opened:
            st.session_state[FETCH] = work.request_fetch(
                opened, hours=hours, limit=limit, requested_by=person.name, at=parts.clock.now()
            )
        _close_menus()

    attempt(ask, t("recordings_page.fetch.asked"))


def done_so_far() -> int:
    """What the keys of menus and of the grid hold, so that they begin anew after each thing done."""
    return int(st.session_state.get(DONE, 0))


def _close_menus() -> None:
    st.session_state[DONE] = done_so_far() + 1


def asked(key: str) -> Command | None:
    """The command whose number the session keeps under ``key``."""
    number = st.session_state.get(key)
    if number is None:
        return None
    with session.services().database.read() as opened:
        return commands.find(opened, number)


def reprocess(ids: Sequence[int], *, everything: bool) -> None:
    """Callback: ask for the missing steps again, or for all six."""

    def ask() -> None:
        person, parts = session.check("recordings.process"), session.services()
        with parts.database.write() as opened:
            work.request_reprocess(opened, ids, requested_by=person.name, at=parts.clock.now(), everything=everything)
        st.session_state.pop(SELECTED, None)
        _close_menus()

    attempt(ask, t("recordings_page.done.reprocess", n=len(ids)))


def delete(recording_id: int, reason_key: str, webex_key: str) -> None:
    """Callback: delete it here, and in Webex where that was ticked; a reason is needed."""
    reason = str(st.session_state.get(reason_key) or "")
    in_webex = bool(st.session_state.get(webex_key))

    def act() -> None:
        person, parts = session.check("recordings.delete"), session.services()
        with parts.database.write() as opened:
            work.delete(opened, recording_id, reason=reason, actor=person.name, at=parts.clock.now(), in_webex=in_webex)

    done = t("recordings_page.done.delete_in_webex" if in_webex else "recordings_page.done.delete")
    if attempt(act, done):
        close()


def restore(recording_id: int) -> None:
    """Callback: take a deletion back, and say how it stands in Webex then."""

    def act() -> None:
        person, parts = session.check("recordings.delete"), session.services()
        with parts.database.write() as opened:
            in_webex = work.restore(opened, recording_id, actor=person.name, at=parts.clock.now())
        st.toast(t(f"recordings_page.restored.{in_webex}"), icon=":material/restore_from_trash:")

    attempt(act)


def translation_key(part: Part) -> str:
    """Under which name the session keeps the number of its newest request for a translation."""
    return f"recording_translation_{part}"


def translate(recording_id: int, into: str, part: Part) -> None:
    """Callback: ask for the summary or the transcript in another language; the latter is then read in it."""

    def ask() -> None:
        person, parts = session.check("recordings.process"), session.services()
        with parts.database.write() as opened:
            request = (
                translations.request_translation if part == "summary" else transcript_translations.request_transcript
            )
            st.session_state[translation_key(part)] = request(
                opened, recording_id, into, requested_by=person.name, at=parts.clock.now()
            )
        if part == "transcript":
            st.query_params[SAID_IN] = into

    attempt(ask, t("recordings_page.done.translate"))


def note_download(recording_id: int) -> None:
    """Callback: write into the audit that somebody takes a recording's words away as a file."""
    person, parts = session.check("recordings.view"), session.services()
    with parts.database.write() as opened:
        audit.record(
            opened,
            actor=person.name,
            action="recordings.export",
            subject=str(recording_id),
            detail={"format": "json"},
            at=parts.clock.now(),
        )


def hear(ordinal: int) -> None:
    """Callback: play from a cue; the same cue again plays it again."""
    mark, _ = st.session_state.get(JUMP, (0, 0))
    st.session_state[JUMP] = (mark + 1, ordinal)
    st.query_params[CUE] = str(ordinal)


def open_one(recording_id: int) -> None:
    """Callback: open a recording; the filter stays in the address."""
    st.query_params[RECORDING] = str(recording_id)
    st.query_params.pop(CUE, None)
    st.session_state.pop(JUMP, None)


def close() -> None:
    """Callback: go back to the list."""
    for name in (RECORDING, CUE):
        st.query_params.pop(name, None)
    st.session_state.pop(JUMP, None)


def keep_list(content: ListContent, list_id: int | None, version: int) -> bool:
    """Make a keyword list or change one; gives whether it was done."""

    def act() -> None:
        person, parts = session.check("recordings.tune"), session.services()
        with parts.database.write() as opened:
            at = parts.clock.now()
            if list_id is None:
                keyword_lists.create(opened, content, actor=person.name, at=at)
            else:
                keyword_lists.change(opened, list_id, content, version=version, actor=person.name, at=at)

    return attempt(act, t("recordings_page.done.keywords"))


def remove_list(list_id: int, version: int) -> None:
    """Callback: take a keyword list away."""

    def act() -> None:
        person, parts = session.check("recordings.tune"), session.services()
        with parts.database.write() as opened:
            keyword_lists.remove(opened, list_id, version=version, actor=person.name, at=parts.clock.now())

    attempt(act, t("recordings_page.done.keywords_removed"))
