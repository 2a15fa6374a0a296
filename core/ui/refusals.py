"""Why an action was refused, as the reader reads it: people by name, times by their own clock, states in words.

An area whose errors want other words, or something beside them, registers those with ``words`` or ``told``.
"""

from datetime import datetime
from functools import singledispatch

import streamlit as st

from core.errors import ConflictError, InvalidInputError, TollwatchError
from core.language import is_text
from core.ui import times
from core.ui.text import error_texts, escaped, t
from core.ui.who import person_name


@singledispatch
def words(error: TollwatchError) -> str:
    """What happened and what to do about it, as plain text."""
    message, remedy = error_texts(error)
    states = f"{error.code.removesuffix('_state')}s.states.{error.facts.get('state')}"
    if is_text(states):
        state = t(states).lower()
        message = t(f"errors.{error.code}.message", **{**error.facts, "state": state})
    return f"{message} {remedy}".strip()


@words.register
def _changed(error: ConflictError) -> str:
    message, remedy = error_texts(error)
    if {"what", "who", "when"} <= error.facts.keys():
        who, when = person_name(str(error.facts["who"])), to_the_minute(error)
        message = t("ui.changed_meanwhile", what=error.facts["what"], who=who, when=when)
    return f"{message} {remedy}"


@words.register
def _not_understood(error: InvalidInputError) -> str:
    field = f"ui.inputs.{error.facts.get('field')}"
    if type(error) is InvalidInputError and is_text(field):
        error = InvalidInputError(**{**error.facts, "field": t(field)})
    return " ".join(error_texts(error))


def to_the_minute(error: TollwatchError) -> str:
    """The fact ``when`` of an error, an instant in ISO form, by the reader's clock."""
    return times.to_the_minute(datetime.fromisoformat(str(error.facts["when"])))


@singledispatch
def told(error: TollwatchError) -> None:
    """Say it in place, without hiding the rest of the page; what others did meanwhile is no fault of the reader's."""
    meanwhile = {"when", "state"} & error.facts.keys()
    say = escaped(words(error))
    if meanwhile:
        st.warning(say, icon=":material/sync_problem:")
    else:
        st.error(say, icon=":material/error:")
