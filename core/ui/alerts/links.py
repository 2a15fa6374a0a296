"""From a call to what was made of it: the alerts that rest on it, and a way to report it."""

from collections.abc import Sequence

import streamlit as st

from core.alerts import evidence, explain
from core.ui import navigation, session
from core.ui.alerts import listing
from core.ui.text import escaped, language, t


def of_records(report_ids: Sequence[str]) -> None:
    """Links to the alerts that rest on any of these call records, for those who may see alerts."""
    if not session.may("alerts.view"):
        return
    with session.services().database.read() as opened:
        found = evidence.alerts_on(opened, report_ids)
    for row in found:
        st.page_link(
            navigation.script("alerts"),
            label=escaped(
                t(
                    "alerts_page.rests_on_this",
                    title=explain.title(row, language()),
                    severity=t(f"alerts.severities.{row.severity}"),
                    state=listing.state_words(row),
                )
            ),
            icon=":material/notifications_active:",
            query_params={"alert": str(row.id)},
        )
