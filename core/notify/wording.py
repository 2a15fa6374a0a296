"""From the facts of an announcement to a message in the reader's language. The same facts give the same words."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.detection.finding import SEVERITIES
from core.detection.registry import detectors
from core.language import DEFAULT_LANGUAGE, LANGUAGES, Language, is_text, translate
from core.language import numbers as spelt
from core.notify.fact_words import IN_DIGESTS, facts, in_language, one_line, plain, text_of
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
MANAGED_AT = "notifications"
MOST_ITEMS = 50
_OVER = ("resolved", "closed", "merged", "recovered")
"""Events that call for nobody: the grave word and the urgent mark stay away from them."""
_PROSE = ("note", "summary", "action")
"""What was written to the change right behind the sentence that names who wrote it; what to do comes last."""
_PROSE_OF = {"visit": ("summary", "note", "action")}
"""Of a visit when and where come first."""


def notice_of(message: Claimed, base_url: str, channel: str = "") -> Notice:
    """The message as everybody reads it; links lead to ``base_url``. ``channel`` is the name of the one it goes by."""
    language: Language = message.language if message.language in LANGUAGES else DEFAULT_LANGUAGE
    base = base_url.rstrip("/")
    notice = _form(message)(message, language, base)
    if not channel:
        return notice
    because = translate("notify.because", language, channel=one_line(channel))
    return replace(notice, because=because, manage=f"{base}/{MANAGED_AT}")


def _form(message: Claimed) -> Callable[[Claimed, Language, str], Notice]:
    if message.subject in (DIGEST, TEST):
        return _digest if message.subject == DIGEST else _test
    return _letter if LETTER in message.content else _told


def headline(subject: str, severity: str, content: Mapping[str, Any], language: Language) -> str:
    """What it is about, in a line: severity, what was found, whom it concerns, where."""
    what = _what(subject, content, language)
    where = " · ".join(name for name in _named(content) if name not in what)
    grave = f"{severity_name(severity, language).upper()}: " if severity != NONE else ""
    return one_line(f"{grave}{what} – {where}" if where else f"{grave}{what}")


def _named(content: Mapping[str, Any]) -> list[str]:
    """Whom it concerns, and where."""
    both = (one_line(text_of(content, name)) for name in ("entity_name", "site_name"))
    return [name for name in dict.fromkeys(both) if name]


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
    content, severity = message.content, _severity(message)
    prose = _PROSE_OF.get(message.subject, _PROSE)
    return Notice(
        language=language,
        title=_title(message, language),
        lead=_lead(message, language),
        severity=severity,
        severity_name=severity_name(severity, language),
        facts=tuple(facts(content, language, subject=message.subject)),
        paragraphs=tuple(filter(None, (in_language(language, content.get(name)) for name in prose))),
        link=_link(base, message.subject, message.subject_id, content),
        link_name=translate("notify.open", language),
        thread=f"{message.subject}-{message.subject_id}",
        event=f"{message.subject}.{message.event}",
        data=_data(message, content),
        **_ending(message, language),
    )


def _severity(message: Claimed) -> str:
    return NONE if message.event in _OVER else message.severity


def _title(message: Claimed, language: Language) -> str:
    title = headline(message.subject, _severity(message), message.content, language)
    over = f"notify.over.{message.subject}.{message.event}"
    if not is_text(over):
        return title
    named = " · ".join(_named(message.content)) or title
    return one_line(translate(over, language, title=title, named=named))


def _digest(message: Claimed, language: Language, base: str) -> Notice:
    listed: Sequence[Mapping[str, Any]] = message.content.get("items") or ()
    # The gravest first, and of those the oldest: what is cut off below is what matters least.
    listed = sorted(listed, key=lambda entry: -rank(str(entry.get("severity", NONE))))
    items = tuple(_item(entry, language, base) for entry in listed[:MOST_ITEMS])
    count, page = spelt.number(len(listed), 0, language), _page(str(listed[0].get("subject", ""))) if listed else ""
    more = translate("notify.digest.more", language, shown=len(items), n=count) if len(listed) > len(items) else ""
    return Notice(
        language=language,
        title=translate(f"notify.digest.title{'_one' if len(listed) == 1 else ''}", language, n=count),
        lead=translate("notify.digest.lead", language),
        highlight=_counted(listed, language),
        severity=message.severity,
        severity_name=severity_name(message.severity, language),
        items=items,
        paragraphs=(more,) if more else (),
        link=f"{base}/{page or 'alerts'}",
        link_name=translate("notify.open", language),
        thread=message.message_id,
        event="digest",
        data={"items": [dict(entry) for entry in listed[:MOST_ITEMS]], "count": len(listed)},
        **_ending(message, language),
    )


def _counted(listed: Sequence[Mapping[str, Any]], language: Language) -> str:
    """How many of each severity, the gravest first."""
    given = [str(entry.get("severity", NONE)) for entry in listed]
    found = ((severity, given.count(severity)) for severity in (*reversed(SEVERITIES), NONE))
    return " · ".join(f"{severity_name(name, language)}: {spelt.number(n, 0, language)}" for name, n in found if n)


def _item(entry: Mapping[str, Any], language: Language, base: str) -> Item:
    content, subject = entry.get("content") or {}, str(entry.get("subject", ""))
    told = [
        event_name(str(entry.get("event", "")), language),
        *in_language(language, content.get("summary") if subject == "visit" else "").split("\n")[:1],
        *(f"{a}: {b}" for a, b in facts(content, language, subject=subject, names=IN_DIGESTS)),
    ]
    severity = str(entry.get("severity", NONE))
    return Item(
        title=headline(subject, severity, content, language),
        detail=" · ".join(filter(None, told)),
        link=_link(base, subject, int(entry.get("subject_id", 0)), content),
        severity=severity,
        severity_name=severity_name(severity, language),
    )


def _test(message: Claimed, language: Language, base: str) -> Notice:
    return Notice(
        language=language,
        title=translate("notify.test.title", language),
        lead=translate("notify.test.lead", language, actor=text_of(message.content, "actor")),
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
    path, managed = str(letter.get("path", "")), text_of(letter, "manage")
    return Notice(
        language=language,
        title=one_line(str(letter.get("title", ""))),
        lead=text_of(letter, "lead"),
        reply_to=text_of(letter, "reply_to"),
        highlight=text_of(letter, "highlight"),
        closing=text_of(letter, "closing"),
        because=text_of(letter, "because"),
        manage=f"{base}/{managed.lstrip('/')}" if managed else "",
        severity=_severity(message),
        severity_name=severity_name(_severity(message), language),
        facts=tuple((one_line(str(label)), one_line(str(value))) for label, value in letter.get("facts") or ()),
        paragraphs=tuple(plain(str(text)) for text in letter.get("paragraphs") or ()),
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
    given = in_language(language, content.get("title"))
    if subject == "ticket" and given:
        # What it is about may be named as the alert is that it was made of.
        return f"{text_of(content, 'public_id')} {given}".strip()
    return given or _detector_name(text_of(content, "detector"), language) or subject_name(subject, language)


def _detector_name(detector: str, language: Language) -> str:
    known = next((each for each in detectors() if each.id == detector), None)
    return in_language(language, known.about.get("name")) if known else ""


def _lead(message: Claimed, language: Language) -> str:
    """What happened to what, and who did it, in a sentence."""
    content = message.content
    number, named = text_of(content, "public_id") or str(message.subject_id), f"notify.named.{message.subject}"
    actor, owner = (one_line(text_of(content, name)) for name in ("actor", "owner"))
    event = _which(message.event, actor, owner)
    values = {"actor": actor, "owner": owner}
    if is_text(named):
        values["subject"] = translate(named, language, number=number)
        by, told = f"notify.leads_by.{event}", f"notify.leads.{event}"
        if actor and is_text(by):
            return translate(by, language, **values)
        if is_text(told):
            lead = translate(told, language, **values)
            return lead[:1].upper() + lead[1:] + (f" ({actor})" if actor else "")
    subject, happened = f"{subject_name(message.subject, language)} {number}", event_name(message.event, language)
    lead = translate("notify.other_lead", language, subject=subject, event=happened)
    return f"{lead} ({actor})" if actor else lead


def _which(event: str, actor: str, owner: str) -> str:
    """The event as it is told where somebody got the work: to others, or took it."""
    if event != "assigned" or not owner:
        return event
    return "taken" if actor == owner else "assigned_to"


def _page(subject: str) -> str:
    return PAGES.get(subject, "").partition("?")[0]


def _link(base: str, subject: str, subject_id: int, content: Mapping[str, Any]) -> str:
    if path := text_of(content, "path"):
        return f"{base}/{path.lstrip('/')}"
    return f"{base}/{PAGES[subject]}{subject_id}" if subject in PAGES else ""


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
