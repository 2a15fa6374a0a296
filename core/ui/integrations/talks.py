"""What came in by the Watson door: conversations with the steps of each message, and what failed, with the remedy."""

from collections.abc import Sequence
from textwrap import shorten

import streamlit as st

from core.store.models.watson import WatsonActivityRow, WatsonRequestRow
from core.ui import states
from core.ui.session import services
from core.ui.text import escaped, named, stored_error, t
from core.ui.times import moment
from core.watson import activity
from core.watson.activity import Talk

SHOWN = 20
_LABEL_SIGNS = 80
_ICONS = {"done": "check_circle", "asking": "help", "refused": "block", "failed": "error", "dropped": "undo",
          "not_understood": "question_mark"}  # fmt: skip


def talks() -> None:
    """The newest conversations."""
    with services().database.read() as session:
        found = activity.talks(session, limit=SHOWN)
    if not found:
        states.empty(t("integrations.talks.empty"), t("integrations.talks.empty_help"))
        return
    for place, talk in enumerate(found):
        _talk(talk, expanded=place == 0)


def failed_steps() -> None:
    """The newest failures, each with what to do."""
    with services().database.read() as session:
        found = activity.failures(session, limit=SHOWN)
    if not found:
        states.empty(t("integrations.failures.empty"), t("integrations.failures.empty_help"))
    for step in found:
        message, remedy = stored_error({"code": step.error_code, "facts": step.detail.get("facts") or {}})
        with st.container(border=True, key=f"card-failure-{step.id}"):
            st.markdown(f"**{message}** {remedy}")
            st.caption(f"{moment(step.at)} · {escaped(step.caller)} · {t(f'integrations.steps.{step.step}')}")


def _talk(talk: Talk, *, expanded: bool) -> None:
    row = talk.session
    first = talk.requests[0][0].text if talk.requests else ""
    said = escaped(shorten(first, _LABEL_SIGNS, placeholder="…"))
    icon = _ICONS.get(talk.requests[-1][0].state if talk.requests else "", "chat")
    with st.expander(f"{said} · {moment(row.last_at)}", icon=f":material/{icon}:", expanded=expanded):
        st.caption(f"{escaped(row.caller)} · {t('integrations.talks.messages', n=row.requests)}")
        for request, steps in talk.requests:
            _request(request, steps)


def _request(request: WatsonRequestRow, steps: Sequence[WatsonActivityRow]) -> None:
    made = request.answer.get("result") or {}
    with st.container(border=True):
        st.markdown(escaped(request.text))
        st.markdown(f":material/reply: {escaped(str(request.answer.get('reply', '')))}")
        intent = named("integrations.intents", request.intent)
        if made:
            st.markdown(f":material/link: [{intent} {escaped(str(made['id']))}]({made['link']})")
        st.caption(f"{moment(request.received_at)} · {intent} · {t(f'integrations.states.{request.state}')}")
        st.caption(" → ".join(_step(step) for step in steps))
        for step in steps:
            if problem := step.detail.get("claude"):
                why = named("integrations.claude", str(problem))
                st.caption(t("integrations.claude.unheard", why=why))


def _step(step: WatsonActivityRow) -> str:
    told = t(f"integrations.states.{step.outcome}")
    if by := step.detail.get("by"):
        told = f"{told}, {named('integrations.read_by', str(by))}"
    return f"{t(f'integrations.steps.{step.step}')} ({told})"
