"""Scheduling a visit and moving one, as dialogs. What is only awkward is said once and then done if it is meant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import streamlit as st

from core.errors import NotFoundError
from core.language import LANGUAGES
from core.notify.channels.email.letter import sender_address
from core.store.models.visits import VisitRow
from core.tickets.vocabulary import number_of
from core.ui import dialogs, session, times
from core.ui.text import escaped, t
from core.ui.visits import actions, dialog
from core.visits import availability, work
from core.visits.availability import Host
from core.visits.days import zone_of
from core.visits.vocabulary import (
    LONGEST_NAME,
    LONGEST_NOTES,
    LONGEST_PLACE,
    LONGEST_REASON,
    LONGEST_TITLE,
)
from core.visits.work import Guest, Move, NewVisit, Target

NEW, AT, TICKET, CLIENT = "new", "at", "for_ticket", "for_client"
"""Parameters of an address that opens the form filled in."""

_USUAL_MINUTES = 60
_USUAL_TIME = time(9, 0)
_FORM, _MOVE = "visit_new", "visit_move"
_SOMEBODY_ELSE = 0


@dataclass(frozen=True)
class _Start:
    """What the form begins with."""

    day: date
    at: time
    ticket: str = ""
    client: int = _SOMEBODY_ELSE


def button() -> None:
    """The button that opens the form; so does an address with ``new``, as a ticket's link has."""
    pressed = st.button(t("visits_page.new.open"), key="visit_new", icon=":material/add:", type="primary", shortcut="N")
    if pressed or st.query_params.get(NEW):
        start = _start()
        for name in (NEW, AT, TICKET, CLIENT):
            st.query_params.pop(name, None)
        _ask(start)


def begin_at(day: str, minute: int) -> None:
    """Open the form for a place in the calendar, at the next run of the page."""
    st.query_params.from_dict(
        {**st.query_params.to_dict(), NEW: "1", AT: f"{day}T{minute // 60:02d}:{minute % 60:02d}"}
    )


def _start() -> _Start:
    now = times.local(session.services().clock.now())
    day, at = now.date() + timedelta(days=1), _USUAL_TIME
    try:
        given = datetime.fromisoformat(st.query_params.get(AT, ""))
        day, at = given.date(), given.time().replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        pass
    ticket, client = st.query_params.get(TICKET, ""), st.query_params.get(CLIENT, "")
    return _Start(
        day, at, ticket if ticket.isdigit() else "", int(client) if client.isdigit() and len(client) < 18 else 0
    )


def _ask(start: _Start) -> None:
    began = {"title": "", "operator": None, "day": start.day, "at": start.at, "minutes": _USUAL_MINUTES, "place": "",
             "notes": "", "ticket": start.ticket, "zone": dialog.known_zone(times.zone().key)}  # fmt: skip
    dialog.begin(_FORM, "vn", began)
    title = t("visits_page.new.title")
    dialogs.asked(_FORM, title, ":material/event:", lambda: _fields(start.client), width="medium")


def _fields(client_id: int) -> None:
    with session.services().database.read() as opened:
        hosts, guests = availability.hosts(opened), availability.clients(opened)
    if not hosts:
        st.info(t("visits_page.new.no_operators"), icon=":material/engineering:")
        return
    client = _client(guests, client_id)
    with st.form("schedule_visit", border=False):
        st.text_input(t("visits_page.new.what"), max_chars=LONGEST_TITLE, key="vn_title")
        if client is None:
            _somebody_else()
        dialog.choose_operator(hosts, "vn")
        dialog.choose_time("vn", _USUAL_MINUTES)
        st.text_input(t("visits_page.new.place"), max_chars=LONGEST_PLACE, key="vn_place")
        st.text_area(
            t("visits_page.new.notes"),
            max_chars=LONGEST_NOTES,
            height=80,
            key="vn_notes",
            help=t("visits_page.new.notes_help"),
        )
        st.text_input(t("visits_page.new.ticket"), max_chars=18, key="vn_ticket")
        dialog.warnings(_FORM)
        st.form_submit_button(
            t(f"visits_page.new.{dialog.verb(_FORM)}"),
            type="primary",
            width="stretch",
            on_click=_schedule,
            args=(client,),
        )


def move_dialog(visit: VisitRow) -> None:
    """Ask for another time, place or operator, then move the visit."""
    begin = visit.starts_at.astimezone(zone_of(visit.zone))
    minutes = round((visit.ends_at - visit.starts_at).total_seconds() / 60)
    began = {"day": begin.date(), "at": begin.time(), "minutes": minutes, "zone": dialog.known_zone(visit.zone),
             "operator": visit.operator_id, "place": visit.place, "reason": ""}  # fmt: skip
    dialog.begin(_MOVE, "vm", began)
    title = t("visits_page.move.title", what=escaped(visit.title))
    dialogs.asked(_MOVE, title, ":material/event_repeat:", lambda: _move_fields(visit, minutes), width="medium")


def _move_fields(visit: VisitRow, minutes: int) -> None:
    with session.services().database.read() as opened:
        hosts = availability.hosts(opened)
    present = Host(visit.operator_id, visit.operator_name, visit.operator_email, visit.operator_language)
    if all(host.id != present.id for host in hosts):
        hosts = [present, *hosts]
    with st.form("move_visit", border=False):
        dialog.choose_time("vm", minutes)
        dialog.choose_operator(hosts, "vm")
        st.text_input(t("visits_page.new.place"), max_chars=LONGEST_PLACE, key="vm_place")
        st.text_input(
            t("visits_page.move.reason"),
            max_chars=LONGEST_REASON,
            key="vm_reason",
            help=t("visits_page.move.reason_help"),
        )
        dialog.warnings(_MOVE)
        st.form_submit_button(
            t(f"visits_page.move.{dialog.verb(_MOVE)}"), type="primary", width="stretch", on_click=_move, args=(visit,)
        )


def _client(guests: Sequence[Guest], chosen: int) -> Guest | None:
    """Whom the visit is for, of those we know; ``None`` is somebody else."""
    known = {guest.id or 0: guest for guest in guests}
    if not known:
        return None
    ids = [*known, _SOMEBODY_ELSE]
    picked = st.selectbox(
        t("visits_page.new.client"),
        ids,
        index=ids.index(chosen) if chosen in known else 0,
        format_func=lambda one: known[one].name if one in known else t("visits_page.new.somebody_else"),
        key="vn_client",
    )
    return known.get(picked)


def _somebody_else() -> None:
    st.text_input(t("visits_page.new.client_name"), max_chars=LONGEST_NAME, key="vn_client_name")
    left, right = st.columns([3, 2])
    left.text_input(
        t("visits_page.new.client_email"), max_chars=254, key="vn_client_email", help=t("visits_page.new.email_help")
    )
    right.segmented_control(
        t("visits_page.new.client_language"),
        LANGUAGES,
        default=LANGUAGES[-1],
        required=True,
        format_func=lambda one: t(f"ui.language_names.{one}"),
        key="vn_client_language",
    )


def _schedule(client: Guest | None) -> None:
    """Callback: schedule what the form tells."""
    given = dialog.values("vn")
    if not str(given["title"] or "").strip() or given["operator"] is None:
        dialogs.refused(_FORM, t("visits_page.new.needed"))
        return
    guest = client or Guest(
        str(given["client_name"] or ""), str(given["client_email"] or ""), str(given["client_language"])
    )
    ticket = str(given["ticket"] or "").strip()

    def write() -> None:
        who = actions.actor(dialog.key_of(_FORM))
        new = NewVisit(
            title=str(given["title"]),
            starts_at=dialog.instant(given),
            minutes=int(given["minutes"]),
            operator_id=int(given["operator"]),
            client=guest,
            zone=str(given["zone"]),
            organizer=sender_address(session.services().settings),
            place=str(given["place"] or ""),
            notes=str(given["notes"] or ""),
            ticket_id=_number_of(ticket) if ticket else None,
        )
        with session.services().database.write() as opened:
            row = work.schedule(opened, new, who)
        actions.open_visit(row.id)

    dialog.write_once(_FORM, given, write, t("visits_page.done.schedule"))


def _number_of(reference: str) -> int:
    """The number of a ticket as somebody wrote it. Raises ``NotFoundError`` for what is none."""
    number = number_of(reference)
    if number is None:
        raise NotFoundError(what=f"ticket {reference}")
    return number


def _move(visit: VisitRow) -> None:
    """Callback: move the visit to what the form tells."""
    given = dialog.values("vm")

    def write() -> None:
        wanted = Move(
            starts_at=dialog.instant(given),
            minutes=int(given["minutes"]),
            operator_id=given["operator"],
            place=str(given["place"] or ""),
            zone=str(given["zone"]),
            reason=str(given["reason"] or ""),
        )
        who = actions.actor(dialog.key_of(_MOVE))
        with session.services().database.write() as opened:
            work.move(opened, Target(visit.id, visit.version), wanted, who)

    dialog.write_once(_MOVE, given, write, t("visits_page.done.move"))
