"""People as they are called, wherever a page tells who did or has something; the audit adds their sign-in names."""

import streamlit as st

from core.access import people
from core.ui import session
from core.ui.text import actor_name

_TTL = "1m"


def person_name(actor: str) -> str:
    """Who is meant by a stored sign-in name, as plain text: a person by name, a part of the product in words."""
    return _names().get(actor) or actor_name(actor)


@st.cache_data(max_entries=1, ttl=_TTL, show_spinner=False)
def _names() -> dict[str, str]:
    return {person.name: person.display_name for person in people.everybody(session.services().database)}
