"""Alerts and other findings become tickets: by rule in the transaction that receives the alert, or by a click.

One ticket stands for a case or an alert. It follows what its alert does: a rising severity lifts its priority, an
alert that opens again opens it again. Closing a ticket closes no alert.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.detection.registry import detectors
from core.errors import InvalidInputError, NotFoundError
from core.language import LANGUAGES, Language, is_text, translate
from core.language import numbers as spelt
from core.store.models.alerts import AlertRow, CaseRow
from core.store.models.tickets import TicketRow, TicketRuleRow
from core.tickets import links, rule_book, work
from core.tickets.changing import Actor, Target, resolve_merged
from core.tickets.create import NewTicket, create, key_of
from core.tickets.links import Link
from core.tickets.vocabulary import AUTOMATIC, public_id, rank

HISTORY = timedelta(hours=24)
"""Of the alerts of a history read for the first time, those raised this recently still need somebody."""

LONGEST_ITEM = 4000


@dataclass(frozen=True)
class Touched:
    """An alert that was received: whether it is new, got worse, or opened again after it was closed."""

    alert: AlertRow
    is_new: bool = False
    worsened: bool = False
    reopened: bool = False


def follow_alerts(session: Session, touched: Sequence[Touched], *, at: datetime) -> list[int]:
    """Make and change the tickets of alerts just received, as rules say; gives the tickets touched.

    Call it in the transaction that receives them. What is muted, closed, deleted or old history makes none.
    """
    wanted = [one for one in touched if (one.is_new or one.worsened or one.reopened) and _needs_somebody(one.alert, at)]
    if not wanted:
        return []
    rules = rule_book.kept_rules(session)
    followed = (_follow(session, one, rule_book.deciding(rules, one.alert), at) for one in wanted)
    return list(dict.fromkeys(number for number in followed if number is not None))


def _needs_somebody(alert: AlertRow, at: datetime) -> bool:
    if alert.deleted_at is not None or not alert.is_open:
        return False
    if alert.muted_until is not None and alert.muted_until > at:
        return False
    return not alert.is_backfilled or alert.emitted_at >= at - HISTORY


def _follow(session: Session, touched: Touched, rule: TicketRuleRow | None, at: datetime) -> int | None:
    if rule is None:
        return None
    alert = touched.alert
    known = _made_from(session, _key(rule, alert))
    if known is None:
        return create(session, _by_rule(session, rule, alert), actor=AUTOMATIC, at=at, reason="by_rule")
    number = resolve_merged(session, known)
    ticket = session.get_one(TicketRow, number)
    actor = Actor(AUTOMATIC, at)
    # A ticket that is tied to all it can hold goes on: no alert may fail to be received for that.
    if links.has_room(session, number):
        work.link(session, number, actor, _alert_link(alert))
    if not ticket.is_open:
        ticket = work.change_state(session, Target(number), actor, to="open", reason="alert_again")
    priority = rule_book.priority_by(rule, alert)
    if rank(priority) > ticket.priority_rank:
        work.prioritise(session, Target(number), actor, priority=priority, reason="severity_rose")
    return number


def _key(rule: TicketRuleRow, alert: AlertRow) -> tuple[str, str]:
    return ("case", str(alert.case_id)) if rule.per == "case" else ("alert", str(alert.id))


def _made_from(session: Session, source: tuple[str, str]) -> int | None:
    kind, key = source
    return session.scalar(select(TicketRow.id).where(TicketRow.source_key == key_of(kind, "", key)))


def _by_rule(session: Session, rule: TicketRuleRow, alert: AlertRow) -> NewTicket:
    source, key = _key(rule, alert)
    made = _about(session, alert)
    return replace(
        made,
        source=source,
        key=key,
        priority=rule_book.priority_by(rule, alert),
        client_id=rule.client_id,
        skills=tuple(rule.skills),
        requested_by=rule.name,
    )


def from_alert(session: Session, alert_id: int, *, actor: str, at: datetime, priority: str = "") -> int:
    """Make a ticket of an alert by hand; gives its number, that of an open one about the alert if there is one.

    Without ``priority`` it is that of the severity. Raises ``NotFoundError``.
    """
    alert = session.get(AlertRow, alert_id)
    if alert is None or alert.deleted_at is not None:
        raise NotFoundError(what="alert")
    made = replace(_about(session, alert), source="alert", priority=priority or alert.severity)
    return _unless_open(session, made, Link("alert", str(alert_id)), actor=actor, at=at)


def from_case(session: Session, case_id: int, *, actor: str, at: datetime, priority: str = "") -> int:
    """Make a ticket of a case by hand, tied to all its alerts; otherwise as ``from_alert``."""
    alerts = list(
        session.scalars(
            select(AlertRow)
            .where(AlertRow.case_id == case_id, AlertRow.deleted_at.is_(None))
            .order_by(AlertRow.is_open.desc(), AlertRow.severity_rank.desc(), AlertRow.id)
            .limit(links.MOST_LINKS // 2)
        )
    )
    if not alerts:
        raise NotFoundError(what="case")
    first = _about(session, alerts[0])
    tied = (*first.links, *(_alert_link(alert) for alert in alerts[1:]))
    made = replace(first, source="case", priority=priority or alerts[0].severity, links=tied)
    return _unless_open(session, made, Link("case", str(case_id)), actor=actor, at=at)


def _unless_open(session: Session, made: NewTicket, about: Link, *, actor: str, at: datetime) -> int:
    known = links.tickets_of(session, about.kind, [about.reference]).get(about.reference, [])
    if known and known[0].is_open:
        return known[0].id
    key = about.reference if not known else f"{about.reference}.{len(known)}"
    return create(session, replace(made, key=key), actor=actor, at=at)


def from_recording_item(  # noqa: PLR0913 - an item is its recording, its place and its words
    session: Session,
    recording_id: int,
    *,
    item: int,
    text: str,
    actor: str,
    at: datetime,
    label: str = "",
    priority: str = "medium",
    site: str = "",
) -> int:
    """Make a ticket of an action item of a recording's summary: ``item`` is its place, ``text`` its words.

    The same item again gives the first ticket. Words of a conversation are kept as text and decide nothing. Raises
    ``InvalidInputError`` for an empty item.
    """
    words = " ".join(text.split())[:LONGEST_ITEM]
    if not words:
        raise InvalidInputError(field="text", problem=f"1-{LONGEST_ITEM} characters")
    title = words if len(words) <= 200 else f"{words[:199].rstrip()}…"
    made = NewTicket(
        title=title,
        description=words if title != words else "",
        priority=priority,
        source="recording",
        site=site,
        requested_by=actor,
        links=(Link("recording", str(recording_id), label),),
        key=f"{recording_id}:{item}",
    )
    return create(session, made, actor=actor, at=at)


def _about(session: Session, alert: AlertRow) -> NewTicket:
    """A ticket about an alert, told in each language from the alert's facts."""
    case = session.get(CaseRow, alert.case_id)
    titles: dict[str, str] = {language: _title(alert, language) for language in LANGUAGES}
    told: dict[str, str] = {language: _description(alert, language) for language in LANGUAGES}
    tied = [_alert_link(alert)]
    if case is not None:
        tied.insert(0, Link("case", str(case.id), case.public_id))
    return NewTicket(
        title=titles["en"],
        description=told["en"],
        site=alert.site,
        links=tuple(tied),
        texts={"title": titles, "description": told} if not alert.title else {"description": told},
    )


def _alert_link(alert: AlertRow) -> Link:
    return Link("alert", str(alert.id), alert.public_id)


def _title(alert: AlertRow, language: Language) -> str:
    who = alert.entity_name or alert.entity
    what = alert.title or _kind(alert, language)
    where = alert.site if alert.site != who else ""
    return " – ".join(part for part in (what, who, where) if part)[:200]


def _kind(alert: AlertRow, language: Language) -> str:
    known = next((one for one in detectors() if one.id == alert.detector), None)
    if known is not None:
        return str(known.about.get("name", {}).get(language) or known.id)
    key = f"alerts.types.{alert.alert_type}"
    return translate(key, language) if is_text(key) else alert.alert_type.replace("_", " ")


def _description(alert: AlertRow, language: Language) -> str:
    return translate(
        "tickets.from_alert" if alert.evidence_count else "tickets.from_alert_alone",
        language,
        alert=alert.public_id,
        calls=alert.evidence_count,
        cost=spelt.number(alert.cost, 2, language),
        words=alert.description,
    ).strip()


def tickets_of_alerts(session: Session, alert_ids: Sequence[int]) -> dict[int, list[str]]:
    """The tickets about some alerts, open and newest first, as people say them, by alert."""
    found = links.tickets_of(session, "alert", [str(alert_id) for alert_id in alert_ids])
    return {int(reference): [public_id(row.id) for row in rows] for reference, rows in found.items()}
