"""The states in which a page has nothing, not everything, or nothing it may show: what is wrong and what to do."""

from collections.abc import Callable
from html import escape
from urllib.parse import urlencode, urlsplit

import streamlit as st

from core.errors import NotAllowedError, TollwatchError
from core.ui import navigation
from core.ui.text import error_texts, t

_ICONS = {"empty": ":material/inbox:", "failed": ":material/error:", "forbidden": ":material/lock:"}


def _block(kind: str, title: str, remedy: str, action: Callable[[], object] | None) -> None:
    with st.container(key=f"state-{kind}", border=True, horizontal_alignment="center", gap="small"):
        st.space("small")
        st.markdown(f"## {_ICONS[kind]}", text_alignment="center")
        st.markdown(f"#### {title}", text_alignment="center")
        st.caption(remedy, text_alignment="center")
        if action:
            action()
        st.space("small")


def empty(title: str, remedy: str, action: Callable[[], object] | None = None) -> None:
    """Nothing to show: why, and what would bring something; ``action`` draws the button that does it."""
    _block("empty", title, remedy, action)


def failed(error: TollwatchError, retry: Callable[[], object] | None = None) -> None:
    """Something could not be read or done: the error's own text and remedy."""
    _block("failed", *error_texts(error), retry)


def forbidden(permission: str) -> None:
    """The person's role does not open this page."""
    message, remedy = error_texts(NotAllowedError(permission=t(f"access.permissions.{permission}")))
    _block("forbidden", t("ui.forbidden.title"), f"{message} {remedy}", _to_overview)


def unknown_page() -> None:
    """The address leads nowhere; the name of the first page leads there all the same."""
    if urlsplit(st.context.url or "").path.strip("/") == "overview":
        st.switch_page(navigation.script("overview"))
    _block("empty", t("ui.no_such_page.title"), t("ui.no_such_page.help"), _to_overview)


def _to_overview() -> None:
    st.page_link(navigation.script("overview"), label=t("ui.to_overview"), icon=":material/arrow_forward:")


def stale(since: str) -> None:
    """What is shown is old: a banner with its age."""
    st.warning(t("ui.stale", since=since), icon=":material/history:")


def signed_out(path: str) -> None:
    """Nobody is signed in: the way there, which leads back to this very page."""
    with st.container(key="state-signed-out", border=True, horizontal_alignment="center", width=440):
        st.space("small")
        st.markdown(f"## {t('ui.product')}", text_alignment="center")
        st.caption(t("ui.signed_out.text"), text_alignment="center")
        action_link(t("ui.signed_out.action"), f"/sign-in?{urlencode({'next': path})}")
        st.space("small")


def action_link(label: str, address: str, *, primary: bool = True, wide: bool = True) -> None:
    """A link to a route of ours that looks like a button and stays in this tab."""
    kind = "tollwatch-action primary" if primary else "tollwatch-action"
    st.html(
        f'<a class="{kind}" href="{escape(address, quote=True)}" target="_self">{escape(label)}</a>',
        width="stretch" if wide else "content",
    )
