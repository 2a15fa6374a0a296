"""The numbers that people and sites call again and again."""

from random import Random

from core.sandbox.numbering import draw_number
from core.sandbox.sites import SiteFacts
from core.sandbox.world import Contact


def draw_contact(draw: Random, country: str) -> Contact:
    """A number inside the country that somebody calls again and again; a few are called far more than others."""
    kind = draw.choices(("fixed", "mobile", "toll_free"), (45, 50, 5))[0]
    number = draw_number(
        draw, country, "toll_free" if kind == "toll_free" else "mobile" if kind == "mobile" else "fixed"
    )
    return Contact(number, country, kind, draw.paretovariate(1.3))


def draw_foreign(draw: Random, facts: SiteFacts, count: int) -> tuple[Contact, ...]:
    """Numbers abroad, mostly in the countries a site deals with."""
    countries, weights = zip(*facts.neighbours, strict=True)
    contacts = []
    for country in draw.choices(countries, weights, k=count):
        kind = "mobile" if draw.random() < 0.4 else "fixed"
        contacts.append(
            Contact(
                draw_number(draw, country, "mobile" if kind == "mobile" else "fixed"),
                country,
                kind,
                draw.paretovariate(1.3),
            )
        )
    return tuple(contacts)
