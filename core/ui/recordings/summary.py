"""What a call came to: the summary labelled with who made it, each claim leading to its place, and its mood."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.language import LANGUAGES
from core.recordings.query import WholeRecording
from core.store.models.recordings import RecordingCueRow, RecordingSummaryRow
from core.ui import address, figures, numbers, times
from core.ui.recordings import actions, figure, listening, names, tickets, translation
from core.ui.recordings.figure import FeltTurn
from core.ui.recordings.translation import Wanted
from core.ui.text import escaped, language, stored_error, t

LANGUAGE = "in"
"""The address's parameter for the language a summary is read in."""

_TOLD_SIGNS = 90
_LAST_BAR = "recording_last_bar"


def panel(whole: WholeRecording) -> None:
    """The summary, or why there is none."""
    with st.container(border=True, key="card-summary"):
        shown = whole.summary_in(shown_in(whole))
        if shown is None:
            st.markdown(f"**{t('recordings_page.summary.title')}**")
            st.caption(t("recordings_page.summary.none"))
            return
        _head(shown)
        _languages(whole, shown)
        _warnings(shown)
        _claims(shown.answer.get("claims", ()), whole, "claim")
        if shown.answer.get("bullets"):
            st.markdown(f"**{t('recordings_page.summary.bullets')}**")
            _claims(shown.answer["bullets"], whole, "bullet")
        _topics(shown.answer.get("topics", ()))
        _items(shown.answer.get("action_items", ()), whole)
        st.caption(t("recordings_page.summary.caution"))


def shown_in(whole: WholeRecording) -> str:
    """The language the summary is read in: the address's, else the reader's, else as it was made."""
    shown = whole.summary_in(address.choice(LANGUAGE, LANGUAGES, language()))
    return shown.language if shown is not None else ""


def _head(shown: RecordingSummaryRow) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(f"**{t('recordings_page.summary.title')}**", width="content")
        if shown.is_translation:
            st.badge(t("recordings_page.summary.translated"), icon=":material/translate:", color="violet")
        if shown.source == "claude":
            st.badge(t("recordings_page.summary.by_claude"), icon=":material/smart_toy:", color="blue")
        else:
            st.badge(
                t("recordings_page.summary.by_local"),
                icon=":material/rule:",
                color="gray",
                help=t("recordings_page.summary.by_local_help"),
            )
        if shown.model:
            made = t("recordings_page.summary.made", model=shown.model, at=times.to_the_minute(shown.made_at))
            st.caption(escaped(made), width="content")


def _languages(whole: WholeRecording, shown: RecordingSummaryRow) -> None:
    """The languages the summary is there in, and the way to have it in the other."""
    offered = [one for one in LANGUAGES if one in whole.summaries]
    if len(offered) > 1:
        key = address.shown("summary_language", shown.language)
        st.segmented_control(
            t("recordings_page.summary.language"),
            offered,
            format_func=lambda one: t(f"ui.language_names.{one}"),
            required=True,
            key=key,
            label_visibility="collapsed",
            on_change=address.keep,
            args=(LANGUAGE, key),
        )
    missing = [one for one in LANGUAGES if one not in whole.summaries]
    if missing and whole.row.deleted_at is None:
        translation.offer(Wanted(whole.row.id, "summary", missing[0]))


def _warnings(shown: RecordingSummaryRow) -> None:
    if shown.answer.get("injection_suspected"):
        st.warning(t("recordings_page.summary.injection"), icon=":material/gpp_maybe:")
    if shown.error_code and not shown.is_translation:
        why = stored_error({"code": shown.error_code, "facts": {}})[0]
        st.caption(t("recordings_page.summary.why_not_claude", why=why))
    if dropped := int(shown.answer.get("dropped") or 0):
        st.caption(t("recordings_page.summary.dropped", n=dropped))


def _claims(claims: Sequence[Mapping[str, Any]], whole: WholeRecording, kind: str) -> None:
    for place, claim in enumerate(claims):
        _said(claim, whole, f"{kind}_{place}")


def _said(claim: Mapping[str, Any], whole: WholeRecording, key: str) -> None:
    """A sentence as it stands, with nothing in it that Markdown would act on, behind the button that plays its cue."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"claim-{key}"):
        _place(claim, whole, key)
        st.text(str(claim["text"]))


def _place(claim: Mapping[str, Any], whole: WholeRecording, key: str) -> None:
    """The button that leads to the cue a claim rests on."""
    cue = _cue(whole, claim)
    if cue is None:
        return
    st.button(
        times.clock_span(cue.start_ms / 1000),
        key=f"hear_{key}",
        icon=":material/play_circle:",
        type="tertiary",
        help=t("recordings_page.summary.play", quote=escaped(str(claim.get("quote", "")))),
        on_click=actions.hear,
        args=(cue.ordinal,),
    )


def _cue(whole: WholeRecording, claim: Mapping[str, Any]) -> RecordingCueRow | None:
    wanted = claim.get("cue")
    return next((cue for cue in whole.cues if cue.ordinal == wanted), None)


def _topics(topics: Sequence[str]) -> None:
    if not topics:
        return
    with st.container(horizontal=True, gap="xsmall", key="summary_topics"):
        for topic in topics:
            st.badge(escaped(str(topic)), color="gray", icon=":material/sell:")


def _items(items: Sequence[Mapping[str, Any]], whole: WholeRecording) -> None:
    if not items:
        return
    st.markdown(f"**{t('recordings_page.summary.actions')}**")
    made = tickets.of_recording(whole.row.id)
    numbers_of = tickets.item_numbers([int(item.get("cue") or 0) for item in items])
    for place, item in enumerate(items):
        with st.container(border=True, key=f"action-item-{place}", gap="xsmall"):
            _said(item, whole, f"item_{place}")
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                told = [
                    t(f"recordings_page.summary.{name}", **{name: escaped(str(item[name]))})
                    for name in ("owner", "due")
                    if item.get(name)
                ]
                st.caption(" · ".join(told), width="stretch")
                tickets.button(whole.row, numbers_of[place], str(item["text"]), made)


def mood(whole: WholeRecording) -> None:
    """How it felt over the call; a chosen bar plays its turn."""
    row = whole.row
    with st.container(border=True, key="card-mood", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**{t('recordings_page.mood.title')}**", width="content")
            if row.sentiment_score is not None and row.sentiment_label in names.FEELING_COLOURS:
                told = t(
                    "recordings_page.mood.score",
                    label=names.feeling(row),
                    score=numbers.signed(row.sentiment_score),
                )
                st.badge(
                    told,
                    color=names.FEELING_COLOURS[row.sentiment_label],
                    icon=names.FEELING_ICONS[row.sentiment_label],
                )
        turns = _turns(whole.cues)
        if not turns:
            st.caption(t("recordings_page.mood.none"))
            return
        event = st.plotly_chart(
            figure.mood(turns, float(row.audio_seconds or row.duration_seconds or turns[-1].end)),
            key="recording_mood",
            on_select="rerun",
            selection_mode="points",
            config=figures.CONFIG,
            alt=t("recordings_page.mood.alt"),
        )
        st.caption(t("recordings_page.mood.hear" if listening.is_playable(row) else "recordings_page.mood.help"))
        _hear_chosen(row.id, turns, event.selection.get("point_indices") or [])


def _turns(cues: Sequence[RecordingCueRow]) -> list[FeltTurn]:
    return [
        FeltTurn(
            cue.ordinal,
            cue.start_ms / 1000,
            cue.end_ms / 1000,
            cue.sentiment,
            f"{times.clock_span(cue.start_ms / 1000)} {cue.text}"[:_TOLD_SIGNS],
        )
        for cue in cues
        if cue.sentiment is not None
    ]


def _hear_chosen(recording_id: int, turns: Sequence[FeltTurn], chosen: Sequence[int]) -> None:
    """Play the turn of a newly chosen bar, once."""
    bar = (recording_id, chosen[0]) if chosen and chosen[0] < len(turns) else None
    if st.session_state.get(_LAST_BAR) == bar:
        return
    st.session_state[_LAST_BAR] = bar
    if bar is not None:
        actions.hear(turns[bar[1]].ordinal)
        st.rerun()
