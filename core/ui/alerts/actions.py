"""What people do with alerts, as callbacks of buttons: check the right, change, say what became of it."""

from collections.abc import Callable, Sequence

import streamlit as st

from core.alerts import work
from core.alerts.work import Actor, Change, Target
from core.ui import dialogs, session
from core.ui.attempts import all_of, attempt
from core.ui.text import t

SELECTED = "alerts_selected"


def actor(permission: str = "alerts.work") -> Actor:
    """Who acts. Raises ``NotAllowedError`` for who may not."""
    return Actor(session.check(permission).name, session.services().clock.now())


def change(
    targets: Sequence[Target],
    act: Callable[[Actor], Change],
    done: str,
    permission: str = "alerts.work",
    *,
    form: str = "",
) -> bool:
    """Change one alert or several, as the button of the dialog ``form`` if one is named.

    Of several, says how many were done and why the others were not.
    """

    def all_of_them() -> None:
        all_of(work.bulk(session.services().database, targets, act(actor(permission))))
        st.session_state.pop(SELECTED, None)

    said = done if len(targets) == 1 else t("alerts_page.all_done", n=len(targets))
    if not form:
        return attempt(all_of_them, said)
    return dialogs.attempt(form, all_of_them, said, stays=len(targets) == 1)


def acknowledge(targets: Sequence[Target]) -> None:
    """Callback: say that somebody has seen them."""
    change(
        targets, lambda who: lambda opened, one: work.acknowledge(opened, one, who), t("alerts_page.done.acknowledge")
    )


def assign_me(targets: Sequence[Target]) -> None:
    """Callback: take them."""
    change(
        targets,
        lambda who: lambda opened, one: work.assign(opened, one, who, owner=who.name),
        t("alerts_page.done.assign"),
    )


def assign_chosen(targets: Sequence[Target], key: str) -> None:
    """Callback: give them to whom the widget of ``key`` names."""
    owner = str(st.session_state[key] or "")
    change(
        targets,
        lambda who: lambda opened, one: work.assign(opened, one, who, owner=owner),
        t("alerts_page.done.assign"),
    )


def investigate(targets: Sequence[Target]) -> None:
    """Callback: begin to look into them."""
    change(
        targets, lambda who: lambda opened, one: work.investigate(opened, one, who), t("alerts_page.done.investigate")
    )


def reopen(targets: Sequence[Target]) -> None:
    """Callback: open closed ones again."""
    change(targets, lambda who: lambda opened, one: work.reopen(opened, one, who), t("alerts_page.done.reopen"))


def delete(targets: Sequence[Target], key: str) -> None:
    """Callback: take them off the desk; for administrators."""
    reason = str(st.session_state.get(key) or "")
    change(
        targets,
        lambda who: lambda opened, one: work.delete(opened, one, who, reason=reason),
        t("alerts_page.done.delete"),
        "alerts.delete",
    )
    st.query_params.pop("alert", None)


def comment(alert_id: int, key: str) -> None:
    """Callback: write what the widget of ``key`` holds into the timeline."""
    text = str(st.session_state.get(key) or "")

    def write() -> None:
        who = actor()
        with session.services().database.write() as opened:
            work.comment(opened, alert_id, who, text=text)
        st.session_state[key] = ""

    attempt(write, t("alerts_page.done.comment"))


def lift_mute(mute_id: int) -> None:
    """Callback: end a mute now."""

    def write() -> None:
        who = actor()
        with session.services().database.write() as opened:
            work.lift_mute(opened, who, mute_id)

    attempt(write, t("alerts_page.done.unmute"))
