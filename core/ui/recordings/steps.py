"""How far a recording was taken: a chip a step, and for what is missing why, what to do, and when it is tried again."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from core.recordings.retrying import ACCESS_CODES
from core.store.models.recordings import RecordingRow, RecordingStepRow
from core.ui import navigation, numbers, session, times
from core.ui.recordings import names as recording_names
from core.ui.text import stored_error, t


def panel(row: RecordingRow, steps: Sequence[RecordingStepRow]) -> None:
    """The six steps of a recording."""
    with st.container(border=True, key="card-steps"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**{t('recordings_page.steps.title')}**", width="content")
            st.badge(recording_names.state(row), color=recording_names.STATE_COLOURS.get(row.state, "gray"))
            quality = f"{t('recordings_page.detail.quality', done=row.steps_done)} · {numbers.money(row.quality)}"
            st.caption(quality, width="content")
        with st.container(horizontal=True, gap="xsmall", key="step_chips"):
            for step in steps:
                _chip(step)
        for code, those in _problems(steps).items():
            _problem(code, those)


def _chip(step: RecordingStepRow) -> None:
    tried = f" · {t('recordings_page.steps.attempts', n=step.attempts)}" if step.attempts > 1 else ""
    st.badge(
        t(f"recordings.steps.{step.step}"),
        icon=recording_names.STEP_ICONS.get(step.state),
        color=recording_names.STEP_COLOURS.get(step.state, "gray"),
        help=t(f"recordings.step_states.{step.state}") + tried,
    )


def _problems(steps: Sequence[RecordingStepRow]) -> dict[str, list[RecordingStepRow]]:
    """The steps that something is wrong with, together where it is the same."""
    found: dict[str, list[RecordingStepRow]] = {}
    for step in steps:
        if step.error_code and step.state in ("failed", "unavailable"):
            found.setdefault(step.error_code, []).append(step)
    return found


def _problem(code: str, steps: Sequence[RecordingStepRow]) -> None:
    message, remedy = stored_error({"code": code, "facts": steps[0].error_facts})
    names = ", ".join(t(f"recordings.steps.{step.step}") for step in steps)
    due = min((step.next_at for step in steps if step.next_at is not None), default=None)
    st.warning(f"**{names}.** {message} {remedy} {_then(due)}", icon=":material/info:")
    if code in ACCESS_CODES:
        st.page_link(
            navigation.script("connections"),
            label=t("recordings_page.steps.to_connections"),
            icon=":material/arrow_forward:",
        )


def _then(due: datetime | None) -> str:
    """When it is tried again by itself."""
    now = session.services().clock.now()
    if due is None:
        return t("recordings_page.steps.waits")
    if due <= now:
        return t("recordings_page.steps.soon")
    return t("recordings_page.steps.next", when=times.distance(due, now))
