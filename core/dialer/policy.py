"""What may be dialled: one verdict on a number, before Asterisk hears of it.

Pure: rules, place, use so far and the moment are passed in. Emergency and premium numbers, what is no number, a
missing reason and a foreign caller id are refused whoever asks; the other rules a supervisor may override.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult, shortnumberinfo

from core.calls.countries import WORLD
from core.detection.numbering import Destination, destination_of
from core.detection.rates import ContractTariff, Rate
from core.language import Language, is_text, translate
from core.language.numbers import written

RULES = (
    "not_a_number", "emergency", "premium", "caller_id", "extension", "recording", "reason", "country", "tier", "price",
    "hours", "rate", "budget",
)  # fmt: skip
"""In the order in which refusals are told; texts: ``dialing.rules.<rule>``."""
NEVER_OVERRIDDEN = frozenset({"not_a_number", "emergency", "premium", "caller_id", "extension", "recording", "reason"})
LONGEST_EXTENSION = 6
"""Digits of an extension that an answered call may go on to: with more it could be a number that Asterisk dials, past
every rule."""
LONGEST_INPUT = 60
LONGEST_REASON = 500
SHORTEST_REASON = 3
_OUTSIDE_LINE = "089"
"""What people dial first out of habit to leave a private exchange."""
_CHEAP, _DEAR = 0.05, 0.5
_DOLLARS = {"price": ("price", "highest"), "budget": ("spent", "budget", "needed")}
"""The facts of a refusal that are amounts, kept with a decimal point."""


@dataclass(frozen=True)
class Rules:
    """The settings of the policy. Prices in dollars a minute, budgets in dollars a day: one for each
    person, one for all scheduled tests together.

    ``countries`` are those that may be dialled besides the sites' own (ISO 3166). Hours are full hours by the site's
    clock, the end exclusive; ``weekdays`` count from Monday = 0. ``caller_ids`` are those that may be shown besides
    the one of the settings. ``country`` and ``zone`` hold where no site is known.
    """

    countries: tuple[str, ...] = ()
    highest_tier: int = 2
    highest_price: float = 0.5
    calls_a_minute: int = 6
    budget_a_day: float = 20.0
    tests_budget_a_day: float = 5.0
    first_hour: int = 0
    last_hour: int = 24
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    is_reason_required: bool = True
    is_recording_allowed: bool = True
    caller_ids: tuple[str, ...] = ()
    country: str = "US"
    zone: str = "UTC"


@dataclass(frozen=True)
class Place:
    """Where a call is dialled from: a site, its country (ISO 3166) and its IANA time zone."""

    name: str
    country: str
    zone: str


@dataclass(frozen=True)
class Use:
    """What a person dialled so far: calls in the last minute, dollars of the site's day."""

    calls_in_the_minute: int = 0
    dollars_today: float = 0.0


@dataclass(frozen=True)
class Asked:
    """What is judged. ``seconds`` is how long the call may last at most: what the budget sets aside.

    ``extension`` is where an answered call goes on, by a bridge or in Asterisk's dialplan.
    """

    text: str
    reason: str = ""
    caller_id: str = ""
    seconds: int = 300
    extension: str = ""
    is_recorded: bool = False


@dataclass(frozen=True)
class Scene:
    """Everything besides the wish: rules, place, the countries of all sites, prices, use so far and the moment.

    ``extensions`` are those of the settings, which are taken as they are.
    """

    rules: Rules
    place: Place
    at: datetime
    home_countries: frozenset[str] = frozenset()
    caller_ids: frozenset[str] = frozenset()
    extensions: frozenset[str] = frozenset()
    tariff: ContractTariff | None = None
    use: Use = field(default_factory=Use)


@dataclass(frozen=True)
class Refusal:
    """A rule that stands in the way; ``facts`` fill its text."""

    rule: str
    facts: dict[str, str | int | float] = field(default_factory=dict)

    @property
    def can_be_overridden(self) -> bool:
        """Whether a supervisor may dial all the same."""
        return self.rule not in NEVER_OVERRIDDEN

    def words(self, language: Language) -> str:
        """The refusal as a sentence."""
        return rule_words(self.rule, self.facts, language)


@dataclass(frozen=True)
class Verdict:
    """What a number is and whether it may be dialled. ``number`` is E.164, empty where there is none."""

    number: str
    shown: str
    country: str
    kind: str
    tier: int
    price: float
    refusals: tuple[Refusal, ...] = ()

    @property
    def is_allowed(self) -> bool:
        """Whether no rule stands in the way."""
        return not self.refusals

    @property
    def can_be_overridden(self) -> bool:
        """Whether rules stand in the way, and all of them may be overridden."""
        return bool(self.refusals) and all(refusal.can_be_overridden for refusal in self.refusals)

    @property
    def price_class(self) -> str:
        """``free``, ``low``, ``medium`` or ``high``; texts: ``dialing.prices``."""
        if self.price <= 0:
            return "free"
        return "low" if self.price < _CHEAP else "medium" if self.price < _DEAR else "high"

    def reasons(self, language: Language) -> str:
        """The refusals as one text; empty where there are none."""
        return " ".join(refusal.words(language) for refusal in self.refusals)

    def told(self) -> dict[str, Any]:
        """For keeping beside the call."""
        return {
            "country": self.country,
            "kind": self.kind,
            "tier": self.tier,
            "price": self.price,
            "price_class": self.price_class,
            "refused_by": [refusal.rule for refusal in self.refusals],
        }


def rule_words(rule: str, facts: Mapping[str, Any], language: Language) -> str:
    """A refusal as a sentence from what is kept of it; a country is told by its name."""
    country = f"countries.{facts.get('country')}"
    dollars = _DOLLARS.get(rule, ())
    told = {name: written(str(value), language) if name in dollars else value for name, value in facts.items()}
    if is_text(country):
        told["country"] = translate(country, language)
    return translate(f"dialing.rules.{rule}", language, **told)


def judge(asked: Asked, scene: Scene) -> Verdict:
    """The verdict on what somebody wants to dial."""
    text = asked.text.strip()[:LONGEST_INPUT]
    if is_emergency(text, {scene.place.country, *scene.home_countries}):
        return Verdict("", text, scene.place.country, "emergency", 0, 0.0, (Refusal("emergency"),))
    number = international(text, scene.place.country)
    if number is None:
        return Verdict("", text, "", "unknown", 0, 0.0, (Refusal("not_a_number", {"country": scene.place.country}),))
    to = destination_of(number, scene.place.country)
    rate = scene.tariff.rate(number, to) if scene.tariff else Rate(to.price)
    found = Verdict(number, _shown(number), to.country, to.kind, to.tier, rate.price)
    refusals = _of_destination(found, to, scene) + _of_use(asked, rate, scene) + _of_words(asked, scene)
    order = {rule: place for place, rule in enumerate(RULES)}
    return Verdict(
        number, found.shown, to.country, to.kind, to.tier, rate.price,
        tuple(sorted(refusals, key=lambda refusal: order[refusal.rule])),
    )  # fmt: skip


def international(text: str, country: str) -> str | None:
    """A dialled text as E.164, read from ``country``; ``None`` for what cannot be a number of the telephone network."""
    if not text or any(sign.isalpha() for sign in text):
        return None
    try:
        read = phonenumbers.parse(text, country or None)
    except NumberParseException:
        return None
    # Fewer digits than a whole number has reach somebody only inside a city: taken where a country is named with them.
    fits = phonenumbers.is_possible_number_with_reason(read)
    is_short = fits == ValidationResult.IS_POSSIBLE_LOCAL_ONLY and text.startswith("+")
    if read.extension or not (fits == ValidationResult.IS_POSSIBLE or is_short):
        return None
    return phonenumbers.format_number(read, PhoneNumberFormat.E164)


def is_emergency(text: str, countries: Collection[str]) -> bool:
    """Whether this reaches an emergency service: as one of any country, or as ``countries`` connect longer dialling."""
    digits = phonenumbers.normalize_digits_only(text)
    if not digits:
        return False
    if digits in _emergencies() or (digits[0] in _OUTSIDE_LINE and digits[1:] in _emergencies()):
        return True
    if "+" not in text:
        return any(shortnumberinfo.connects_to_emergency_number(digits, one) for one in countries if one)
    try:
        read = phonenumbers.parse("+" + digits, None)
    except NumberParseException:
        return False
    return str(read.national_number) in _emergencies()


@cache
def _emergencies() -> frozenset[str]:
    regions = shortnumberinfo.SUPPORTED_SHORT_REGIONS
    return frozenset(
        number
        for number in (str(each) for each in range(100, 1000))
        if any(shortnumberinfo.is_emergency_number(number, region) for region in regions)
    )


def _of_destination(found: Verdict, to: Destination, scene: Scene) -> list[Refusal]:
    if to.kind == "premium":
        return [Refusal("premium")]
    refusals: list[Refusal] = []
    rules = scene.rules
    is_world = to.country == WORLD
    known = {scene.place.country, *scene.home_countries, *rules.countries}
    if to.country not in known and not (is_world and to.kind == "toll_free"):
        refusals.append(Refusal("country", {"country": to.country or "?"}))
    if to.tier > rules.highest_tier:
        refusals.append(Refusal("tier", {"tier": to.tier, "highest": rules.highest_tier}))
    if found.price > rules.highest_price:
        refusals.append(Refusal("price", {"price": f"{found.price:.2f}", "highest": f"{rules.highest_price:.2f}"}))
    return refusals


def _of_use(asked: Asked, rate: Rate, scene: Scene) -> list[Refusal]:
    refusals: list[Refusal] = []
    rules, local = scene.rules, scene.at.astimezone(ZoneInfo(scene.place.zone))
    if local.weekday() not in rules.weekdays or not rules.first_hour <= local.hour < rules.last_hour:
        hours = {"first": f"{rules.first_hour:02d}:00", "last": f"{rules.last_hour:02d}:00"}
        refusals.append(Refusal("hours", {**hours, "now": f"{local:%H:%M}", "zone": scene.place.zone}))
    if scene.use.calls_in_the_minute >= rules.calls_a_minute:
        refusals.append(Refusal("rate", {"most": rules.calls_a_minute}))
    needed = scene.use.dollars_today + rate.cost(asked.seconds)
    if needed > rules.budget_a_day and rate.price > 0:
        spent = {"spent": f"{scene.use.dollars_today:.2f}", "budget": f"{rules.budget_a_day:.2f}"}
        refusals.append(Refusal("budget", {**spent, "needed": f"{rate.cost(asked.seconds):.2f}"}))
    return refusals


def _of_words(asked: Asked, scene: Scene) -> list[Refusal]:
    refusals: list[Refusal] = []
    if asked.caller_id and asked.caller_id not in {*scene.rules.caller_ids, *scene.caller_ids}:
        refusals.append(Refusal("caller_id", {"caller_id": asked.caller_id[:40]}))
    if asked.extension and asked.extension not in scene.extensions and not _is_inside(asked.extension, scene):
        refusals.append(Refusal("extension", {"extension": asked.extension[:40], "most": LONGEST_EXTENSION}))
    if asked.is_recorded and not scene.rules.is_recording_allowed:
        refusals.append(Refusal("recording"))
    if scene.rules.is_reason_required and len(asked.reason.strip()) < SHORTEST_REASON:
        refusals.append(Refusal("reason"))
    return refusals


def _is_inside(extension: str, scene: Scene) -> bool:
    digits = phonenumbers.normalize_digits_only(extension)
    if "+" in extension or len(digits) > LONGEST_EXTENSION:
        return False
    countries = {scene.place.country, *scene.home_countries}
    return not any(shortnumberinfo.connects_to_emergency_number(digits, one) for one in countries if one)


def _shown(number: str) -> str:
    return phonenumbers.format_number(phonenumbers.parse(number, None), PhoneNumberFormat.INTERNATIONAL)
