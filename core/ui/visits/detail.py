"""One visit beside the calendar: when, where, who, its mails, its timeline, and what to do with it."""

from collections.abc import Sequence

import streamlit as st

from core.errors import NotFoundError
from core.store.models.visits import VisitRow, VisitTimelineRow
from core.ui import navigation, session, states, times
from core.ui.colors import BadgeColor
from core.ui.components.copying import copy_button
from core.ui.text import escaped, language, t
from core.ui.visits import actions, calendar_view, form
from core.ui.who import person_name
from core.visits import availability, mails, query, timeline
from core.visits.days import span_words, zone_of
from core.visits.vocabulary import OVERDUE, SCHEDULED

WATCHED_EVERY = "15s"
COLORS: dict[str, BadgeColor] = {
    "scheduled": "blue",
    "done": "green",
    "missed": "red",
    "cancelled": "gray",
    "overdue": "orange",
}
_MAIL_ICONS = {
    "sent": ":material/mark_email_read:",
    "dead": ":material/unsubscribe:",
    "discarded": ":material/cancel_schedule_send:",
}


def panel(reference: str) -> None:
    """The visit that the address names, whether the filter shows it or not."""
    try:
        with session.services().database.read() as opened:
            visit = query.one(opened, reference)
            history = timeline.entries(opened, visit.id)
    except NotFoundError as error:
        states.failed(error)
        st.button(t("ui.close"), key="visit_close_missing", on_click=actions.close_visit)
        return
    with st.container(border=True, key="card-visit"):
        _head(visit)
        _changes(visit.id, visit.version)
        if actions.may_work():
            _actions(visit)
        _facts(visit)
        _mails(visit.id)
        _history(history)


def _head(visit: VisitRow) -> None:
    state = calendar_view.state_of(visit)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.badge(t(f"visits.states.{state}"), color=COLORS[state])
        if visit.moves:
            st.badge(t("visits_page.moved_times", n=visit.moves), color="gray")
        st.space("stretch")
        st.button(
            "",
            key="visit_close",
            icon=":material/close:",
            type="tertiary",
            help=t("ui.close"),
            on_click=actions.close_visit,
        )
    st.subheader(escaped(visit.title), anchor=False)
    st.markdown(f"**{escaped(span_words(visit.starts_at, visit.ends_at, zone_of(visit.zone), language()))}**")
    if times.zone().key != visit.zone:
        here = f"{times.to_the_minute(visit.starts_at)} ({times.zone().key})"
        st.caption(t("visits_page.your_time", when=escaped(here)))
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        copy_button(visit.public_id, t("ui.copied"), key="visit_id", text=visit.public_id)
        copy_button(t("ui.copy_link"), t("ui.copied"), key="visit_link", address=f"/visits?visit={visit.id}")
    if visit.state == SCHEDULED:
        now = session.services().clock.now()
        with session.services().database.read() as opened:
            concerns = availability.concerns_now(opened, visit, now)
        for concern in concerns:
            st.warning(t(f"visits.concerns.{concern}"), icon=":material/warning:")


@st.fragment(run_every=WATCHED_EVERY, key="visit_changes")
def _changes(visit_id: int, version: int) -> None:
    """Say when somebody else changed what is shown; nothing moves under the reader's hands."""
    if session.current_user() is None:
        return
    with session.services().database.read() as opened:
        visit = query.one(opened, str(visit_id))
    if visit.version != version:
        who = escaped(person_name(visit.changed_by))
        said = t("visits_page.changed", who=who, at=times.to_the_minute(visit.changed_at))
        st.info(said, icon=":material/sync:")
        if st.button(t("visits_page.reload"), key="visit_reload"):
            st.rerun()


def _actions(visit: VisitRow) -> None:
    with st.container(horizontal=True, gap="xsmall", key="visit_actions"):
        if visit.state == SCHEDULED:
            begun = visit.starts_at <= session.services().clock.now()
            if begun:
                _end_button(visit, "done", "D", primary=calendar_view.state_of(visit) == OVERDUE)
                _end_button(visit, "missed", None)
            if st.button(t("visits_page.actions.move"), key="visit_move", icon=":material/event_repeat:", shortcut="M"):
                form.move_dialog(visit)
            _end_button(visit, "cancel", "X")
        states.action_link(
            t("visits_page.actions.calendar"), f"/api/v1/visits/{visit.id}/calendar.ics", primary=False, wide=False
        )


def _end_button(visit: VisitRow, kind: str, shortcut: str | None, *, primary: bool = False) -> None:
    pressed = st.button(
        t(f"visits_page.actions.{kind}"),
        key=f"visit_{kind}",
        shortcut=shortcut,
        type="primary" if primary else "secondary",
    )
    if pressed:
        actions.end_dialog(visit, kind)


def _facts(visit: VisitRow) -> None:
    told = {
        "client": _person(visit.client_name, visit.client_email),
        "operator": _person(visit.operator_name, visit.operator_email),
        "place": visit.place,
        "site": visit.site,
        "notes": visit.notes,
        "outcome": visit.outcome,
    }
    for name, value in told.items():
        if value:
            st.markdown(f":small[{t(f'visits_page.facts.{name}')}]  \n{escaped(value)}")
    if visit.ticket_id is not None:
        _ticket_link(visit.ticket_id)


def _person(name: str, mail: str) -> str:
    return f"{name} · {mail}" if mail else name


def _ticket_link(ticket_id: int) -> None:
    if not session.may("tickets.view"):
        return
    st.page_link(
        navigation.script("tickets"),
        label=t("visits_page.to_ticket", n=ticket_id),
        icon=":material/confirmation_number:",
        query_params={"ticket": str(ticket_id)},
    )


@st.fragment(run_every=WATCHED_EVERY, key="visit_mails")
def _mails(visit_id: int) -> None:
    """What became of the mails: whoever looks must see that a client was not reached."""
    if session.current_user() is None:
        return
    with session.services().database.read() as opened:
        told = mails.of_visit(opened, visit_id)
    if not told:
        return
    st.markdown(f"**{t('visits_page.mails')}**")
    for one in told:
        icon = _MAIL_ICONS.get(one.state, ":material/schedule_send:")
        what = t(f"visits_page.mail_events.{one.event}")
        state = t(f"notify.states.{one.state}")
        whom = escaped(", ".join(one.recipients))
        when = times.to_the_minute(one.finished_at or one.created_at)
        st.markdown(f":small[{icon} {what} · {whom} · **{state}** · {when}]")


def _history(rows: Sequence[VisitTimelineRow]) -> None:
    st.markdown(f"**{t('visits_page.history')}**")
    for one in rows:
        said = f"{person_name(one.actor)} {t(f'visits.actions.{one.action}')}"
        st.markdown(f"{escaped(said)}  \n:small[{times.moment(one.at)}]")
        text = " · ".join(part for part in (_changed(one), one.reason) if part)
        if text:
            st.caption(escaped(text))


def _changed(one: VisitTimelineRow) -> str:
    """From what to what a visit was moved."""
    changes = one.detail.get("changes") or {}
    told = []
    if "starts_at" in changes:
        was, now = (times.to_the_minute(timeline.instant(text)) for text in changes["starts_at"])
        told.append(f"{was} → {now}")
    elif "ends_at" in changes:
        was, now = (times.to_the_minute(timeline.instant(text)) for text in changes["ends_at"])
        told.append(t("visits_page.ends", was=was, now=now))
    for name in ("operator", "place"):
        if name in changes:
            was, now = changes[name]
            told.append(f"{was or t('ui.none')} → {now or t('ui.none')}")
    return " · ".join(told)
