"""The pages: which there are, where they stand in the menu, and who may open them.

A new page is one line here and one script in ``pages/``; its title and description are the texts
``ui.pages.<name>.title`` and ``ui.pages.<name>.help``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from core.access.permissions import allowed
from core.ui.text import t


@dataclass(frozen=True)
class Screen:
    """One page: the script ``pages/<name>.py``, its address, section, icon and the permission to open it."""

    name: str
    path: str
    section: str
    icon: str
    permission: str


SCREENS: tuple[Screen, ...] = (
    Screen("overview", "", "watch", ":material/monitoring:", "overview.view"),
    Screen("alerts", "alerts", "watch", ":material/notifications_active:", "alerts.view"),
    Screen("dashboard", "dashboard", "watch", ":material/space_dashboard:", "reports.view"),
    Screen("reports", "reports", "watch", ":material/lab_profile:", "reports.view"),
    Screen("calls", "calls", "investigate", ":material/call_log:", "calls.view"),
    Screen("journey", "journey", "investigate", ":material/timeline:", "journeys.view"),
    Screen("recordings", "recordings", "investigate", ":material/graphic_eq:", "recordings.view"),
    Screen("queues", "queues", "investigate", ":material/support_agent:", "journeys.view"),
    Screen("tickets", "tickets", "act", ":material/confirmation_number:", "tickets.view"),
    Screen("visits", "visits", "act", ":material/calendar_month:", "visits.view"),
    Screen("dialpad", "dialpad", "act", ":material/dialpad:", "dialer.view"),
    Screen("operators", "operators", "act", ":material/groups:", "tickets.view"),
    Screen("detectors", "detectors", "manage", ":material/policy:", "alerts.view"),
    Screen("connections", "connections", "manage", ":material/cable:", "connections.view"),
    Screen("notifications", "notifications", "manage", ":material/notifications_active:", "notifications.manage"),
    Screen("integrations", "integrations", "manage", ":material/hub:", "integrations.view"),
    Screen("job_board", "jobs", "manage", ":material/manufacturing:", "jobs.view"),
    Screen("users", "users", "investigate", ":material/group:", "people.view"),
)

_ONE_PART = re.compile(r"[A-Za-z0-9_-]{1,60}")
_ROOT = "front-page"
"""What Streamlit reserves for the page at the root: not the page's own name, which we lead there ourselves."""
_BY_NAME = {screen.name: screen for screen in SCREENS}


def script(name: str) -> str:
    """The script of a page, as ``st.switch_page`` and ``st.page_link`` want it."""
    return f"{_BY_NAME[name].name}.py"


def address(name: str) -> str:
    """The path of a page on this server."""
    return f"/{_BY_NAME[name].path}"


def _stray_path() -> str:
    """The address's path where it is none of our pages and could be one."""
    path = urlsplit(st.context.url or "").path.strip("/")
    return path if _ONE_PART.fullmatch(path) and path not in {_ROOT, *(screen.path for screen in SCREENS)} else ""


def register(role: str | None, otherwise: Callable[[], None]) -> "Navigation":
    """Tell Streamlit every page, whoever asks, so that a deep link survives sign-in; ``None`` = nobody signed in.

    ``otherwise`` draws what an address shows that leads to no page of ours.
    """
    sections: dict[str, list[StreamlitPage]] = {}
    for screen in SCREENS:
        visible = role is not None and allowed(role, screen.permission)
        page = st.Page(
            f"{screen.name}.py",
            title=t(f"ui.pages.{screen.name}.title"),
            icon=screen.icon,
            url_path=screen.path or _ROOT,
            default=screen.path == "",
            visibility="visible" if visible else "hidden",
            help=t(f"ui.pages.{screen.name}.help"),
        )
        sections.setdefault(t(f"ui.sections.{screen.section}"), []).append(page)
    if stray := _stray_path():
        unknown = st.Page(otherwise, title=t("ui.no_such_page.title"), url_path=stray, visibility="hidden")
        sections.setdefault(t(f"ui.sections.{SCREENS[0].section}"), []).append(unknown)
    chosen = st.navigation(sections, position="sidebar" if role else "hidden", expanded=True)
    return Navigation(path=f"/{chosen.url_path}", run=chosen.run)


@dataclass(frozen=True)
class Navigation:
    """Where the person is: the page's path, and what runs its script."""

    path: str
    run: Callable[[], None]
