"""Claude's view of an alert or a case, where its detail is shown; absent but not missed without a key."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.assistant.facts import Subject
from core.assistant.requests import AUTOMATIC, QUEUED, request_explanation
from core.assistant.views import View, views
from core.store import audit
from core.ui import session
from core.ui.text import escaped, language, stored_error, t
from core.ui.times import moment

POLL_SECONDS = 3


def draw(subject: Subject, subject_id: int, name: str) -> None:
    """The newest view in the reader's language, and the button that asks for one; ``name`` is the entity's.

    Nothing at all where there is neither a view nor a key to ask for one with.
    """
    known = _known(subject, subject_id)
    if not known and not _is_on():
        return
    waits = any(view.state == QUEUED for view in known)
    with st.container(border=True, key="card-assistant"):
        st.markdown(f":material/smart_toy: **{t('assistant.title')}**")
        st.fragment(_draw, run_every=POLL_SECONDS if waits else None)(subject, subject_id, name, waits)


def _known(subject: Subject, subject_id: int, name: str = "") -> list[View]:
    with session.services().database.read() as opened:
        return views(opened, subject, subject_id, name=name)


def _draw(subject: Subject, subject_id: int, name: str, waited: bool) -> None:
    known = _known(subject, subject_id, name)
    waits = any(view.state == QUEUED for view in known)
    if waited and not waits:
        st.rerun()
    own = [view for view in known if view.language == language()] or known
    shown = next((view for view in own if view.answer), None)
    if shown is not None and shown.answer is not None:
        _answer(shown, shown.answer)
    elif not known:
        st.caption(t("assistant.nothing"))
    if known and known[0].error and known[0] is not shown:
        message, remedy = stored_error(known[0].error)
        st.warning(f"{message} {remedy}", icon=":material/smart_toy:")
    if waits:
        st.caption(":material/hourglass_top: " + t("assistant.queued"))
    elif _is_on():
        st.button(
            t("assistant.ask_again" if shown else "assistant.ask"),
            key=f"ask_{subject}_{subject_id}",
            icon=":material/smart_toy:",
            disabled=not session.may("assistant.ask"),
            on_click=_ask,
            args=(subject, subject_id),
        )


def _is_on() -> bool:
    return bool(session.services().settings.anthropic_api_key.get_secret_value())


def _ask(subject: Subject, subject_id: int) -> None:
    person, parts = session.check("assistant.ask"), session.services()
    now = parts.clock.now()
    with parts.database.write() as opened:
        request_explanation(
            opened, subject=subject, subject_id=subject_id, requested_by=person.name, at=now, language=language()
        )
        audit.record(opened, actor=person.name, action="assistant.asked", subject=f"{subject}:{subject_id}", at=now)


def _answer(view: View, answer: Mapping[str, Any]) -> None:
    st.markdown(escaped(answer["assessment"]))
    likelihood = t(f"assistant.likelihood.{answer['abuse']}")
    action = t(f"assistant.actions.{answer['recommended_action']}")
    st.markdown(f"**{t('assistant.abuse')}:** {likelihood} · **{t('assistant.action')}:** {action}")
    st.caption(escaped(answer["action_reason"]))
    if answer["benign_causes"]:
        lines = [
            f"- {escaped(cause['cause'])} — {t('assistant.likelihood.' + cause['likelihood'])}"
            for cause in answer["benign_causes"]
        ]
        st.markdown(f"**{t('assistant.benign')}**\n\n" + "\n".join(lines))
    if answer["checks"]:
        lines = [f"{number}. {escaped(check)}" for number, check in enumerate(answer["checks"], 1)]
        st.markdown(f"**{t('assistant.checks')}**\n\n" + "\n".join(lines))
    if answer["injection_suspected"]:
        st.warning(t("assistant.injection"), icon=":material/gpp_maybe:")
    who = t("assistant.unasked") if view.requested_by == AUTOMATIC else view.requested_by
    when = moment(view.answered_at) if view.answered_at else ""
    st.caption(
        t("assistant.by", model=escaped(view.model), when=when, who=escaped(who)) + "  \n" + t("assistant.caution")
    )
