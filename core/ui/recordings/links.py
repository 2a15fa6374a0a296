"""From a call, its journey or its records, or an alert over words, to what was recorded."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import streamlit as st

from core.errors import NotFoundError
from core.recordings import query
from core.store.models.recordings import RecordingRow
from core.ui import navigation, session, times
from core.ui.recordings import names
from core.ui.recordings.actions import CUE, RECORDING
from core.ui.text import escaped, t


def of_records(records: Iterable[Mapping[str, Any]]) -> None:
    """Links to the recordings of the call these records belong to, for those who may see recordings."""
    if not session.may("recordings.view"):
        return
    known = list(records)
    with session.services().database.read() as opened:
        found = query.for_journey(
            opened,
            [str(one["correlation_id"] or "") for one in known],
            [str(one["local_call_id"] or "") for one in known],
        )
    for row in found:
        _to(row)


def of_alert(explanation: Mapping[str, Any]) -> None:
    """The way to the place in a recording where an alert's words were said, for those who may see recordings."""
    number, cue = explanation.get("recording_id"), explanation.get("first_cue")
    if not isinstance(number, int) or not session.may("recordings.view"):
        return
    try:
        with session.services().database.read() as opened:
            row = query.one(opened, number)
    except NotFoundError:
        st.caption(t("recordings_page.links.gone"))
        return
    _to(row, {CUE: str(cue)} if isinstance(cue, int) else {})


def _to(row: RecordingRow, place: Mapping[str, str] = MappingProxyType({})) -> None:
    told = t(
        "recordings_page.links.title",
        at=times.moment(row.recorded_at),
        length=names.length(row),
        state=names.state(row).lower(),
    )
    st.page_link(
        navigation.script("recordings"),
        label=escaped(told),
        icon=":material/graphic_eq:",
        query_params={RECORDING: str(row.id), **place},
    )
