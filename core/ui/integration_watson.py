"""How the Watson door stands, how it is connected, and the button that tries it."""

import streamlit as st

from core.access.permissions import permissions_of
from core.ui.session import current_user, services
from core.ui.text import escaped, t
from core.ui.times import moment
from core.watson import openapi, status
from core.watson.carrying_out import DoorCaller


def door() -> None:
    """The address, the settings without secrets, the last day, and a trial in the name of who looks."""
    parts = services()
    now = status.status(parts)
    with st.container(border=True):
        st.subheader(t("integrations.watson.title"), anchor=False)
        st.caption(t("integrations.watson.about"))
        st.markdown(t("integrations.watson.address"))
        st.code(now.address, language=None)
        st.markdown(t("integrations.watson.description"))
        st.code(openapi.address(parts.settings.base_url), language=None)
        _settings(now)
        _last_day(now)
    with st.container(border=True):
        st.subheader(t("integrations.watson.how"), anchor=False)
        st.markdown(t("integrations.watson.steps"))
    if st.button(t("integrations.watson.test"), icon=":material/network_check:", key="watson_test"):
        _trial()


def _settings(now: status.Status) -> None:
    key = "set" if now.own_key else "unset"
    st.markdown(t(f"integrations.watson.key_{key}", scopes=escaped(", ".join(now.own_key_scopes))))
    st.markdown(t(f"integrations.watson.signature.{now.signature}"))
    st.caption(t("integrations.watson.bounds", n=now.per_minute, days=now.retention_days))


def _last_day(now: status.Status) -> None:
    total = sum(now.requests.values())
    states = ", ".join(f"{t(f'integrations.states.{state}')}: {count}" for state, count in sorted(now.requests.items()))
    st.markdown(t("integrations.watson.last_day", n=total, states=states or t("ui.none")))
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
