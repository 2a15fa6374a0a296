"""Telephone numbers of the pretend organisation and of everybody it talks to.

They have the right form and length for their country (ITU national plans, checked with ``phonenumbers`` by a
test) and are drawn, not looked up.
"""

from dataclasses import dataclass
from random import Random
from typing import Literal

Line = Literal["fixed", "mobile", "toll_free", "premium"]


@dataclass(frozen=True)
class Plan:
    """A country's plan: its code and, per kind of line, the leading digits with how many follow."""

    country: str
    code: str
    fixed: tuple[tuple[str, int], ...]
    mobile: tuple[tuple[str, int], ...]
    international_prefix: str = "00"
    toll_free: tuple[tuple[str, int], ...] = ()
    premium: tuple[tuple[str, int], ...] = ()


def _all(leads: str, digits: int) -> tuple[tuple[str, int], ...]:
    return tuple((lead, digits) for lead in leads.split())


_US_AREAS = "720 480 305 786 212 713 404 312 213 206 617 702"
_CA_AREAS = "416 514 604"

PLANS: dict[str, Plan] = {
    plan.country: plan
    for plan in (
        Plan(
            "CO",
            "57",
            _all("6013 6014 6044 6023 6053", 6),
            _all("300 301 310 311 312 313 314 315 316 320", 7),
            toll_free=_all("1800", 7),
            premium=_all("1901", 7),
        ),
        Plan(
            "CR",
            "506",
            _all("221 228 243 256", 5),
            _all("83 87 88 60 70", 6),
            toll_free=_all("800", 7),
            premium=_all("900", 7),
        ),
        Plan("GT", "502", _all("221 223 238 244 663", 5), _all("40 42 50 53 55", 6), toll_free=_all("1800", 7)),
        Plan("SV", "503", _all("221 222 243 264", 5), _all("70 72 75 78 61", 6), toll_free=_all("800", 4)),
        Plan(
            "US",
            "1",
            _all(" ".join(f"{area}555" for area in _US_AREAS.split()), 4),
            _all(" ".join(f"{area}555" for area in _US_AREAS.split()), 4),
            "011",
            _all("800555 888555 877555", 4),
            _all("900555", 4),
        ),
        Plan("CA", "1", _all(" ".join(f"{a}555" for a in _CA_AREAS.split()), 4), _all("647555", 4), "011"),
        Plan("MX", "52", _all("55 81 33", 8), _all("55 81 33", 8)),
        Plan("PA", "507", _all("2 3", 6), _all("6", 7)),
        Plan("HN", "504", _all("22 25", 6), _all("9 3", 7)),
        Plan("NI", "505", _all("22 25", 6), _all("8", 7)),
        Plan("EC", "593", _all("2 4", 7), _all("99 98", 7)),
        Plan("PE", "51", _all("1", 7), _all("9", 8)),
        Plan("VE", "58", _all("212 261", 7), _all("412 414 424", 7)),
        Plan("BR", "55", _all("113 213", 7), _all("119 219", 8)),
        Plan("CL", "56", _all("22", 7), _all("9", 8)),
        Plan("AR", "54", _all("114", 7), _all("911", 8)),
        Plan("ES", "34", _all("91 93", 7), _all("6", 8)),
        Plan("DE", "49", _all("30 89", 7), _all("151 170", 7)),
        Plan("GB", "44", _all("207 208", 7), _all("7400", 6)),
        Plan("FR", "33", _all("14 15", 7), _all("6 7", 8)),
        Plan("IT", "39", _all("06 02", 7), _all("33 34", 8)),
        Plan("PT", "351", _all("21 22", 7), _all("91 96", 7)),
        Plan("NL", "31", _all("20 10", 7), _all("61 62", 7)),
        Plan("PL", "48", _all("22 12", 7), _all("50 60", 7)),
        Plan("IN", "91", _all("22 11", 8), _all("98 99", 8)),
        Plan("CN", "86", _all("10 21", 8), _all("138 139", 8)),
        Plan("NG", "234", _all("803 806", 7), _all("803 806", 7)),
        Plan("CU", "53", _all("7", 7), _all("5", 7)),
        Plan("DO", "1", _all("809555 829555", 4), _all("849555", 4), "011"),
        Plan("JM", "1", _all("876555", 4), _all("876555", 4), "011"),
        Plan("AG", "1", _all("268460", 4), _all("268464", 4), "011"),
        Plan("VG", "1", _all("284494", 4), _all("284499", 4), "011"),
        Plan("GD", "1", _all("473440", 4), _all("473403", 4), "011"),
        Plan("LV", "371", _all("67", 6), _all("2", 7), premium=_all("90", 6)),
        Plan("LT", "370", _all("5", 7), _all("6", 7)),
        Plan("EE", "372", _all("6", 6), _all("5", 6)),
        Plan("SO", "252", _all("1", 6), _all("61 90", 7)),
        Plan("SL", "232", _all("22", 6), _all("76 78", 6)),
        Plan("MV", "960", _all("330 331", 4), _all("77 79", 5)),
        Plan("TN", "216", _all("71", 6), _all("20 50", 6)),
        Plan("CD", "243", _all("1", 6), _all("81 99", 7)),
        Plan("MD", "373", _all("22", 6), _all("69 79", 6)),
        Plan("UZ", "998", _all("71", 7), _all("90 93", 7)),
        Plan("TH", "66", _all("2", 7), _all("81 89", 7)),
        Plan("VN", "84", _all("24 28", 8), _all("90 91", 7)),
        Plan("BG", "359", _all("2", 7), _all("88 89", 7)),
    )
}

SATELLITE_LEADS = (("870", 9), ("88165", 8), ("88234", 8), ("8821655", 7))
"""Inmarsat, Globalstar and international networks: no country's numbers (ITU E.164 shared codes)."""

NORTH_AMERICA = frozenset({"US", "CA"})
"""Webex does not class calls among these as international (help.webex nt2lz3d); the Caribbean it does."""


def _draw_digits(draw: Random, count: int) -> str:
    return f"{draw.randrange(10**count):0{count}d}"


def draw_number(draw: Random, country: str, line: Line = "fixed") -> str:
    """An E.164 number of ``country`` on a line of that kind."""
    plan = PLANS[country]
    lead, digits = draw.choice(getattr(plan, line) or plan.mobile)
    return f"+{plan.code}{lead}{_draw_digits(draw, digits)}"


def draw_satellite_number(draw: Random) -> str:
    """A number on a satellite network."""
    lead, digits = draw.choice(SATELLITE_LEADS)
    return f"+{lead}{_draw_digits(draw, digits)}"


def national_part(country: str, number: str) -> str:
    """What one dials inside ``country`` for one of its numbers."""
    return number.removeprefix(f"+{PLANS[country].code}")
