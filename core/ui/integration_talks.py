"""What came in by the Watson door: conversations with the steps of each message, and what failed, with the remedy."""

from collections.abc import Sequence

import streamlit as st

from core.store.models.watson import WatsonActivityRow, WatsonRequestRow
from core.ui import states
from core.ui.session import services
from core.ui.text import escaped, named, stored_error, t
from core.ui.times import moment
from core.watson import activity
from core.watson.activity import Talk

SHOWN = 20


def talks() -> None:
    """The newest conversations."""
    with services().database.read() as session:
        found = activity.talks(session, limit=SHOWN)
    if not found:
        states.empty(t("integrations.talks.empty"), t("integrations.talks.empty_help"))
        return
    for talk in found:
        _talk(talk)


def failed_steps() -> None:
    """The newest failures, each with what to do."""
    with services().database.read() as session:
        found = activity.failures(session, limit=SHOWN)
    if not found:
        states.empty(t("integrations.failures.empty"), t("integrations.failures.empty_help"))
    for step in found:
        message, remedy = stored_error({"code": step.error_code, "facts": step.detail.get("facts") or {}})
        with st.container(border=True):
            st.markdown(f"**{message}** {remedy}")
            st.caption(f"{moment(step.at)} · {escaped(step.caller)} · {t(f'integrations.steps.{step.step}')}")


def _talk(talk: Talk) -> None:
    row = talk.session
    label = f"{moment(row.last_at)} · {escaped(row.caller)} · {t('integrations.talks.messages', n=row.requests)}"
    with st.expander(label):
        for request, steps in talk.requests:
            _request(request, steps)


def _request(request: WatsonRequestRow, steps: Sequence[WatsonActivityRow]) -> None:
    with st.container(border=True):
        st.markdown(escaped(request.text))
        st.markdown(f":material/reply: {escaped(str(request.answer.get('reply', '')))}")
        intent = named("integrations.intents", request.intent)
        st.caption(f"{moment(request.received_at)} · {intent} · {t(f'integrations.states.{request.state}')}")
        st.caption(" → ".join(_step(step) for step in steps))


def _step(step: WatsonActivityRow) -> str:
    return f"{t(f'integrations.steps.{step.step}')} ({t(f'integrations.states.{step.outcome}')})"
