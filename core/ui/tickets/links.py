"""On an alert and on a case: the tickets about it, and the button that makes one."""

from typing import Literal

import streamlit as st

from core.tickets import links, rules
from core.tickets.vocabulary import public_id
from core.ui import navigation, session
from core.ui.attempts import attempt
from core.ui.text import t
from core.ui.tickets import actions

_MOST = 3


def of_thing(kind: Literal["alert", "case"], number: int) -> None:
    """Ways to the newest tickets about it; without an open one the button, for those who may work tickets."""
    if not session.may("tickets.view"):
        return
    with session.services().database.read() as opened:
        found = links.tickets_of(opened, kind, [str(number)]).get(str(number), [])
    for row in found[:_MOST]:
        st.page_link(
            navigation.script("tickets"),
            label=t("tickets_page.from_alert.has", id=public_id(row.id), state=t(f"tickets.states.{row.state}")),
            icon=":material/confirmation_number:",
            query_params={"ticket": str(row.id), "view": "all"},
        )
    if not any(row.is_open for row in found) and session.may(actions.WORK):
        st.button(
            t("tickets_page.from_alert.make"),
            key=f"make_ticket_{kind}_{number}",
            icon=":material/confirmation_number:",
            on_click=_make,
            args=(kind, number),
        )


def _make(kind: str, number: int) -> None:
    """Callback: make the ticket, with the alert's facts in words."""

    def write() -> None:
        who = actions.actor()
        make = rules.from_alert if kind == "alert" else rules.from_case
        with session.services().database.write() as opened:
            make(opened, number, actor=who.name, at=who.at)

    attempt(write, t("tickets_page.from_alert.done"))
