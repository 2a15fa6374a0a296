"""Rules, promises and calendars as sentences, in the reader's language."""

from collections.abc import Callable, Mapping, Sequence

from core.detection.finding import SEVERITIES
from core.detection.registry import detectors
from core.language import LANGUAGES, Language, is_text, translate
from core.tickets.calendars import WEEKDAYS, Calendar
from core.tickets.policies import Step
from core.tickets.policy_book import SITES_OWN
from core.tickets.rule_book import RuleForm
from core.tickets.vocabulary import PRIORITIES

_HOUR, _DAY = 60, 24 * 60
_MOST_NAMED = 4


def rule_sentence(
    rule: RuleForm, language: Language, *, client: str = "", own: Mapping[str, int | None] | None = None
) -> str:
    """What a rule does. ``client`` is its client's name, ``own`` the minutes to own that each priority promises."""
    least = SEVERITIES.index(rule.least_severity)
    kind = "any" if least == 0 else "only" if rule.least_severity == SEVERITIES[-1] else "from"
    say = _speaker(language, "tickets.book.rule")
    priority = say("priority", priority=_word("priorities", rule.priority, language)) if rule.priority else say("same")
    return say(
        "sentence",
        alerts=say(kind, severity=_word("priorities", rule.least_severity, language)),
        detectors=_phrase(say, "of", [detector_name(one, language) for one in rule.detectors], language),
        sites=_phrase(say, "at", rule.sites, language),
        priority=priority,
        per=say(f"per_{rule.per}"),
        client=say("client", client=client) if client else "",
        skills=_phrase(say, "skills", rule.skills, language),
        own=_owned(rule, own or {}, language),
    )


def name_of(name: str, language: Language) -> str:
    """What a rule or calendar is called: what the installation began with in the reader's language, else as it is."""
    begun = (f"tickets.founding.{one}" for one in ("always", "office", "rule"))
    known = next((key for key in begun if any(translate(key, one) == name for one in LANGUAGES)), None)
    return translate(known, language) if known else name


def detector_name(detector_id: str, language: Language) -> str:
    """What a detector is called; the type of an alert made by hand stays as it is."""
    known = next((one for one in detectors() if one.id == detector_id), None)
    return str(known.about.get("name", {}).get(language) or detector_id) if known else detector_id


def _owned(rule: RuleForm, own: Mapping[str, int | None], language: Language) -> str:
    """Within what time somebody has to take it: of the rule's priority, or of each that it may give."""
    least = SEVERITIES.index(rule.least_severity)
    wanted = [rule.priority] if rule.priority else list(PRIORITIES[least:])
    spans = {one: minutes for one in wanted if (minutes := own.get(one))}
    if not spans:
        return ""
    if len(spans) == 1:
        told = span(next(iter(spans.values())), language)
    else:
        told = ", ".join(
            f"{span(minutes, language)} ({_word('priorities', one, language)})" for one, minutes in spans.items()
        )
    return translate("tickets.book.rule.own", language, span=told)


def promise_sentence(
    priority: str, own: int | None, resolve: int | None, language: Language, *, calendar: str, client: str = ""
) -> str:
    """What is promised. ``client`` is empty for all clients; minutes are working minutes of the calendar."""
    say = _speaker(language, "tickets.book.promise")
    made = {name: span(minutes, language) for name, minutes in (("own", own), ("resolve", resolve)) if minutes}
    return say(
        "sentence",
        priority=translate(f"tickets.priorities.{priority}", language).lower(),
        client=say("client", client=client) if client else "",
        promised=say("_".join(made) or "nothing", **made),
        calendar=say("calendar", calendar=calendar) if made else "",
    )


def step_words(step: Step, language: Language) -> str:
    """When a step of escalation comes, and what it does."""
    when = "at" if step.minutes == 0 else "before" if step.minutes < 0 else "after"
    moment = translate(
        f"tickets_page.promises.anchors.{step.anchor}_{when}", language, span=span(abs(step.minutes), language)
    )
    action = translate(f"tickets.steps.{step.action}", language)
    return f"{moment}: {action[:1].lower()}{action[1:]}"


def calendar_sentence(calendar: Calendar, language: Language, *, country: str = "") -> str:
    """When work is done by a calendar; ``country`` names that of its holidays."""
    say = _speaker(language, "tickets.book.calendar")
    if calendar.is_always:
        return say("always")
    zone = say("site_zone") if calendar.time_zone == SITES_OWN else say("zone", zone=calendar.time_zone)
    if not calendar.country:
        free = say("no_holidays")
    elif calendar.country == SITES_OWN:
        free = say("site_holidays")
    else:
        free = say("holidays", country=country or calendar.country)
    closed = say("closed", n=len(calendar.closed_days)) if calendar.closed_days else ""
    return say("sentence", hours=hours_words(calendar, language), zone=zone, free=free, closed=closed)


def hours_words(calendar: Calendar, language: Language) -> str:
    """The opening hours, weekdays with the same ones together."""
    groups: dict[tuple[tuple[int, int], ...], list[int]] = {}
    for weekday in WEEKDAYS:
        if calendar.hours[weekday]:
            groups.setdefault(calendar.hours[weekday], []).append(weekday)
    return "; ".join(
        f"{_days(days, language)} {', '.join(f'{clock(begin)}–{clock(end)}' for begin, end in spans)}"
        for spans, days in groups.items()
    )


def clock(minute: int) -> str:
    """A minute of the day as people read it."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def span(minutes: int, language: Language) -> str:
    """A length of working time: hours where it is whole hours, or hours and minutes."""
    if minutes < _HOUR:
        return translate("ui.times.minutes", language, n=minutes)
    hours = translate("ui.times.hours", language, n=minutes // _HOUR)
    rest = minutes % _HOUR
    return f"{hours} {translate('ui.times.minutes', language, n=rest)}" if rest else hours


def _days(days: Sequence[int], language: Language) -> str:
    names = [translate(f"operators_page.weekdays.{day}", language) for day in days]
    is_run = len(days) > 2 and days[-1] - days[0] == len(days) - 1
    return f"{names[0]}–{names[-1]}" if is_run else ", ".join(names)


def _phrase(say: Callable[..., str], key: str, values: Sequence[str], language: Language) -> str:
    if not values:
        return ""
    shown = list(values[:_MOST_NAMED])
    if more := len(values) - len(shown):
        shown.append(translate("tickets.book.more", language, n=more))
    return say(key, values=_and(shown, language))


def _and(parts: Sequence[str], language: Language) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return translate("tickets.book.and", language, first=", ".join(parts[:-1]), last=parts[-1])


def _word(area: str, value: str, language: Language) -> str:
    key = f"tickets.{area}.{value}"
    return translate(key, language).lower() if is_text(key) else value


def _speaker(language: Language, area: str) -> Callable[..., str]:
    return lambda key, **values: translate(f"{area}.{key}", language, **values)
