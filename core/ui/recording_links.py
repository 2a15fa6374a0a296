"""From a call, its journey or its records, to what was recorded of it."""

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from core.recordings import query
from core.ui import navigation, recording_actions, recording_names, session, times
from core.ui.recording_actions import RECORDING
from core.ui.text import escaped, t


def of_records(records: Iterable[Mapping[str, Any]]) -> None:
    """Links to the recordings of the call these records belong to, for those who may see recordings."""
    if not recording_actions.may("recordings.view"):
        return
    known = list(records)
    with session.services().database.read() as opened:
        found = query.for_journey(
            opened,
            [str(one["correlation_id"] or "") for one in known],
            [str(one["local_call_id"] or "") for one in known],
        )
    for row in found:
        told = t(
            "recordings_page.links.title",
            at=times.moment(row.recorded_at),
            length=recording_names.length(row),
            state=recording_names.state(row).lower(),
        )
        st.page_link(
            navigation.script("recordings"),
            label=escaped(told),
            icon=":material/graphic_eq:",
            query_params={RECORDING: str(row.id)},
        )
