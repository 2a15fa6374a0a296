"""The dialog in which people change their own password."""

import streamlit as st

from core.access import own_password, sessions
from core.access.passwords import LONGEST, SHORTEST
from core.access.people import Person
from core.ui import dialogs, session
from core.ui.text import t

_FIELDS = ("present", "wanted", "again")
_FORM = "own_password"


def offer(person: Person) -> None:
    """The button that opens the dialog, for those who sign in by a password."""
    if not person.has_password or session.services().settings.sign_in_method != "local":
        return
    if st.button(t("users.own_password.title"), key="own_password", icon=":material/password:", width="stretch"):
        dialogs.asked(_FORM, t("users.own_password.title"), ":material/password:", _fields)


def _fields() -> None:
    with st.form("own_password_form", border=False, clear_on_submit=True):
        for field in _FIELDS:
            st.text_input(
                t(f"users.own_password.{field}"),
                type="password",
                max_chars=LONGEST,
                autocomplete="current-password" if field == "present" else "new-password",
                key=f"own_password_{field}",
            )
        st.caption(t("users.own_password.help", shortest=SHORTEST))
        st.form_submit_button(t("users.own_password.title"), type="primary", width="stretch", on_click=_change)


def _change() -> None:
    present, wanted, again = (st.session_state[f"own_password_{field}"] or "" for field in _FIELDS)
    parts, person = session.services(), session.current_user()
    token = st.context.cookies.to_dict().get(sessions.COOKIE)
    if person is None or token is None:
        return
    if wanted != again:
        dialogs.refused(_FORM, t("users.own_password.differ"))
        return
    dialogs.attempt(
        _FORM,
        lambda: own_password.change(parts.database, parts.clock, person.id, present, wanted, session_token=token),
        t("users.own_password.done"),
    )
