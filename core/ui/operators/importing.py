"""The buttons beside the title: add one, or take in a CSV file."""

from datetime import datetime
from typing import Any, Literal

import streamlit as st

from core.errors import InvalidInputError
from core.operators import csv_file
from core.ui.attempts import say
from core.ui.operators import clients, listing, work
from core.ui.text import t

_FILE = "roster_file"


def buttons(kind: Literal["operators", "clients"]) -> None:
    """What somebody who may manage the desk can do."""
    if not work.may_manage():
        return
    if kind == "operators":
        listing.add_button()
    else:
        clients.add_button()
    with st.popover(t("operators_page.file.open"), icon=":material/upload_file:"):
        st.caption(t("operators_page.file.help", columns=", ".join(csv_file.COLUMNS[kind])))
        st.file_uploader(t("operators_page.file.choose"), type="csv", key=f"{_FILE}_{kind}", max_upload_size=1)
        st.button(t("operators_page.file.do"), key=f"{_FILE}_do", on_click=_take, args=(kind,))


def _take(kind: Literal["operators", "clients"]) -> None:
    """Callback: take in the file that was chosen."""
    chosen = st.session_state.get(f"{_FILE}_{kind}")
    counted: list[csv_file.Read] = []

    def act(opened: Any, who: str, at: datetime) -> None:
        if chosen is None:
            raise InvalidInputError(field=t("operators_page.file.choose"), problem="–")
        counted.append(csv_file.read(opened, kind, chosen.getvalue(), actor=who, at=at))

    if work.attempt(act, ""):
        say(t("operators_page.file.done", added=counted[0].added, changed=counted[0].changed))
