"""What a dialled number is to somebody who pays for it: country, risk tier, kind of line, price.

Tiers weigh novelty, they never alert alone: lists of risky countries age within months. 4 satellite, international
networks and premium lines; 3 destinations often abused for revenue share; 2 North America's numbers outside the
USA and Canada, and a watch list; 1 any other foreign country; 0 home. Tables: ``data/reference``.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

import phonenumbers
from phonenumbers import PhoneMetadata

from core.calls.countries import WORLD, country_of, is_foreign

Kind = Literal["ordinary", "premium", "satellite", "caribbean", "toll_free"]

REFERENCE = Path(__file__).parent.parent.parent / "data" / "reference"

CARIBBEAN = frozenset(
    {
        "DO", "JM", "VG", "GD", "TC", "MS", "DM", "VC", "TT", "KN", "AG", "AI", "LC", "BB", "BS", "KY", "BM", "SX",
        "VI", "GU", "AS", "MP",
    }
)  # fmt: skip
"""Regions of the calling code 1 that look domestic to a caller in the USA and are not rated so."""

SATELLITE_CODES = ("870", "878", "881", "882", "883")
_SHARED_PREMIUM = "979"
_UNIVERSAL_FREEPHONE = "800"
_HIGHEST_TIER = 4
_AMERICAN_PREMIUM = re.compile(r"1900\d")
_MEMORY = 1 << 19


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a number leads, seen from a home country; ``price`` in dollars a minute."""

    country: str
    tier: int
    kind: Kind
    foreign: bool
    price: float


NOWHERE = Destination("", 0, "ordinary", False, 0.0)
"""Extensions, service codes and withheld numbers."""


@cache
def tiers() -> dict[str, int]:
    """Risk tier by country, for those that are not an ordinary foreign country."""
    with (REFERENCE / "country_tiers.csv").open(encoding="utf-8", newline="") as file:
        return {row["country"]: int(row["tier"]) for row in csv.DictReader(file)}


@dataclass(frozen=True)
class Tariff:
    """Prices in dollars a minute, looked up by country and kind, then by tier."""

    by_destination: dict[tuple[str, str], float]
    by_tier: dict[int, float]

    def price(self, country: str, kind: Kind, tier: int) -> float:
        """The price of one minute."""
        if kind == "toll_free":
            return 0.0
        known = self.by_destination.get((country, kind))
        return known if known is not None else self.by_tier.get(tier, 0.0)


def read_tariff(path: Path) -> Tariff:
    """A tariff table: columns ``country`` (or ``tier:N``), ``kind``, ``dollars_per_minute``."""
    by_destination: dict[tuple[str, str], float] = {}
    by_tier: dict[int, float] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            price = float(row["dollars_per_minute"])
            if row["country"].startswith("tier:"):
                by_tier[int(row["country"].removeprefix("tier:"))] = price
            else:
                by_destination[row["country"], row["kind"]] = price
    return Tariff(by_destination, by_tier)


@cache
def default_tariff() -> Tariff:
    """The prices used until an administrator loads the contract's own."""
    return read_tariff(REFERENCE / "tariffs.csv")


@lru_cache(maxsize=_MEMORY)
def destination_of(number: str, home: str, told: str = "") -> Destination:
    """Where ``number``, dialled in ``home``, leads; ``told`` is the country Webex gave where the number tells none."""
    country = country_of(number, home or None) or told
    digits = number.removeprefix("+") if number.startswith("+") else ""
    if not country and not digits:
        return NOWHERE
    kind = _kind(digits, country)
    foreign = bool(country) and (not home or is_foreign(country, home))
    tier = _tier(country, kind, foreign)
    return Destination(country, tier, kind, foreign, default_tariff().price(country, kind, tier))


def _tier(country: str, kind: Kind, foreign: bool) -> int:
    if kind in ("premium", "satellite"):
        return _HIGHEST_TIER
    if not foreign or kind == "toll_free":
        return 0
    return max(2, tiers().get(country, 1)) if kind == "caribbean" else tiers().get(country, 1)


def _kind(digits: str, country: str) -> Kind:
    if digits.startswith(SATELLITE_CODES):
        return "satellite"
    if digits.startswith(_SHARED_PREMIUM) or _AMERICAN_PREMIUM.match(digits):
        return "premium"
    if country == WORLD:
        return "toll_free" if digits.startswith(_UNIVERSAL_FREEPHONE) else "satellite"
    premium, toll_free, code = _patterns(country)
    national = digits[len(code) :] if digits.startswith(code) else ""
    if national and premium is not None and _is_premium(premium, national):
        return "premium"
    if national and toll_free is not None and toll_free.fullmatch(national):
        return "toll_free"
    return "caribbean" if country in CARIBBEAN else "ordinary"


def _is_premium(pattern: re.Pattern[str], national: str) -> bool:
    """Also when a digit or two are missing, or one is too many: carriers bill by the leading digits."""
    tries = (national, f"{national}0", f"{national}00", national[:-1])
    return any(pattern.fullmatch(each) for each in tries)


@cache
def _patterns(country: str) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None, str]:
    """A country's national numbers of premium and of toll-free lines, and its calling code."""
    metadata = PhoneMetadata.metadata_for_region(country, None) if country else None
    if metadata is None:
        return None, None, ""
    found = [
        re.compile(plan.national_number_pattern) if plan is not None and plan.national_number_pattern else None
        for plan in (metadata.premium_rate, metadata.toll_free)
    ]
    return found[0], found[1], str(phonenumbers.country_code_for_region(country))
