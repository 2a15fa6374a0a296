"""How the parts of the Operators page change things: the right, one transaction, and why it was refused."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import streamlit as st
from sqlalchemy.orm import Session

from core.errors import TollwatchError
from core.operators.errors import RosterChangedError
from core.ui import session, states, times
from core.ui.text import error_texts, escaped, t
from core.ui.who import person_name

MANAGE = "operators.manage"
_PROBLEM = "operators_problem"

Act = Callable[[Session, str, datetime], Any]
"""A change in a transaction, by whom and when."""


def may_manage() -> bool:
    """Whether the person may change operators and clients."""
    person = session.current_user()
    return person is not None and person.may(MANAGE)


def attempt(act: Act, done: str, *, form: str = "") -> bool:
    """Do it in one transaction; what is refused is told in the dialog of ``form``, else at the top of the page."""
    try:
        person, parts = session.check(MANAGE), session.services()
        with parts.database.write() as opened:
            act(opened, person.name, parts.clock.now())
    except TollwatchError as error:
        if form:
            st.session_state[f"{form}_problem"] = _told(error)
        else:
            st.session_state[_PROBLEM] = error
        return False
    st.toast(done, icon=":material/check:")
    if form:
        st.session_state[f"{form}_done"] = True
    return True


def notices() -> None:
    """Why the last click was refused, if it was."""
    problem = st.session_state.pop(_PROBLEM, None)
    if isinstance(problem, RosterChangedError):
        st.warning(_told(problem), icon=":material/sync_problem:")
    elif problem is not None:
        states.told(problem)


def _told(error: TollwatchError) -> str:
    message, remedy = error_texts(error)
    if isinstance(error, RosterChangedError):
        when = times.to_the_minute(datetime.fromisoformat(str(error.facts["when"])))
        who = person_name(str(error.facts["who"]))
        message = t("tickets_page.conflict", what=error.facts["what"], who=who, when=when)
    return escaped(f"{message} {remedy}")
