"""What people do with tickets, as callbacks of buttons: check the right, change, say what became of it."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st
from sqlalchemy.orm import Session

from core.language import is_text
from core.operators import assignment
from core.operators.assignment import Choice
from core.tickets import assigning, book_words, tied_calls, work
from core.tickets.errors import BookChangedError
from core.tickets.links import Link
from core.tickets.work import Actor, Change, Target
from core.ui import dialogs, refusals, session
from core.ui.attempts import all_of, attempt
from core.ui.text import escaped, language, t
from core.ui.tickets import names
from core.ui.who import person_name

TICKET, SELECTED = "ticket", "tickets_selected"
_TOLD = "ticket_told"
WORK, MANAGE = "tickets.work", "tickets.manage"


def actor(permission: str = WORK) -> Actor:
    """Who acts. Raises ``NotAllowedError`` for who may not."""
    return Actor(session.check(permission).name, session.services().clock.now())


def given() -> None:
    """Whom a ticket was just given to, and why."""
    if said := st.session_state.pop(_TOLD, None):
        st.info(escaped(said), icon=":material/assignment_ind:")


@refusals.words.register
def _book_changed(error: BookChangedError) -> str:
    what, who = _book_name(str(error.facts["what"])), person_name(str(error.facts["who"]))
    return f"{t('errors.ticket_book_changed.message', what=what, who=who)} {error.remedy(language())}"


def _book_name(what: str) -> str:
    """A promise by its priority, a rule or calendar by its name."""
    key = f"tickets.priorities.{what}"
    return t(key) if is_text(key) else book_words.name_of(what, language())


def change(
    targets: Sequence[Target], act: Callable[[Actor], Change], done: str, permission: str = WORK, *, form: str = ""
) -> bool:
    """Change one ticket or several, as the button of the dialog ``form`` if one is named.

    Of several, says how many were done and why the others were not.
    """

    def all_of_them() -> None:
        all_of(work.bulk(session.services().database, targets, act(actor(permission))))
        st.session_state.pop(SELECTED, None)

    said = done if len(targets) == 1 else t("tickets_page.all_done", n=len(targets))
    if not form:
        return attempt(all_of_them, said)
    return dialogs.attempt(form, all_of_them, said, stays=len(targets) == 1)


def take(targets: Sequence[Target]) -> None:
    """Callback: make them the reader's own and begin."""
    operator_id = names.reader().operator_id
    if operator_id is None:
        return
    change(
        targets,
        lambda who: lambda opened, one: work.take(opened, one, who, operator_id=operator_id),
        t("tickets_page.done.take"),
    )


def move(targets: Sequence[Target], to: str) -> None:
    """Callback: move them to a state that needs no more words."""
    change(
        targets,
        lambda who: lambda opened, one: work.change_state(opened, one, who, to=to),
        t(f"tickets_page.done.{to}"),
    )


def give_best(targets: Sequence[Target]) -> None:
    """Callback: give each to whom the choice falls on, and say why."""
    choices: list[Choice] = []

    def act(who: Actor) -> Change:
        return lambda opened, one: choices.append(assigning.give(opened, one, who))

    change(targets, act, t("tickets_page.done.chosen"))
    said = [assignment.words(one.reason, one.facts, language()) for one in choices]
    if said:
        st.session_state[_TOLD] = " ".join(dict.fromkeys(said[:5]))


def give_chosen(targets: Sequence[Target], key: str) -> None:
    """Callback: give them to whom the widgets of ``key`` name, with the reason they hold."""
    operator_id = st.session_state[key]
    reason = str(st.session_state.get(f"{key}_reason") or "")
    change(
        targets,
        lambda who: lambda opened, one: work.assign(opened, one, who, operator_id=operator_id, reason=reason),
        t("tickets_page.done.assign"),
    )


def prioritise(targets: Sequence[Target], key: str) -> None:
    """Callback: give them the priority that the widget of ``key`` holds."""
    priority = str(st.session_state[key])
    reason = str(st.session_state.get(f"{key}_reason") or "")
    change(
        targets,
        lambda who: lambda opened, one: work.prioritise(opened, one, who, priority=priority, reason=reason),
        t("tickets_page.done.prioritise"),
    )


def comment(ticket_id: int, key: str) -> None:
    """Callback: write what the widget of ``key`` holds into the timeline."""
    text = str(st.session_state.get(key) or "")
    if _write(lambda opened, who: work.comment(opened, ticket_id, who, text=text), "comment"):
        st.session_state[key] = ""


def watch(ticket_id: int, person: str, *, on: bool) -> None:
    """Callback: tell somebody of it from now on, or no more."""
    act = work.watch if on else work.unwatch
    _write(lambda opened, who: act(opened, ticket_id, who, person=person), "watch" if on else "unwatch")


def watch_named(ticket_id: int, key: str) -> None:
    """Callback: tell whom the widget of ``key`` names."""
    person = str(st.session_state.get(key) or "")
    if _write(lambda opened, who: work.watch(opened, ticket_id, who, person=person), "watch"):
        st.session_state[key] = ""


def link(ticket_id: int, wanted: Link, *, on: bool) -> None:
    """Callback: tie it to a thing, or untie it."""
    act = work.link if on else work.unlink
    _write(lambda opened, who: act(opened, ticket_id, who, wanted), "link" if on else "unlink")


def link_typed(ticket_id: int, key: str) -> None:
    """Callback: tie it to what the widgets of ``key`` name."""
    wanted = Link(str(st.session_state[f"{key}_kind"]), str(st.session_state.get(f"{key}_ref") or "").strip())

    def tie() -> None:
        who = actor()
        (found,) = tied_calls.found(session.services(), [wanted])
        with session.services().database.write() as opened:
            work.link(opened, ticket_id, who, found)

    if attempt(tie, t("tickets_page.done.link")):
        st.session_state[f"{key}_ref"] = ""


def _write(act: Callable[[Any, Actor], Any], done: str) -> bool:
    def write() -> None:
        who = actor()
        with session.services().database.write() as opened:
            act(opened, who)

    return attempt(write, t(f"tickets_page.done.{done}"))


def change_book(act: Callable[[Session, Actor], object], done: str, *, form: str = "") -> None:
    """Callback: change rules, promises or calendars in one transaction, for those who may; in a dialog if named."""

    def write() -> None:
        who = actor(MANAGE)
        with session.services().database.write() as opened:
            act(opened, who)

    if form:
        dialogs.attempt(form, write, done)
    else:
        attempt(write, done)


def open_ticket(ticket_id: int) -> None:
    """Callback: show a ticket beside the list."""
    st.query_params[TICKET] = str(ticket_id)


def close_ticket() -> None:
    """Callback: show none."""
    for name in (TICKET, "tab"):
        st.query_params.pop(name, None)
