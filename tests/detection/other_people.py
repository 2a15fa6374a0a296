"""A second pretend organisation, drawn otherwise than the sandbox's: other countries, log-normal rates, other hours."""

import math
from dataclasses import dataclass, field
from random import Random

from tests.calls.records import uuid_of

ZONES = {
    "CO": "America/Bogota", "MX": "America/Mexico_City", "ES": "Europe/Madrid", "BR": "America/Sao_Paulo",
    "PT": "Europe/Lisbon", "US": "America/New_York", "PE": "America/Lima", "CR": "America/Costa_Rica",
    "GT": "America/Guatemala", "SV": "America/El_Salvador",
}  # fmt: skip
LEADS = {
    "CO": ("+5731", 8), "MX": ("+5255", 8), "ES": ("+346", 8), "BR": ("+55119", 8), "PT": ("+3519", 8),
    "US": ("+1305", 7), "PE": ("+519", 8), "CR": ("+5068", 7), "GT": ("+5024", 7), "SV": ("+5037", 7),
    "PA": ("+5076", 7), "AR": ("+549115", 7), "CL": ("+569", 8), "FR": ("+336", 8), "DE": ("+49151", 7),
    "GB": ("+447400", 6), "IT": ("+3933", 8), "NL": ("+316", 8), "PL": ("+4850", 7), "TH": ("+6681", 7),
    "VN": ("+8490", 7), "IN": ("+9198", 8), "CN": ("+86138", 8), "TR": ("+90532", 7), "GR": ("+3069", 8),
    "HU": ("+3620", 7), "CZ": ("+42060", 7), "ID": ("+62812", 7), "PH": ("+63917", 7), "ZA": ("+2782", 7),
    "EG": ("+2010", 8), "RO": ("+4072", 7), "UA": ("+38050", 7), "KE": ("+25471", 7), "AU": ("+614", 8),
    "CU": ("+535", 7), "LV": ("+3712", 7), "SO": ("+25261", 7), "MV": ("+96077", 5), "SL": ("+23276", 6),
    "GN": ("+22462", 7), "TN": ("+21620", 6), "EE": ("+3725", 6), "LT": ("+3706", 7), "BY": ("+37529", 7),
    "CD": ("+24381", 7), "NG": ("+234803", 7), "JM": ("+1876", 7), "DO": ("+1809", 7), "VG": ("+128449", 5),
    "GD": ("+147340", 5), "AG": ("+126846", 5),
    "SAT": ("+88165", 8), "INM": ("+870", 9),
}  # fmt: skip
ORDINARY = (
    "PL", "TH", "VN", "TR", "GR", "HU", "CZ", "ID", "PH", "ZA", "EG", "RO", "UA", "KE", "GB", "NL", "IN", "CN", "AU",
)  # fmt: skip
CODES = {
    "CO": "+57", "MX": "+52", "ES": "+34", "BR": "+55", "PT": "+351", "US": "+1", "PE": "+51", "CR": "+506",
    "GT": "+502", "SV": "+503",
}  # fmt: skip
RISKY = ("CU", "LV", "SO", "MV", "SL", "GN", "TN", "EE", "LT", "BY", "CD")
ISLANDS = ("JM", "DO", "VG", "GD", "AG")
PREMIUM = {
    "CO": "+571901", "MX": "+52900", "ES": "+34806", "BR": "+55900", "PT": "+351760", "US": "+1900", "PE": "+51805",
    "CR": "+506900",
}  # fmt: skip
NEIGHBOURS = {
    "CO": "US MX PA ES", "MX": "US ES CO GT", "ES": "PT FR DE IT GB", "BR": "PT AR US", "PT": "ES FR BR",
    "US": "MX CO CR GB", "PE": "CL CO US", "CR": "GT PA US CO", "GT": "SV MX US CR", "SV": "GT US CR",
}  # fmt: skip
LEVELS = {
    "office": (0, 0, 0, 0, 0, 0, 0, 0.3, 1.5, 2.6, 2.6, 2.2, 1.2, 0.7, 1.9, 2.4, 2.1, 1.4, 0.4, 0.1, 0, 0, 0, 0),
    "evening": (0, 0, 0, 0, 0, 0, 0, 0, 0.5, 1.6, 2.4, 2.4, 2.0, 0.8, 0.4, 1.2, 2.2, 2.4, 2.2, 1.6, 0.6, 0.1, 0, 0),
    "shop": (0, 0, 0, 0, 0, 0, 0, 0, 0.2, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1.5, 0.8, 0.1, 0, 0),
    "night": (2, 2, 2, 2, 2, 1.5, 0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.1, 1, 2, 2),
    "centre": (0, 0, 0, 0, 0, 0, 0.2, 1, 2, 2.2, 2.2, 2, 2, 2, 2, 2, 2, 2, 1.5, 1, 0.5, 0.1, 0, 0),
}  # fmt: skip
DEPARTMENTS = (
    # name, share, outbound median, inbound, internal, hours, weekend, abroad, talk
    ("Ventas", 0.22, 5.0, 2.5, 1.5, "office", 0.03, 0.06, 170),
    ("Centro de contacto", 0.18, 14.0, 3.0, 0.6, "centre", 0.45, 0.0, 110),
    ("Administración", 0.22, 1.8, 1.2, 2.0, "office", 0.01, 0.04, 150),
    ("Tienda", 0.16, 1.5, 2.0, 0.8, "shop", 0.8, 0.0, 80),
    ("Compras", 0.08, 3.5, 1.5, 1.6, "office", 0.01, 0.25, 220),
    ("Dirección", 0.05, 3.0, 2.0, 2.2, "evening", 0.08, 0.2, 260),
    ("Sistemas", 0.09, 1.5, 0.8, 1.8, "evening", 0.05, 0.05, 200),
)


def number_in(draw: Random, country: str) -> str:
    """A mobile-looking number of that country."""
    lead, digits = LEADS[country]
    return lead + "".join(str(draw.randrange(10)) for _ in range(digits))


def own_number(country: str, serial: int) -> str:
    """A number of the organisation itself."""
    lead, digits = LEADS[country]
    return lead + f"{serial:08d}"[:digits]


def poisson(draw: Random, mean: float) -> int:
    """A Poisson count; above 40 by the normal approximation."""
    if mean <= 0:
        return 0
    if mean > 40:
        return max(0, round(draw.gauss(mean, math.sqrt(mean))))
    limit, count, product = math.exp(-mean), 0, draw.random()
    while product > limit:
        count += 1
        product *= draw.random()
    return count


@dataclass
class Somebody:
    """A user of the second organisation."""

    index: int
    uuid: str
    name: str
    site: "Place"
    department: str
    rate: float
    inbound: float
    internal: float
    hours: str
    weekend: float
    abroad: float
    talk: float
    number: str
    extension: str
    mobile: str
    contacts: list[str]
    foreign: list[str]
    device: str
    type: str = "User"
    joined: int = -1
    away: frozenset[int] = frozenset()
    odd: dict[str, int] = field(default_factory=dict)


@dataclass
class Place:
    """A site of the second organisation."""

    index: int
    uuid: str
    name: str
    country: str
    zone: str
    main: str
    customers: list[str]


def make_people(seed: int, count: int, days: int) -> tuple[list[Place], list[Somebody]]:
    """Sites in a few countries of business, and their people."""
    draw = Random(f"people {seed}")
    countries = draw.sample(sorted(ZONES), draw.randrange(2, 5))
    places = []
    for index in range(draw.randrange(3, 8)):
        country = countries[0] if index < 2 else draw.choice(countries)
        name = f"Sede {index + 1} {country}"
        places.append(
            Place(
                index,
                uuid_of(f"{seed} place {index}"),
                name,
                country,
                ZONES[country],
                own_number(country, 5_000_000 + index * 10_000),
                [number_in(draw, country) for _ in range(300)],
            )
        )
    people = [_somebody(seed, index, draw, places, days) for index in range(count)]
    return places, people


def _somebody(seed: int, index: int, draw: Random, places: list[Place], days: int) -> Somebody:
    place = places[min(len(places) - 1, int(draw.expovariate(0.5)))]
    name, _, out, inbound, internal, hours, weekend, abroad, talk = draw.choices(
        DEPARTMENTS, [row[1] for row in DEPARTMENTS]
    )[0]
    level = math.exp(draw.gauss(0, 0.6))
    partners = NEIGHBOURS[place.country].split()
    person = Somebody(
        index, uuid_of(f"{seed} person {index}"), f"Persona {index}", place, name,
        out * level, inbound * math.exp(draw.gauss(0, 0.5)), internal * math.exp(draw.gauss(0, 0.5)),
        hours, weekend, abroad * math.exp(draw.gauss(0, 0.8)), talk * math.exp(draw.gauss(0, 0.3)),
        own_number(place.country, 7_000_000 + place.index * 20_000 + index),
        f"{1000 + index}", number_in(draw, place.country),
        [
            draw.choice(place.customers) if draw.random() < 0.4 else number_in(draw, place.country)
            for _ in range(draw.randrange(5, 25))
        ],
        [number_in(draw, draw.choice(partners)) for _ in range(draw.randrange(1, 5))],
        f"mac{index:06d}",
    )  # fmt: skip
    if draw.random() < 0.04 and name == "Centro de contacto":
        person.hours = "night"
    if draw.random() < 0.05:
        person.joined = draw.randrange(10, days - 5)
    if draw.random() < 0.25:
        first = draw.randrange(days)
        person.away = frozenset(range(first, first + draw.randrange(3, 15)))
    _oddities(person, draw, days)
    return person


def _oddities(person: Somebody, draw: Random, days: int) -> None:
    """Innocent surprises, at most two a person: each would look bad to a careless rule."""
    for name, chance in (
        ("trip", 0.03), ("new_supplier", 0.02), ("late_project", 0.03), ("forward_own_mobile", 0.04), ("family", 0.03),
        ("one_off", 0.10), ("bridge", 0.03), ("busy_day", 0.05), ("fax", 0.005), ("new_device", 0.15), ("growth", 0.02),
        ("misdialled", 0.05), ("weekend_shift", 0.02), ("forward_abroad_mobile", 0.003),
    ):  # fmt: skip
        if len(person.odd) < 2 and draw.random() < chance:
            person.odd[name] = draw.randrange(5, days - 3)
