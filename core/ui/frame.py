"""What stands around every page: the tab's title and icon, the sidebar, the person's menu."""

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.language import LANGUAGES
from core.settings import insecure_endpoints
from core.ui import attempts, freshness, own_password, session, states, text, theme, times
from core.ui.text import escaped, t

ASSETS = Path(__file__).parent / "assets"
FOOTER_EVERY = "20s"
MOST_TOASTS = 3
"""As many as the button of a dialog ever brings."""


def configure() -> None:
    """Title, icon and width of the browser tab; everything from this machine."""
    st.set_page_config(page_title=t("ui.product"), page_icon=ASSETS / "icon.png", layout="wide")
    st.logo(ASSETS / "wordmark.svg", size="large", icon_image=ASSETS / "icon.png")
    style = (ASSETS / "tollwatch.css").read_text(encoding="utf-8")
    # With text beside it the style stands on the page: alone it would stand where the first toast of a fragment goes.
    st.html(f'<style>{style}</style><span class="tollwatch-style"></span>')
    _leave_room_for_toasts()


def _leave_room_for_toasts() -> None:
    """Let dialogs stand behind the places that toasts take.

    A run of a fragment counts those places from the first again: a toast of a dialog's button would take the place of
    the dialog itself, and what is still drawn into that would break the whole page. A style alone stands among them.
    """
    for place in range(MOST_TOASTS):
        st.html(f"<style>/* {place} */</style>")


def heading(name: str) -> DeltaGenerator:
    """The title of a page, as the menu calls it, and what the last click brought; gives the row for its actions."""
    row = st.container(horizontal=True, vertical_alignment="center", key="heading")
    row.title(t(f"ui.pages.{name}.title"), anchor=False, width="content")
    row.space("stretch")
    attempts.notices()
    return row


def draw() -> None:
    """The sidebar below the menu: which environment, how fresh, who is signed in."""
    person = session.current_user()
    if person is None:
        return
    with st.sidebar:
        _environment()
        _freshness()
        menu = st.popover(escaped(person.display_name), icon=":material/account_circle:", width="stretch")
        with menu, st.container(key="account-menu"):
            st.caption(t("ui.menu.signed_in_as", name=escaped(person.name), role=t(f"access.roles.{person.role}")))
            _preferences(person)
            theme.switch()
            own_password.offer(person)
            _sign_out()


def _environment() -> None:
    settings = session.services().settings
    if settings.sandbox:
        st.badge(t("ui.environment.sandbox"), icon=":material/science:", color="yellow")
        dials = "sandbox_dials" if settings.ari_http_url else "sandbox_help"
        st.caption(t(f"ui.environment.{dials}"))
    else:
        st.badge(t("ui.environment.real"), icon=":material/cloud_done:", color="green")
    insecure = [] if settings.sandbox else insecure_endpoints(settings)
    if insecure:
        st.warning(t("ui.environment.insecure", addresses=escaped(", ".join(insecure))), icon=":material/lock_open:")


@st.fragment(run_every=FOOTER_EVERY)
def _freshness() -> None:
    if session.current_user() is None:
        return
    now = session.services().clock.now()
    st.caption(freshness.read().line(now), help=t("ui.freshness.help", zone=str(times.zone())))


def _preferences(person: session.CurrentUser) -> None:
    zones = ["", *times.all_zones()]
    st.segmented_control(
        t("ui.menu.language"),
        LANGUAGES,
        default=text.language(),
        required=True,
        format_func=lambda language: t(f"ui.languages.{language}"),
        key="menu_language",
        on_change=_keep_preferences,
    )
    st.selectbox(
        t("ui.menu.time_zone"),
        zones,
        index=zones.index(person.time_zone) if person.time_zone in zones else 0,
        format_func=lambda name: name or t("ui.menu.browser_zone", zone=st.context.timezone or times.UTC_NAME),
        key="menu_time_zone",
        on_change=_keep_preferences,
    )


def _keep_preferences() -> None:
    session.prefer(st.session_state["menu_language"], st.session_state["menu_time_zone"])


def _sign_out() -> None:
    states.action_link(t("ui.menu.sign_out"), "/sign-out", primary=False)
