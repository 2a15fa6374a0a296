"""From the facts of an announcement to a message in the reader's language. The same facts give the same words."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from core.detection.registry import detectors
from core.language import DEFAULT_LANGUAGE, LANGUAGES, Language, is_text, translate
from core.language import numbers as spelt
from core.notify.hours import zone_of
from core.notify.notice import Attachment, Item, Notice
from core.notify.severities import NONE, rank
from core.store.outbox import Claimed

PAGES = {
    "alert": "alerts?alert=",
    "case": "alerts?view=cases&case=",
    "ticket": "tickets?ticket=",
    "visit": "visits?visit=",
}
DIGEST, TEST, LETTER = "digest", "test", "letter"
MOST_ITEMS = 50
_SHOWN = (
    "entity_name", "site_name", "destination", "calls", "cost", "first_seen", "last_seen", "owner", "verdict",
    "own_due", "resolve_due",
)  # fmt: skip
_INSTANTS = ("first_seen", "last_seen", "own_due", "resolve_due")
_IN_DIGESTS = ("destination", "calls", "cost", "last_seen", "own_due", "resolve_due")
"""What a line of a digest tells beside its title, which names who and where."""
_PROSE = ("summary", "note", "action")


def notice_of(message: Claimed, base_url: str) -> Notice:
    """The message as everybody reads it; links lead to ``base_url``."""
    language: Language = message.language if message.language in LANGUAGES else DEFAULT_LANGUAGE
    base = base_url.rstrip("/")
    if message.subject == DIGEST:
        return _digest(message, language, base)
    if message.subject == TEST:
        return _test(message, language, base)
    if LETTER in message.content:
        return _letter(message, language, base)
    return _told(message, language, base)


def headline(subject: str, severity: str, content: Mapping[str, Any], language: Language) -> str:
    """What it is about, in a line: severity, what was found, whom it concerns, where."""
    what = _what(subject, content, language)
    named = dict.fromkeys((_text(content, "entity_name"), _text(content, "site_name")))
    where = " · ".join(name for name in named if name and name not in what)
    grave = f"{severity_name(severity, language).upper()}: " if severity != NONE else ""
    return _line(f"{grave}{what} – {where}" if where else f"{grave}{what}")


def severity_name(severity: str, language: Language) -> str:
    """A severity in words."""
    key = f"notify.severities.{severity}"
    return translate(key, language) if is_text(key) else severity


def subject_name(subject: str, language: Language) -> str:
    """An alert, a case, a ticket: what an announcement is about, in words."""
    key = f"notify.subjects.{subject}"
    return translate(key, language) if is_text(key) else subject


def event_name(event: str, language: Language) -> str:
    """What happened to it, in words."""
    key = f"notify.events.{event}"
    return translate(key, language) if is_text(key) else event


def _told(message: Claimed, language: Language, base: str) -> Notice:
    content = message.content
    title = headline(message.subject, message.severity, content, language)
    return Notice(
        language=language,
        title=title,
        lead=_lead(message, language),
        severity=message.severity,
        severity_name=severity_name(message.severity, language),
        facts=tuple(_facts(content, language)),
        paragraphs=tuple(filter(None, (_in(language, content.get(name)) for name in _PROSE))),
        link=_link(base, message.subject, message.subject_id, content),
        link_name=translate("notify.open", language),
        thread=f"{message.subject}-{message.subject_id}",
        event=f"{message.subject}.{message.event}",
        data=_data(message, content),
        **_ending(message, language),
    )


def _digest(message: Claimed, language: Language, base: str) -> Notice:
    listed: Sequence[Mapping[str, Any]] = message.content.get("items") or ()
    # The gravest first, and of those the oldest: what is cut off below is what matters least.
    listed = sorted(listed, key=lambda entry: -rank(str(entry.get("severity", NONE))))
    items = tuple(_item(entry, language, base) for entry in listed[:MOST_ITEMS])
    rest = len(listed) - len(items)
    paragraphs = (translate("notify.digest.more", language, n=rest),) if rest else ()
    return Notice(
        language=language,
        title=translate(f"notify.digest.title{'_one' if len(listed) == 1 else ''}", language, n=len(listed)),
        lead=translate("notify.digest.lead", language),
        severity=message.severity,
        severity_name=severity_name(message.severity, language),
        items=items,
        paragraphs=paragraphs,
        link=f"{base}/alerts",
        link_name=translate("notify.open", language),
        thread=message.message_id,
        event="digest",
        data={"items": [dict(entry) for entry in listed[:MOST_ITEMS]], "count": len(listed)},
        **_ending(message, language),
    )


def _item(entry: Mapping[str, Any], language: Language, base: str) -> Item:
    content, subject = entry.get("content") or {}, str(entry.get("subject", ""))
    told = [
        event_name(str(entry.get("event", "")), language),
        *(f"{a}: {b}" for a, b in _facts(content, language, _IN_DIGESTS)),
    ]
    severity = str(entry.get("severity", NONE))
    return Item(
        title=headline(subject, severity, content, language),
        detail=" · ".join(told),
        link=_link(base, subject, int(entry.get("subject_id", 0)), content),
        severity=severity,
        severity_name=severity_name(severity, language),
    )


def _test(message: Claimed, language: Language, base: str) -> Notice:
    return Notice(
        language=language,
        title=translate("notify.test.title", language),
        lead=translate("notify.test.lead", language, actor=_text(message.content, "actor")),
        severity=NONE,
        severity_name=severity_name(NONE, language),
        link=base or "/",
        link_name=translate("notify.open", language),
        thread=message.message_id,
        event="test",
        data={"subject": TEST},
        **_ending(message, language),
    )


def _letter(message: Claimed, language: Language, base: str) -> Notice:
    letter: Mapping[str, Any] = message.content[LETTER]
    path = str(letter.get("path", ""))
    return Notice(
        language=language,
        title=_line(str(letter.get("title", ""))),
        lead=_text(letter, "lead"),
        reply_to=_text(letter, "reply_to"),
        highlight=_text(letter, "highlight"),
        closing=_text(letter, "closing"),
        severity=message.severity,
        severity_name=severity_name(message.severity, language),
        facts=tuple((_plain(str(label)), _plain(str(value))) for label, value in letter.get("facts") or ()),
        paragraphs=tuple(_plain(str(text)) for text in letter.get("paragraphs") or ()),
        link=f"{base}/{path.lstrip('/')}" if path else "",
        link_name=translate("notify.open", language),
        thread=f"{message.subject}-{message.subject_id}",
        event=f"{message.subject}.{message.event}",
        data=_data(message, {}),
        attachments=tuple(_attachments(letter)),
        **_ending(message, language),
    )


def _attachments(letter: Mapping[str, Any]) -> list[Attachment]:
    found = []
    for stored in letter.get("attachments") or ():
        try:
            content = base64.b64decode(stored["content"], validate=True)
        except (binascii.Error, ValueError):
            continue
        found.append(Attachment(str(stored["name"]), str(stored["media_type"]), content))
    return found


def _ending(message: Claimed, language: Language) -> dict[str, Any]:
    reference = message.message_id[-10:]
    return {"reference": reference, "footer": translate("notify.footer", language, reference=reference)}


def _what(subject: str, content: Mapping[str, Any], language: Language) -> str:
    given = _in(language, content.get("title"))
    return given or _detector_name(_text(content, "detector"), language) or subject_name(subject, language)


def _detector_name(detector: str, language: Language) -> str:
    known = next((each for each in detectors() if each.id == detector), None)
    return _in(language, known.about.get("name")) if known else ""


def _lead(message: Claimed, language: Language) -> str:
    """What happened to what, and who did it, in a sentence."""
    number = _text(message.content, "public_id") or str(message.subject_id)
    actor, named = _text(message.content, "actor"), f"notify.named.{message.subject}"
    if is_text(named):
        subject = translate(named, language, number=number)
        told, by = f"notify.leads.{message.event}", f"notify.leads_by.{message.event}"
        if actor and is_text(by):
            return translate(by, language, subject=subject, actor=actor)
        if is_text(told):
            lead = translate(told, language, subject=subject)
            return lead[:1].upper() + lead[1:] + (f" ({actor})" if actor else "")
    subject, event = f"{subject_name(message.subject, language)} {number}", event_name(message.event, language)
    lead = translate("notify.other_lead", language, subject=subject, event=event)
    return f"{lead} ({actor})" if actor else lead


def _facts(content: Mapping[str, Any], language: Language, names: Sequence[str] = _SHOWN) -> list[tuple[str, str]]:
    shown = [(name, _shown(name, content, language)) for name in names]
    return [(translate(f"notify.facts.{name}", language), value) for name, value in shown if value]


def _shown(name: str, content: Mapping[str, Any], language: Language) -> str:
    value = content.get(name)
    if value in (None, ""):
        return ""
    if name == "cost":
        return f"US$ {spelt.number(value, 2, language)}" if isinstance(value, int | float) else str(value)
    if name in _INSTANTS:
        return _local(str(value), _text(content, "zone"))
    if name == "verdict":
        key = f"notify.verdicts.{value}"
        return translate(key, language) if is_text(key) else str(value)
    return _in(language, value)


def _local(value: str, zone: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    if moment.tzinfo is None:
        return value
    known = zone_of(zone or "UTC")
    return f"{moment.astimezone(known):%Y-%m-%d %H:%M} ({known.key})"


def _link(base: str, subject: str, subject_id: int, content: Mapping[str, Any]) -> str:
    if path := _text(content, "path"):
        return f"{base}/{path.lstrip('/')}"
    if subject not in PAGES:
        return base
    return f"{base}/{PAGES[subject]}{subject_id}"


def _data(message: Claimed, content: Mapping[str, Any]) -> dict[str, Any]:
    told = {
        "subject": message.subject,
        "subject_id": message.subject_id,
        "event": message.event,
        "severity": message.severity,
        "site": message.site,
        "at": message.created_at.isoformat(),
    }
    return told | {"facts": dict(content)}


def _text(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    return "" if value is None or isinstance(value, Mapping) else _plain(str(value))


def _in(language: Language, value: Any) -> str:
    """A text, of which there may be one for each language."""
    if isinstance(value, Mapping):
        value = value.get(language) or value.get(DEFAULT_LANGUAGE) or ""
    return "" if value is None else _plain(str(value))


def _plain(text: str) -> str:
    """A text without signs that are not seen, which would turn or hide what stands beside them."""
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)


def _line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:300]
