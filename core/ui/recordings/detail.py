"""One recording: who, when, how it felt; the player with its transcript; summary; steps; what can be done with it."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import orjson
import streamlit as st

from core.errors import NotFoundError, TollwatchError
from core.recordings import call_link, query, work
from core.recordings.deleting import BINNED
from core.recordings.query import WholeRecording
from core.recordings.record import file_name, record_of
from core.store.models.recordings import RecordingRow
from core.ui import neighbours, numbers, reading, refusals, session, states, times
from core.ui.components.copying import copy_button
from core.ui.journey import search as journey_search
from core.ui.recordings import actions, listening, listing, names, steps, summary
from core.ui.recordings.actions import RECORDING
from core.ui.text import escaped, named, stored_error, t
from core.ui.who import person_name

WATCHED_EVERY = "10s"
_TYPES = {"json": "application/json"}
_ALL = 10**6
"""Signs of a cue that are shown: all of them."""


def panel(reference: str, words: Sequence[str]) -> None:
    """The recording that the address names, whether the filter shows it or not; ``words`` are what was looked for."""
    try:
        with session.services().database.read() as opened:
            row = query.one(opened, reference, with_deleted=session.may("recordings.delete"))
            whole = query.whole(opened, row)
    except NotFoundError as error:
        states.failed(error)
        st.button(t("recordings_page.back"), key="recording_close_missing", on_click=actions.close)
        return
    _ways(row)
    _head(row)
    _watch(row.id, row.changed_at)
    _actions(whole)
    left, right = st.columns([6, 5], gap="medium")
    with left:
        listening.panel(whole, words)
        summary.mood(whole)
    with right:
        summary.panel(whole)
        _hits(whole)
        steps.panel(row, whole.steps)
        _facts(row)


def _ways(row: RecordingRow) -> None:
    """Back to the list, and to the neighbours in it as it was shown."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.button(
            t("recordings_page.back"),
            key="recording_back",
            icon=":material/arrow_back:",
            type="tertiary",
            on_click=actions.close,
        )
        st.space("stretch")
        neighbours.beside("recording", st.session_state.get(listing.ORDER, []), row.id, actions.open_one)


def _head(row: RecordingRow) -> None:
    now = session.services().clock.now()
    st.subheader(escaped(names.title(row)), anchor=False)
    told = t(
        "recordings_page.detail.recorded",
        at=times.moment(row.recorded_at),
        ago=times.distance(row.recorded_at, now),
        length=names.length(row),
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(escaped(" · ".join(one for one in (told, row.site) if one)), width="content")
        st.badge(names.state(row), color=names.STATE_COLOURS.get(row.state, "gray"))
        _journey(row)
    if row.deleted_at is not None:
        _deleted(row)
    elif row.deleted_in_webex_at is not None:
        told = "only_copy_outside_bin" if row.webex_status == BINNED else "only_copy"
        at = times.to_the_minute(row.deleted_in_webex_at)
        st.caption(":material/cloud_off: " + t(f"recordings_page.detail.{told}", at=at))


def _journey(row: RecordingRow) -> None:
    if not session.may("journeys.view"):
        return
    try:
        report_id = _report_of(row.id, reading.calls_version())
    except TollwatchError as error:
        refusals.told(error)
        return
    if report_id is None:
        st.caption(t("recordings_page.detail.no_journey"), width="content")
    else:
        journey_search.to(report_id, row.recorded_at, t("recordings_page.detail.journey"), key="recording")


@st.cache_data(max_entries=256, ttl="1h", show_spinner=False)
def _report_of(recording_id: int, version: int) -> str | None:  # noqa: ARG001 - what the answer is remembered under
    parts = session.services()
    with parts.database.read() as opened:
        row = query.one(opened, recording_id, with_deleted=True)
    return call_link.report_of(parts.calls, row)


def _deleted_in_webex(row: RecordingRow) -> None:
    """Whether it is gone in Webex too, and why not; taking it back here does not bring it back there."""
    if row.deleted_in_webex_at is not None:
        told = "binned_in_webex" if row.webex_status == BINNED else "deleted_in_webex"
        st.caption(t(f"recordings_page.detail.{told}", at=times.to_the_minute(row.deleted_in_webex_at)))
        return
    with session.services().database.read() as opened:
        asked = work.deletion_in_webex(opened, row.id)
    if asked is None:
        st.caption(t("recordings_page.detail.kept_in_webex"))
    elif asked.error:
        why = " ".join(stored_error(asked.error))
        st.warning(f"{t('recordings_page.detail.not_deleted_in_webex')} {why}", icon=":material/cloud_off:")
    else:
        st.caption(t("recordings_page.detail.deleting_in_webex"))


def _deleted(row: RecordingRow) -> None:
    told = t(
        "recordings_page.detail.deleted",
        who=escaped(person_name(row.deleted_by)),
        at=times.to_the_minute(row.deleted_at),
        reason=escaped(row.delete_reason),
    )
    st.error(told, icon=":material/delete:")
    _deleted_in_webex(row)
    if row.is_emptied:
        st.caption(t("recordings_page.detail.emptied"))
    else:
        st.button(
            t("recordings_page.detail.restore"),
            key="recording_restore",
            icon=":material/restore_from_trash:",
            on_click=actions.restore,
            args=(row.id,),
        )


@st.fragment(run_every=WATCHED_EVERY, key="recording_changes")
def _watch(recording_id: int, changed_at: datetime) -> None:
    """Draw anew when the pipeline went on; the player keeps on playing."""
    if session.current_user() is None:
        return
    try:
        with session.services().database.read() as opened:
            row = query.one(opened, recording_id, with_deleted=True)
    except NotFoundError:
        return
    if row.changed_at != changed_at:
        st.rerun()
    if row.state in names.WORKING:
        st.caption(":material/hourglass_top: " + t("recordings_page.detail.working"))


def _actions(whole: WholeRecording) -> None:
    row = whole.row
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="recording_actions"):
        if row.deleted_at is None:
            if session.may("recordings.process"):
                listing.reprocess([row.id], key="one")
            if listening.is_kept(row) and session.may("recordings.download"):
                states.action_link(
                    t("recordings_page.detail.download"),
                    f"/api/v1/recordings/download/{row.id}/audio?use=download&redirect=true",
                    primary=False,
                    wide=False,
                )
        st.download_button(
            t("recordings_page.detail.json"),
            partial(_as_file, whole, listening.shown_in(whole), summary.shown_in(whole)),
            file_name=file_name(row, "json"),
            mime=_TYPES["json"],
            icon=":material/data_object:",
            key="recording_json",
            on_click=actions.note_download,
            args=(row.id,),
        )
        copy_button(
            t("ui.copy_link"), t("ui.copied"), key="recording_link", address=f"/recordings?{RECORDING}={row.id}"
        )
        if row.deleted_at is None and session.may("recordings.delete"):
            with st.popover(t("recordings_page.delete.button"), icon=":material/delete:", key="delete_menu"):
                _delete_form(row)


def _as_file(whole: WholeRecording, said_in: str, summed_up_in: str) -> bytes:
    """The record, in the languages its texts are read in."""
    address = f"{session.services().settings.base_url.rstrip('/')}/api/v1/recordings/download/{whole.row.id}/audio"
    record = record_of(whole, audio_url=address, said_in=said_in, summed_up_in=summed_up_in)
    return orjson.dumps(record, option=orjson.OPT_INDENT_2)


def _delete_form(row: RecordingRow) -> None:
    st.caption(t("recordings_page.delete.help"))
    st.text_input(t("recordings_page.delete.reason"), key="delete_reason", max_chars=300)
    if row.deleted_in_webex_at is None:
        st.checkbox(t("recordings_page.delete.in_webex"), key="delete_in_webex")
    st.button(
        t("recordings_page.delete.do"),
        key="delete_do",
        type="primary",
        on_click=actions.delete,
        args=(row.id, "delete_reason", "delete_in_webex"),
    )


def _hits(whole: WholeRecording) -> None:
    """The keywords heard, each leading to its place."""
    if not whole.hits:
        return
    with st.container(border=True, key="card-hits"):
        st.markdown(f"**{t('recordings_page.hits.title')}**")
        with st.container(horizontal=True, gap="xsmall"):
            for place, hit in enumerate(whole.hits):
                at = next((cue.start_ms for cue in whole.cues if cue.ordinal == hit.ordinal), 0)
                st.button(
                    escaped(f"{hit.phrase} · {times.clock_span(at / 1000)}"),
                    key=f"hear_hit_{place}",
                    icon=":material/hearing:",
                    help=escaped(hit.list_name),
                    on_click=actions.hear,
                    args=(hit.ordinal,),
                )


def _facts(row: RecordingRow) -> None:
    told = {
        "topic": row.topic,
        "owner": " ".join(one for one in (row.owner_name, row.owner_email) if one),
        "caller": " ".join(one for one in (names.caller(row), row.caller_email) if one),
        "callee": " ".join(one for one in (names.callee(row), row.callee_email) if one),
        "site": row.site,
        "type": named("recordings_page.types", row.recording_type).replace("\\", "") if row.recording_type else "",
        "region": row.storage_region,
        "audio": _audio_told(row),
        "transcript": _transcript_told(row),
        "language": _language_told(row),
        "call": row.call_session_id or row.call_half_id,
        "webex_id": row.webex_id_as_given or row.webex_id,
    }
    with st.container(border=True, key="card-recording-facts"):
        st.markdown(f"**{t('recordings_page.detail.facts')}**")
        st.table(
            {t(f"recordings_page.facts.{name}"): escaped(value) for name, value in told.items() if value},
            border="horizontal",
            alt=t("recordings_page.detail.facts_alt"),
        )
        with st.expander(t("recordings_page.detail.raw")):
            st.json(_raw(row), expanded=1)


def _raw(row: RecordingRow) -> dict[str, Any]:
    return {"details": row.webex_details, "metadata": row.webex_metadata}


def _audio_told(row: RecordingRow) -> str:
    if not row.audio_path:
        return ""
    told = {"format": row.audio_type, "size": numbers.size(row.audio_bytes), "length": names.length(row)}
    return t("recordings_page.fact.audio", **told)


def _transcript_told(row: RecordingRow) -> str:
    if not row.cue_count:
        return ""
    source = named("recordings_page.transcript_sources", row.transcript_source).replace("\\", "")
    words = {"words": numbers.whole(row.word_count), "cues": numbers.whole(row.cue_count)}
    return t("recordings_page.fact.transcript", source=source, **words)


def _language_told(row: RecordingRow) -> str:
    if not row.language:
        return ""
    told = names.language_of(row).replace("\\", "")
    if row.language_confidence is None:
        return told
    return t("recordings_page.fact.language", tongue=told, confidence=numbers.share(row.language_confidence))
