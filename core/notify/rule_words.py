"""A routing rule as a sentence, in the reader's language."""

from collections.abc import Mapping

from core.detection.finding import SEVERITIES
from core.language import Language, translate
from core.notify.announce import DIGEST_MINUTE
from core.notify.hours import Hours
from core.notify.rules import Rule
from core.notify.severities import at_least
from core.notify.wording import event_name, severity_name

_MOST_SITES = 4


def sentence(rule: Rule, language: Language, *, channel: str, sites: Mapping[str, str]) -> str:
    """What the rule does: “HIGH and above alerts at Bogotá, any hour → the desk, at once”. ``sites`` names uuids."""
    told = translate(
        "notify.rule.sentence",
        language,
        severities=_severities(rule, language),
        subjects=_subjects(rule, language),
        sites=_sites(rule, language, sites),
        hours=_hours(rule.hours, language),
        channel=channel,
        delivery=_delivery(rule, language),
    )
    if rule.events:
        events = ", ".join(event_name(event, language) for event in rule.events)
        told += translate("notify.rule.only_events", language, events=events)
    return told + _repeats(rule, language)


def clock(minute: int) -> str:
    """A minute of the day as people read it."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _severities(rule: Rule, language: Language) -> str:
    chosen = [severity for severity in SEVERITIES if severity in rule.severities]
    if not chosen or len(chosen) == len(SEVERITIES):
        return translate("notify.rule.any_severity", language)
    if len(chosen) > 1 and chosen == at_least(chosen[0]):
        return translate("notify.rule.and_above", language, severity=severity_name(chosen[0], language))
    return ", ".join(severity_name(severity, language) for severity in chosen)


def _subjects(rule: Rule, language: Language) -> str:
    if not rule.subjects:
        return translate("notify.rule.any_subject", language)
    return ", ".join(translate(f"notify.rule.subjects.{subject}", language) for subject in rule.subjects)


def _sites(rule: Rule, language: Language, sites: Mapping[str, str]) -> str:
    if not rule.sites:
        return translate("notify.rule.any_site", language)
    names = [sites.get(uuid, uuid) for uuid in rule.sites]
    more = f" +{len(names) - _MOST_SITES}" if len(names) > _MOST_SITES else ""
    return ", ".join(names[:_MOST_SITES]) + more


def _hours(hours: Hours, language: Language) -> str:
    if hours.mode == "any":
        return translate("notify.rule.any_hour", language)
    told = translate(
        f"notify.rule.{hours.mode}",
        language,
        days=_days(hours, language),
        start=clock(hours.start),
        end=clock(hours.end),
    )
    if hours.closed_on_holidays:
        told += translate("notify.rule.holidays", language)
    if hours.zone:
        told += translate("notify.rule.in_zone", language, zone=hours.zone)
    return told + (translate("notify.rule.held", language) if hours.otherwise == "hold" else "")


def _days(hours: Hours, language: Language) -> str:
    days = sorted(hours.days)
    names = [translate(f"notify.days.{day}", language) for day in days]
    is_run = len(days) > 2 and days == list(range(days[0], days[-1] + 1))
    return f"{names[0]}-{names[-1]}" if is_run else ", ".join(names)


def _delivery(rule: Rule, language: Language) -> str:
    if rule.delivery == "daily":
        return translate("notify.rule.daily", language, time=clock(DIGEST_MINUTE))
    return translate(f"notify.rule.{rule.delivery}", language)


def _repeats(rule: Rule, language: Language) -> str:
    if rule.repeat_hours == 0:
        return translate("notify.rule.every_repeat", language)
    return translate("notify.rule.repeats", language, hours=rule.repeat_hours)
