"""Telling the people of a visit: a mail with the invitation to client and operator, and an announcement to channels.

Everything is written with the change it tells of, and leaves by the outbox. A mail that could not leave before the
next change is never sent: the newer one takes its place.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from core.language import DEFAULT_LANGUAGE, LANGUAGES, Language, translate
from core.notify.announce import announce
from core.notify.letters import About, Letter, write_mail
from core.store.models.visits import VisitRow
from core.visits.days import span_words, zone_of
from core.visits.invitations import Method, Reader, attachment
from core.visits.vocabulary import CLIENT, DONE, MISSED, OPERATOR

Role = Literal["client", "operator"]


@dataclass(frozen=True)
class News:
    """What is told: scheduled, moved, given_away, cancelled, reminder; and why, in the words of whoever did it.

    ``mark`` tells one news from another of the same kind; ``before`` is when a moved visit would have been, and
    ``former_place`` where, as far as that is another.
    """

    event: str
    at: datetime
    actor: str = ""
    reason: str = ""
    mark: str = ""
    before: tuple[datetime, datetime] | None = None
    former_place: str = ""

    @property
    def method(self) -> Method:
        """How a calendar takes it (RFC 5546)."""
        return "CANCEL" if self.event in ("cancelled", "given_away") else "REQUEST"


@dataclass(frozen=True)
class Recipient:
    """Somebody a mail goes to, in their language."""

    role: Role
    name: str
    mail: str
    language: Language


def recipients(visit: VisitRow) -> Iterator[Recipient]:
    """Client and operator, as far as they have a mail address."""
    people: tuple[tuple[Role, str, str, str], ...] = (
        ("client", visit.client_name, visit.client_email, visit.client_language),
        ("operator", visit.operator_name, visit.operator_email, visit.operator_language),
    )
    for role, name, mail, language in people:
        if mail:
            yield Recipient(role, name, mail, language_of(language))


def language_of(value: str) -> Language:
    """A stored language, or the usual one for what is none."""
    return value if value in LANGUAGES else DEFAULT_LANGUAGE


def invite(session: Session, visit: VisitRow, news: News) -> int:
    """Write a mail for everybody of the visit; gives how many were written."""
    return sum(mail_to(session, visit, recipient, news) for recipient in recipients(visit))


def mail_to(session: Session, visit: VisitRow, recipient: Recipient, news: News) -> bool:
    """Write one mail with the visit as it stands; ``False`` when it was written before."""
    about = About(
        subject="visit",
        subject_id=visit.id,
        event=news.event,
        newest_of=f"visit:{visit.id}:{recipient.role}:{recipient.mail}",
    )
    written = write_mail(
        session,
        letter(visit, recipient, news),
        about,
        recipients=[recipient.mail],
        language=recipient.language,
        key=f"visit:{visit.id}:{visit.sequence}:{news.event}{news.mark}:{recipient.role}:{recipient.mail}",
        at=news.at,
    )
    return written is not None


def letter(visit: VisitRow, recipient: Recipient, news: News) -> Letter:
    """The mail in the recipient's language, with the invitation."""
    language, is_client = recipient.language, recipient.role == CLIENT
    when = span_words(visit.starts_at, visit.ends_at, zone_of(visit.zone), language)
    named = {"client": visit.client_name, "operator": visit.operator_name, "what": visit.title}
    texts = f"visits.mail.{recipient.role}.{news.event}"
    paragraphs = list(_told_beside(visit, news, language))
    if not is_client and visit.notes and news.method == "REQUEST":
        paragraphs.append(visit.notes)
    if news.event != "given_away":
        paragraphs.append(translate(f"visits.mail.{news.method.lower()}", language))
    reader = Reader(
        role=recipient.role,
        language=language,
        uninvited=(recipient.name, recipient.mail) if news.event == "given_away" else None,
    )
    return Letter(
        title=translate(f"{texts}_title", language, **named),
        lead=translate(f"{texts}_lead", language, **named),
        highlight=when,
        paragraphs=paragraphs,
        facts=_facts(visit, recipient),
        closing=_closing(visit, news, language) if is_client else "",
        # An operator's answer would carry the notes of the desk along: it does not go to the client.
        reply_to=visit.operator_email if is_client else "",
        path="" if is_client else f"visits?visit={visit.id}",
        attachments=[attachment(visit, reader, news.method, at=news.at)],
    )


def _told_beside(visit: VisitRow, news: News, language: Language) -> Iterator[str]:
    yield from _formerly(visit, news, language)
    if news.reason:
        yield translate("visits.mail.reason", language, reason=news.reason)


def _formerly(visit: VisitRow, news: News, language: Language) -> Iterator[str]:
    if news.before is not None:
        yield translate("visits.mail.before", language, when=span_words(*news.before, zone_of(visit.zone), language))
    if news.former_place:
        yield translate("visits.mail.former_place", language, place=news.former_place)


def _closing(visit: VisitRow, news: News, language: Language) -> str:
    said = "answers" if visit.operator_email else "ending"
    texts = f"visits.mail.client.{'cancelled_' if news.method == 'CANCEL' else ''}{said}"
    return translate(texts, language, operator=visit.operator_name)


def _facts(visit: VisitRow, recipient: Recipient) -> list[tuple[str, str]]:
    other = ("operator", visit.operator_name)
    if recipient.role == OPERATOR:
        mail = f" <{visit.client_email}>" if visit.client_email else ""
        other = ("client", f"{visit.client_name}{mail}")
    told = [("what", visit.title), ("place", visit.place), other, ("reference", visit.public_id)]
    return [(translate(f"visits.facts.{name}", recipient.language), value) for name, value in told if value]


def _when_and_where(visit: VisitRow, zone: ZoneInfo, news: News, language: Language) -> str:
    lines = [span_words(visit.starts_at, visit.ends_at, zone, language), visit.place]
    return "\n".join(filter(None, (*lines, *_formerly(visit, news, language))))


def _why(news: News) -> dict[str, str]:
    """The words of whoever did it: why it was moved or called off, or what came of it."""
    if not news.reason:
        return {}
    said = f"visits.mail.{'outcome' if news.event in (DONE, MISSED) else 'reason'}"
    return {language: translate(said, language, reason=news.reason) for language in LANGUAGES}


def tell_channels(session: Session, visit: VisitRow, news: News) -> None:
    """Announce the change to the channels whose rules ask for visits."""
    zone = zone_of(visit.zone)
    named = {"client": visit.client_name, "operator": visit.operator_name, "what": visit.title}
    facts = {
        "title": {
            language: translate(f"visits.mail.operator.{news.event}_title", language, **named) for language in LANGUAGES
        },
        "summary": {language: _when_and_where(visit, zone, news, language) for language in LANGUAGES},
        "public_id": visit.public_id,
        "entity_name": visit.client_name,
        "owner": visit.operator_name,
        "actor": news.actor,
        "note": _why(news),
        "path": f"/visits?visit={visit.id}",
    }
    announce(session, subject="visit", subject_id=visit.id, event=news.event, site=visit.site, facts=facts, at=news.at)
