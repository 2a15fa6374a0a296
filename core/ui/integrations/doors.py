"""The other ways in and out of Tollwatch, and the pages on which they are set."""

import streamlit as st

from core.ui import navigation
from core.ui.session import current_user
from core.ui.text import t

DOORS = (
    ("webex", "connections", "connections.view"),
    ("channels", "notifications", "notifications.manage"),
    ("telephony", "dialpad", "dialer.view"),
    ("mail", "notifications", "notifications.manage"),
    ("keys", "users", "people.view"),
    ("analytics", "reports", "reports.view"),
)
"""Each with the page that sets it, and the permission to open that."""


def others() -> None:
    """A card for each, with a link for whoever may open the page."""
    person = current_user()
    for name, screen, permission in DOORS:
        with st.container(border=True, key=f"card-door-{name}"):
            st.subheader(t(f"integrations.doors.{name}.title"), anchor=False)
            st.markdown(t(f"integrations.doors.{name}.about"))
            if person is not None and person.may(permission):
                label = t(f"ui.pages.{screen}.title")
                st.page_link(navigation.script(screen), label=label, icon=":material/arrow_forward:")
