"""Founding the pretend organisation: everything that one seed and a number of people make of it."""

from datetime import timedelta

from core.sandbox.acquaintances import draw_contact, draw_foreign
from core.sandbox.randomness import named_uuid, stream
from core.sandbox.reception import build_services
from core.sandbox.sites import DEPARTMENTS, SITES, SiteFacts
from core.sandbox.staffing import build_people
from core.sandbox.world import ORIGIN, Campaign, Person, Site, World

CAMPAIGNS = 130
"""Ten years of them from the origin, one every fourth week."""


def build_world(seed: int, people: int) -> World:
    """The organisation of ``seed`` with that many people."""
    sites = tuple(_build_site(seed, index, facts) for index, facts in enumerate(SITES))
    staff = build_people(seed, sites, people)
    return World(
        seed=seed,
        org_uuid=named_uuid(seed, "organisation"),
        sites=sites,
        people=staff,
        services=tuple(build_services(seed, sites, staff)),
        campaigns=_build_campaigns(seed, staff),
    )


def _build_site(seed: int, index: int, facts: SiteFacts) -> Site:
    draw = stream(seed, "site", index)
    return Site(
        index=index,
        facts=facts,
        uuid=named_uuid(seed, "site", facts.name),
        main_number=f"{facts.number_block}{index + 1}000",
        departments={d.name: named_uuid(seed, "department", facts.name, d.name) for d in DEPARTMENTS},
        customers=tuple(draw_contact(draw, facts.country) for _ in range(160)),
        partners=draw_foreign(draw, facts, 24),
    )


def _build_campaigns(seed: int, people: tuple[Person, ...]) -> tuple[Campaign, ...]:
    """A week of intensified collection every fourth week, at one site after the other."""
    teams: dict[int, list[int]] = {}
    for person in people:
        if person.department == "Collections" and person.is_human:
            teams.setdefault(person.site.index, []).append(person.index)
    if not teams:
        return ()
    order = sorted(teams)
    draw = stream(seed, "campaigns")
    campaigns = []
    for number in range(CAMPAIGNS):
        start = ORIGIN + timedelta(weeks=4 * number + draw.randrange(2))
        members = tuple(teams[order[number % len(order)]])
        campaigns.append(Campaign(members, start, start + timedelta(days=4)))
    return tuple(campaigns)
