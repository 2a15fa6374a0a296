"""How the Watson door stands, how it is connected, and the button that tries it."""

import streamlit as st

from core.access.permissions import permissions_of
from core.ui.integrations import rehearsal
from core.ui.session import current_user, services
from core.ui.text import escaped, t
from core.ui.times import moment
from core.watson import openapi, status
from core.watson.carrying_out import DoorCaller
from core.watson.vocabulary import STATES


def door() -> None:
    """The last day, the address, the settings without secrets, and two trials that make nothing."""
    parts = services()
    now = status.status(parts)
    with st.container(border=True, key="card-watson"):
        st.subheader(t("integrations.watson.title"), anchor=False)
        st.caption(t("integrations.watson.about"))
        _last_day(now)
    with st.container(border=True, key="card-watson-connecting"):
        st.subheader(t("integrations.watson.how"), anchor=False)
        st.markdown(t("integrations.watson.steps"))
        st.markdown(f"**{t('integrations.watson.address')}**")
        st.code(now.address, language=None, wrap_lines=True)
        st.markdown(f"**{t('integrations.watson.description')}**")
        st.code(openapi.address(parts.settings.base_url), language=None, wrap_lines=True)
        if st.button(t("integrations.watson.test"), icon=":material/network_check:", key="watson_test"):
            _trial()
    rehearsal.draw()
    with st.container(border=True, key="card-watson-settings"):
        st.subheader(t("integrations.watson.settings"), anchor=False)
        _settings(now)


def _settings(now: status.Status) -> None:
    key = "set" if now.own_key else "unset"
    claude = "claude_on" if now.claude_seconds else "claude_off"
    told = (
        t(f"integrations.watson.key_{key}", scopes=escaped(", ".join(now.own_key_scopes))),
        t(f"integrations.watson.signature.{now.signature}"),
        t(f"integrations.watson.{claude}", n=f"{now.claude_seconds:g}"),
        t("integrations.watson.bounds", n=now.per_minute, days=now.retention_days),
    )
    st.markdown("\n".join(f"* {one}" for one in told))


def _last_day(now: status.Status) -> None:
    figures = [(t("integrations.watson.total"), sum(now.requests.values()))]
    figures += [(t(f"integrations.states.{state}"), now.requests[state]) for state in STATES if state in now.requests]
    with st.container(horizontal=True):
        for label, count in figures:
            st.metric(label, count, width="content")
    if now.last_request_at:
        st.caption(t("integrations.watson.last", at=moment(now.last_request_at)))


def _trial() -> None:
    person = current_user()
    if person is None:
        return
    for check in status.checks(services(), DoorCaller(person.name, permissions_of(person.role))):
        told = t(f"watson.checks.{check.name}")
        if check.holds:
            st.success(told, icon=":material/check_circle:")
            continue
        remedy = f"{told}: {t('integrations.watson.not_so')} {t(f'watson.remedies.{check.name}')}"
        (st.error if check.needed else st.info)(remedy, icon=":material/info:")
