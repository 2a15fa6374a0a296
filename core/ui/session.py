"""Who looks at the page, what they may open, and the opened parts of the product that the page reads."""

import streamlit as st

from core.access import people, sessions
from core.access.people import Person
from core.errors import NotAllowedError
from core.language import Language
from core.services import Services, shared
from core.ui import states, text, times

CurrentUser = Person


def services() -> Services:
    """The settings, clock, database and table of calls that this process opened at its start."""
    return shared()


def current_user() -> CurrentUser | None:
    """The signed-in person, asked anew on each run, so that a closed account or another role counts at once."""
    parts = services()
    token = st.context.cookies.to_dict().get(sessions.COOKIE)
    person = sessions.person_of(parts.database, token, parts.clock)
    if person:
        text.choose_language(person.language)
        times.choose_zone(person.time_zone or None)
    return person


def may(permission: str) -> bool:
    """Whether the signed-in person may do something; nobody may do nothing."""
    person = current_user()
    return person is not None and person.may(permission)


def require(permission: str) -> CurrentUser:
    """The first line of each page: the person, if their role holds ``permission``; else the page ends here."""
    person = current_user()
    if person is None:
        states.signed_out("/")
        st.stop()
    if not person.may(permission):
        states.forbidden(permission)
        st.stop()
    return person


def check(permission: str) -> CurrentUser:
    """As ``require`` but for an action: raises ``NotAllowedError`` where a click came from a stale page."""
    person = current_user()
    if person is None or not person.may(permission):
        raise NotAllowedError(permission=permission)
    return person


def gate(person: CurrentUser | None, path: str) -> None:
    """Let a signed-in person through; anybody else sees the way to sign in, and nothing of the page."""
    if person is None:
        states.signed_out(path)
        st.stop()


def prefer(language: Language, time_zone: str) -> None:
    """Keep the person's choice of language and time zone (empty = the browser's)."""
    parts, person = services(), current_user()
    if person is None:
        return
    people.set_preferences(
        parts.database, parts.clock, person.id, language=language, time_zone=time_zone, actor=person.name
    )
    text.choose_language(language)
    times.choose_zone(time_zone or None)
