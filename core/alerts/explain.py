"""Why an alert was raised, in words made of its own fields: what is always there, whoever else has a view."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any

from core.detection.registry import Detector, detectors
from core.language import Language, is_text, translate
from core.language import numbers as spelt
from core.number_tests.vocabulary import REASONS
from core.number_tests.words import why
from core.store.models.alerts import AlertRow

_CONTEXT = ("outside_office_hours", "unusual_hour", "new_device", "in_campaign")
_YOUNG_DAYS = 14


@dataclass(frozen=True)
class Figure:
    """One figure by name: what was observed, and what was expected where that is known."""

    name: str
    observed: str
    expected: str


@dataclass(frozen=True)
class Explanation:
    """An alert explained: what happened, the rule, the figures, what else speaks for or against, what to do."""

    summary: str
    purpose: str
    figures: tuple[Figure, ...]
    context: tuple[str, ...]
    innocent: str
    runbook: str


def rule_name(detector_id: str, language: Language) -> str:
    """What a detector or alert type is called; an unknown one stays as it is."""
    known = _detector(detector_id)
    if known is not None:
        return _told(known, "name", language)
    key = f"alerts.types.{detector_id}"
    return translate(key, language) if is_text(key) else detector_id.replace("_", " ")


def group_name(group: str, language: Language) -> str:
    """What a rule tells apart by a group such as ``abroad`` or ``forward:CO``; an unknown one stays as it is."""
    kind, _, target = group.partition(":")
    if kind == "forward" and target:
        country = f"countries.{target}"
        shown = translate(country, language) if is_text(country) else target
        return translate("alerts.groups.forward", language, target=shown)
    key = f"alerts.groups.{group}"
    return translate(key, language) if is_text(key) else group


def title(alert: AlertRow, language: Language) -> str:
    """What the alert is called: the words of who made it, or the name of its rule."""
    return alert.title or rule_name(alert.detector or alert.alert_type, language)


def countries(alert: AlertRow, language: Language) -> list[str]:
    """The countries its calls led to, by name."""
    told = alert.explanation.get("destinations") or []
    codes = [str(one.get("country") or "") for one in told if isinstance(one, Mapping)]
    return [_country(code, language) for code in codes if code and code != "-"]


def came_in(alert: AlertRow) -> bool:
    """Whether its calls came from outside: their countries are then where they came from, and none they led to."""
    known = _detector(alert.detector)
    return known is not None and set(known.looks_at) == {"came_in"}


def summary(alert: AlertRow, language: Language, zone: tzinfo = UTC) -> str:
    """Who, how much, where to, when and at what cost, in one or two sentences; times in ``zone``, which is named."""
    if alert.is_manual:
        return alert.description or alert.title
    if isinstance(change := alert.explanation.get("change"), Mapping):
        return _changed(alert, change, language, zone)
    if isinstance(test := alert.explanation.get("number_test"), Mapping):
        return _missed(alert, test, language, zone)
    shown = {
        "who": alert.entity_name or alert.entity,
        "site": alert.site,
        "n": alert.evidence_count,
        "first": alert.first_seen.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        "last": alert.last_seen.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        "zone": str(zone),
        "cost": spelt.number(alert.cost, 2, language),
    }
    place = "at" if alert.site and alert.entity_kind != "location" else "plain"
    number = "one" if alert.evidence_count == 1 else "many"
    parts = [translate(f"alerts.summary.{place}_{number}", language, **shown)]
    if led := countries(alert, language):
        where = ("origin", "origins") if came_in(alert) else ("country_of_one", "countries")
        parts.append(translate(f"alerts.summary.{where[number == 'many']}", language, countries=", ".join(led)))
    if alert.cost >= 0.01:
        parts.append(translate("alerts.summary.cost", language, cost=shown["cost"]))
    return " ".join(parts)


def _changed(alert: AlertRow, change: Mapping[str, Any], language: Language, zone: tzinfo) -> str:
    """A setting that was changed, where no call was made yet: what it is now, since when, and by whom."""
    kind = f"respond.fields.{change.get('kind')}"
    shown = {
        "who": alert.entity_name or alert.entity,
        "target": change.get("target", ""),
        "kind": translate(kind, language).lower() if is_text(kind) else "",
        "first": alert.first_seen.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        "zone": str(zone),
    }
    parts = [translate("alerts.summary.changed", language, **shown)]
    by = str(change.get("changed_by") or "")
    parts.append(translate(f"alerts.summary.changed_by_{'named' if by else 'unknown'}", language, by=by))
    if led := countries(alert, language):
        parts.append(translate("alerts.summary.target_country", language, countries=", ".join(led)))
    return " ".join(parts)


def _missed(alert: AlertRow, test: Mapping[str, Any], language: Language, zone: tzinfo) -> str:
    """A scheduled test that missed: which number, how often since when, and why the last time."""
    reason, facts = str(test.get("reason")), test.get("facts")
    number = "one" if alert.evidence_count == 1 else "many"
    return translate(
        f"alerts.summary.missed_{number}",
        language,
        who=alert.entity_name,
        number=alert.entity,
        n=alert.evidence_count,
        first=alert.first_seen.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        last=alert.last_seen.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        zone=str(zone),
        why=why(reason, facts, language) if reason in REASONS and isinstance(facts, Mapping) else "",
    ).strip()


def explain(alert: AlertRow, language: Language, zone: tzinfo = UTC) -> Explanation:
    """The whole explanation of an alert."""
    known = _detector(alert.detector)
    return Explanation(
        summary=summary(alert, language, zone),
        purpose=_told(known, "purpose", language) if known else "",
        figures=figures(alert, language),
        context=context(alert, language),
        innocent=_told(known, "false_positives", language) if known else "",
        runbook=_told(known, "runbook", language) if known else _runbook(alert, language),
    )


def _runbook(alert: AlertRow, language: Language) -> str:
    key = f"alerts.runbook.{alert.detector}"
    return translate(key if is_text(key) else "alerts.runbook.manual", language)


def written_explanation(alert: AlertRow, language: Language, zone: tzinfo = UTC) -> str:
    """The explanation as plain text, for messages, files and programs."""
    told = explain(alert, language, zone)
    lines = [f"{title(alert, language)}: {told.summary}", told.purpose]
    for one in told.figures:
        form = ("compared" if one.observed else "expected") if one.expected else "observed"
        lines.append(
            translate(f"alerts.written.{form}", language, name=one.name, observed=one.observed, expected=one.expected)
        )
    lines += told.context
    if told.innocent:
        lines.append(translate("alerts.written.innocent", language, text=told.innocent))
    lines.append(translate("alerts.written.runbook", language, text=told.runbook))
    return "\n".join(line for line in lines if line)


def figures(alert: AlertRow, language: Language) -> tuple[Figure, ...]:
    """Observed beside expected, in the order the rule gave them."""
    observed, expected = (_numbers(alert.explanation.get(name)) for name in ("observed", "expected"))
    made = [
        Figure(_figure(name, language), _number(value, language), _number(_against(name, expected), language))
        for name, value in observed.items()
    ]
    used = {known for name in observed for known in _matching(name, expected)}
    made += [
        Figure(_figure(name, language), "", _number(value, language))
        for name, value in expected.items()
        if name not in used
    ]
    return tuple(made)


def context(alert: AlertRow, language: Language) -> tuple[str, ...]:
    """What else is known: hour, device, campaign, how much history there is, which other rules saw the same."""
    told = alert.explanation
    said = [translate(f"alerts.context.{name}", language) for name in _CONTEXT if told.get(name) is True]
    days = told.get("baseline_days")
    if isinstance(days, int | float) and days < _YOUNG_DAYS:
        said.append(translate("alerts.context.young", language, n=round(days)))
    notes = [str(note) for note in told.get("notes") or []]
    said += [translate(f"alerts.notes.{note}", language) for note in notes if is_text(f"alerts.notes.{note}")]
    also = [rule_name(str(one), language) for one in told.get("also_seen_by") or []]
    if also:
        said.append(translate("alerts.context.also", language, rules=", ".join(also)))
    return tuple(said)


def _detector(detector_id: str) -> Detector | None:
    return next((known for known in detectors() if known.id == detector_id), None)


def _told(known: Detector, what: str, language: Language) -> str:
    return str(known.about.get(what, {}).get(language, "")).strip()


def _country(code: str, language: Language) -> str:
    key = f"countries.{code}"
    return translate(key, language) if is_text(key) else code


def _numbers(told: Any) -> dict[str, float]:
    if not isinstance(told, Mapping):
        return {}
    return {str(name): float(value) for name, value in told.items() if isinstance(value, int | float)}


def _matching(name: str, expected: Mapping[str, float]) -> list[str]:
    return [known for known in (name, f"{name}_most") if known in expected]


def _against(name: str, expected: Mapping[str, float]) -> float | None:
    found = _matching(name, expected)
    return expected[found[0]] if found else None


def _figure(name: str, language: Language) -> str:
    key = f"alerts.figures.{name}"
    return translate(key, language) if is_text(key) else name.replace("_", " ")


def _number(value: float | None, language: Language) -> str:
    if value is None:
        return ""
    short = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}".rstrip("0").rstrip(".")
    return spelt.written(short, language)
