"""Who is told of a ticket, and what: channels by the routing rules, and mails to those it concerns.

Everything is only written here, in the transaction of the change; it leaves by the outbox.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from core.access import people
from core.language import LANGUAGES, Language, translate
from core.notify.announce import ESCALATED, announce
from core.notify.fact_words import clock_words
from core.notify.letters import About, Letter, mail
from core.notify.places import place_of
from core.store import outbox
from core.store.models.tickets import TicketRow
from core.store.outbox import Parcel
from core.tickets import recipients, wording
from core.tickets.calendars import zone_of
from core.tickets.recipients import Contact
from core.tickets.vocabulary import AUTOMATIC, public_id

Note = Mapping[str, str]
"""What somebody wrote or why something was done, by language."""

TO_CHANNELS = ("opened", "assigned", "resolved", "reopened", "commented", "escalated")
"""What the routing rules hear of; the alert that made a ticket is told by itself."""

TO_OPERATOR = (
    "assigned",
    "prioritised",
    "waiting",
    "resumed",
    "reopened",
    "commented",
    "absorbed",
    "merged",
    "resolved",
    "closed",
)
DESCRIBED = ("opened", "assigned")
"""Mails to people who may never have read what the ticket is about."""

OF_DEADLINES = ("reminded", "lead_told", ESCALATED)
"""News that say whether the deadline comes near or has passed."""

LONGEST_DESCRIPTION = 1200
PRODUCT = "Tollwatch"
"""Who did what the product did by itself."""

TO_WATCHERS = ("opened", "waiting", "resumed", "resolved", "closed", "reopened", "commented", "merged", "prioritised")


@dataclass(frozen=True)
class News:
    """What is told of a ticket: the event, when it was (aware UTC), by whom, and what was written to it.

    ``actor`` is empty where the product acts by itself and nobody is to be named. ``former`` is the operator who had it
    until now.
    """

    event: str
    at: datetime
    actor: str = ""
    note: Note = field(default_factory=dict)
    former: int | None = None


def tell(session: Session, ticket: TicketRow, news: News) -> None:
    """Tell everybody whom a change concerns, whoever made it excepted."""
    event = news.event
    if event in TO_CHANNELS and not (event == "opened" and ticket.source in ("alert", "case")):
        to_channels(session, ticket, news)
    concerned: list[Contact] = []
    if event in TO_OPERATOR:
        concerned += recipients.operator(session, ticket.operator_id)
    if event in TO_WATCHERS:
        concerned += recipients.watchers(session, ticket.id)
    parcels = mails(session, ticket, news, concerned)
    if news.former is not None and news.former != ticket.operator_id:
        parting = replace(news, event="taken_back" if ticket.operator_id is None else "given_away")
        parcels += mails(session, ticket, parting, recipients.operator(session, news.former))
    outbox.put_all(session, parcels, at=news.at)


def to_channels(session: Session, ticket: TicketRow, news: News) -> int:
    """Announce to the channels whose rules take it; gives how many."""
    note = news.note
    if news.event == ESCALATED and not note:
        said = f"tickets.mail.{_told_as(ticket, news)}"
        note = {language: translate(said, language, number=public_id(ticket.id)) for language in LANGUAGES}
    return announce(
        session,
        subject="ticket",
        subject_id=ticket.id,
        event=news.event,
        severity=ticket.priority,
        site=ticket.site,
        facts=facts(session, ticket) | {"actor": _named(news.actor), "note": dict(note)},
        at=news.at,
    )


def mails(session: Session, ticket: TicketRow, news: News, concerned: Iterable[Contact]) -> list[Parcel]:
    """A mail to each of some people, once, in their language, still to be put into the outbox. The actor needs none."""
    moment = news.at.isoformat(timespec="microseconds")
    about = About("ticket", ticket.id, news.event, ticket.priority)
    letters: dict[Language, Letter] = {}
    made = []
    others = [one for one in concerned if news.actor not in (one.name, one.address)]
    for address, contact in {one.address: one for one in others}.items():
        language = contact.language
        if language not in letters:
            letters[language] = _letter(session, ticket, news, language)
        key = f"ticket:{ticket.id}:{news.event}:{moment}:{address}"
        made.append(mail(letters[language], about, recipients=[address], language=language, key=key))
    return made


def facts(session: Session, ticket: TicketRow) -> dict[str, Any]:
    """What a message to a channel may tell of a ticket."""
    return {
        "title": wording.titles(ticket),
        "public_id": public_id(ticket.id),
        "owner": recipients.operator_name(session, ticket.operator_id),
        "path": f"/tickets?ticket={ticket.id}",
        "own_due": None if ticket.owned_at else ticket.own_due_at,
        "resolve_due": None if ticket.resolved_at else ticket.resolve_due_at,
    }


def _named(actor: str) -> str:
    return PRODUCT if actor == AUTOMATIC else actor


def _called(session: Session, actor: str) -> str:
    """Whom a mail names: a person by the name they go by."""
    return people.called(session).get(actor, _named(actor)) if actor else ""


def _is_late(ticket: TicketRow, at: datetime) -> bool:
    due = [ticket.resolve_due_at] if ticket.owned_at else [ticket.own_due_at, ticket.resolve_due_at]
    return any(instant is not None and instant <= at for instant in due)


def _told_as(ticket: TicketRow, news: News) -> str:
    return f"{news.event}_late" if news.event in OF_DEADLINES and _is_late(ticket, news.at) else news.event


def _letter(session: Session, ticket: TicketRow, news: News, language: Language) -> Letter:
    event, zone = news.event, zone_of(place_of(session, ticket.site).zone)
    named = {"number": public_id(ticket.id), "title": wording.title(ticket, language)}
    priority = wording.word("priorities", ticket.priority, language)
    operator = recipients.operator_name(session, ticket.operator_id)
    values = {"actor": _called(session, news.actor), "priority": priority.lower(), "operator": operator, **named}
    values["other"] = public_id(ticket.merged_into_id) if ticket.merged_into_id is not None else ""
    lead = translate(f"tickets.mail.{_told_as(ticket, news)}", language, **values)
    described = wording.description(ticket, language)[:LONGEST_DESCRIPTION] if event in DESCRIBED else ""
    told = {
        "priority": priority,
        "state": wording.word("states", ticket.state, language),
        "operator": operator,
        "site": ticket.site,
        "own_due": "" if ticket.owned_at else _due(ticket.own_due_at, zone, news.at, language),
        "resolve_due": "" if ticket.resolved_at else _due(ticket.resolve_due_at, zone, news.at, language),
        "waiting_until": clock_words(ticket.waiting_until, zone) if ticket.waiting_until else "",
    }
    return Letter(
        title=translate("tickets.mail.subject", language, **named),
        lead=lead,
        paragraphs=[text for text in (news.note.get(language, ""), described) if text],
        facts=[(translate(f"tickets.facts.{name}", language), value) for name, value in told.items() if value],
        path=f"/tickets?ticket={ticket.id}",
    )


def _due(instant: datetime | None, zone: ZoneInfo, at: datetime, language: Language) -> str:
    if instant is None:
        return ""
    shown = clock_words(instant, zone)
    return translate("tickets.mail.passed", language, due=shown) if instant <= at else shown
