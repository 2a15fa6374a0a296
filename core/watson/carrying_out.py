"""Doing what was read, through the same functions as the pages, in the name of the caller and within their scopes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.errors import NotAllowedError
from core.language import LANGUAGES, Language, translate
from core.notify import channel_book, letters
from core.notify.channels.email.letter import sender_address
from core.notify.letters import About, Letter
from core.notify.severities import NONE
from core.operators import assignment
from core.operators.assignment import Needs
from core.reports.asking import ask_for
from core.reports.forms import USUAL
from core.reports.order import ReportOrder
from core.reports.runs import Wanted
from core.services import Services
from core.store import audit, outbox
from core.store.outbox import Parcel
from core.tickets import query as tickets
from core.tickets import work as ticket_work
from core.tickets.vocabulary import public_id
from core.tickets.work import NewTicket
from core.visits import availability
from core.visits import work as visit_work
from core.visits.work import Guest, NewVisit
from core.watson.book import CHANNEL, Book, Entry
from core.watson.errors import WatsonFactError, WatsonRecipientsError
from core.watson.moments import instant
from core.watson.vocabulary import DEFAULT_MINUTES, DEFAULT_PERIOD, DEFAULT_PRIORITY, SCOPES, Intent

MOST_RECIPIENTS = 10


@dataclass(frozen=True)
class DoorCaller:
    """Who sends messages: the name the audit gives, and what they may; a message never widens it."""

    name: str
    permissions: frozenset[str]

    def may(self, permission: str) -> bool:
        """Whether this caller holds ``permission``."""
        return permission in self.permissions


@dataclass(frozen=True)
class Order:
    """What is to be done: for whom, with which facts (checked), and ``said``, what the conversation said of it.

    ``key`` keeps a repetition from doing it twice, ``number`` is the request's; ``at`` is aware.
    """

    intent: Intent
    facts: Mapping[str, Any]
    said: str
    caller: DoorCaller
    key: str
    number: int
    language: Language
    at: datetime


@dataclass(frozen=True)
class Result:
    """What was made: its kind, number, readable id, the page that shows it, and what fills the sentence told of it."""

    kind: str
    id: int
    public_id: str
    path: str
    told: Mapping[str, Any]


def do(session: Session, services: Services, book: Book, order: Order) -> Result:
    """Do it in the caller's transaction, audited.

    Raises ``NotAllowedError`` where a scope is missing, ``WatsonFactError`` where another fact is needed, and what
    the work itself raises.
    """
    check_scope(order.intent, order.caller)
    result = _DOERS[order.intent](session, services, book, order)
    detail = {"kind": result.kind, "facts": {name: order.facts[name] for name in sorted(order.facts)}}
    action = f"watson.{order.intent}"
    audit.record(session, actor=order.caller.name, action=action, subject=result.public_id, detail=detail, at=order.at)
    return result


def check_scope(intent: Intent, caller: DoorCaller) -> None:
    """Raise ``NotAllowedError`` unless the caller holds what the thing asks for."""
    if not caller.may(SCOPES[intent]):
        raise NotAllowedError(permission=SCOPES[intent])


def _ticket(session: Session, _services: Services, _book: Book, order: Order) -> Result:
    facts = order.facts
    new = NewTicket(
        title=facts["subject"],
        description=_with_number(order),
        priority=facts.get("priority", DEFAULT_PRIORITY),
        source="watson",
        client_id=facts.get("client"),
        site=facts.get("site", ""),
        requested_by=order.caller.name,
        key=f"{order.caller.name}|{order.key}",
    )
    number = ticket_work.create(session, new, actor=order.caller.name, at=order.at)
    row = tickets.one(session, number)
    priority = translate(f"notify.severities.{row.priority}", order.language).lower()
    told = {"id": public_id(number), "title": row.title, "priority": priority}
    return Result("ticket", number, public_id(number), f"tickets?ticket={number}", told)


def _with_number(order: Order) -> str:
    number = order.facts.get("number", "")
    return order.said if not number or number in order.said else f"{order.said}\n{number}"


def _visit(session: Session, services: Services, book: Book, order: Order) -> Result:
    facts = order.facts
    client = book.client(facts["client"])
    if client is None:
        raise WatsonFactError(fact="client")
    site = facts.get("site") or client.site
    zone = book.zone_at(site)
    starts_at = instant(date.fromisoformat(facts["day"]), time.fromisoformat(facts["time"]), zone)
    minutes = facts.get("minutes", DEFAULT_MINUTES)
    new = NewVisit(
        title=translate("watson.visit_title", order.language, client=client.name)[:200],
        starts_at=starts_at,
        minutes=minutes,
        operator_id=facts.get("operator") or _whoever_is_free(session, site, starts_at, minutes),
        client=Guest(id=client.id),
        zone=zone.key,
        organizer=sender_address(services.settings),
        place=site,
        site=site,
        notes=order.said,
    )
    row = visit_work.schedule(session, new, visit_work.Actor(order.caller.name, order.at, f"watson:{order.key}"))
    local = row.starts_at.astimezone(zone)
    told = {"id": row.public_id, "client": row.client_name, "operator": row.operator_name, "zone": zone.key,
            "when": f"{local:%Y-%m-%d %H:%M}", "minutes": new.minutes}  # fmt: skip
    return Result("visit", row.id, row.public_id, f"visits?visit={row.id}", told)


def _whoever_is_free(session: Session, site: str, starts_at: datetime, minutes: int) -> int:
    """Somebody on shift who is with nobody else then; where all are, one of them, so that the clash is told."""
    elsewhere = availability.engaged(session, starts_at, starts_at + timedelta(minutes=minutes))
    choice = assignment.choose(session, Needs(site=site), at=starts_at, engaged=elsewhere)
    if choice.operator_id is None and elsewhere:
        choice = assignment.choose(session, Needs(site=site), at=starts_at)
    if choice.operator_id is None:
        raise WatsonFactError(fact="operator")
    return choice.operator_id


def _notification(session: Session, _services: Services, book: Book, order: Order) -> Result:
    keys = order.facts["recipients"]
    if len(keys) > MOST_RECIPIENTS:
        raise WatsonRecipientsError(most=MOST_RECIPIENTS)
    recipients = [book.recipients[key] for key in keys]
    for recipient in recipients:
        _send(session, recipient, order)
    channel_book.wake(session, order.caller.name, order.at)
    names = ", ".join(recipient.name for recipient in recipients)
    told = {"recipients": names, "message": order.facts["message"]}
    return Result("notification", order.number, str(order.number), "notifications", told)


def _send(session: Session, recipient: Entry, order: Order) -> None:
    language: Language = "es" if recipient.language == "es" else "en"
    title = translate("watson.letter.title", language)
    key = f"watson:{order.caller.name}:{order.key}:{recipient.key}"[:200]
    if recipient.kind == CHANNEL:
        row = channel_book.find(session, recipient.id)
        warning = {each: translate("watson.letter.closing", each) for each in LANGUAGES}
        content = {"title": title, "note": order.facts["message"], "actor": order.caller.name, "action": warning}
        parcel = Parcel(
            key=key,
            kind=row.kind,
            subject="watson",
            subject_id=order.number,
            event="message",
            severity=NONE,
            content=content,
            language=row.language,
            recipients=channel_book.recipients_of(row),
            channel_id=row.id,
        )
        outbox.put(session, parcel, at=order.at)
        return
    letter = Letter(
        title=title,
        lead=translate("watson.letter.lead", language, who=order.caller.name),
        paragraphs=(order.facts["message"],),
        closing=translate("watson.letter.closing", language),
    )
    letters.write_mail(
        session,
        letter,
        About("watson", order.number, "message"),
        recipients=[recipient.email],
        language=language,
        key=key,
        at=order.at,
    )


def _report(session: Session, _services: Services, book: Book, order: Order) -> Result:
    wanted = ReportOrder(order.facts["report"], order.facts.get("period", DEFAULT_PERIOD))
    for permission in wanted.needs:
        if not order.caller.may(permission):
            raise NotAllowedError(permission=permission)
    period = wanted.stretch(order.at, book.zone)
    key = f"watson:{order.caller.name}:{order.key}"
    asked = Wanted(wanted, period, USUAL, order.language)
    run_id = ask_for(session, asked, key=key, requested_by=order.caller.name, at=order.at)
    told = {"title": translate(f"report_{wanted.kind}.title", order.language), "id": run_id,
            "period": translate(f"watson.periods.{wanted.period}", order.language)}  # fmt: skip
    return Result("report", run_id, str(run_id), f"reports?view=history&run={run_id}", told)


_DOERS: dict[Intent, Callable[[Session, Services, Book, Order], Result]] = {
    "create_ticket": _ticket,
    "schedule_visit": _visit,
    "send_notification": _notification,
    "generate_report": _report,
}
