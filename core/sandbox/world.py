"""The pretend organisation: sites, people with their habits, services, all drawn from one seed.

Nothing here depends on a day; what changes with time (holidays, leave, travel) is asked by day elsewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from random import Random

from core.sandbox.numbering import draw_number
from core.sandbox.randomness import named_uuid, spread, stream
from core.sandbox.sites import (
    DEPARTMENTS,
    FIRST_NAMES,
    LAST_NAMES,
    SITES,
    US_FIRST_NAMES,
    US_LAST_NAMES,
    DepartmentFacts,
    SiteFacts,
)

ORIGIN = date(2026, 1, 5)
"""The Monday that growth, hirings and leavings are counted from."""

ORGANISATION = "Grupo Andino de Servicios"
DOMAIN = "grupoandino.example"


@dataclass(frozen=True)
class Device:
    """An endpoint as a record describes it."""

    client_type: str
    sub_client_type: str = ""
    model: str = ""
    mac: str = ""
    os_type: str = "na"
    version: str = ""


@dataclass(frozen=True)
class Contact:
    """A number somebody calls again and again; ``kind`` is the line: fixed, mobile, toll_free."""

    number: str
    country: str
    kind: str
    weight: float


@dataclass(frozen=True)
class Site:
    """One location of the organisation."""

    index: int
    facts: SiteFacts
    uuid: str
    main_number: str
    departments: dict[str, str]
    customers: tuple[Contact, ...]
    partners: tuple[Contact, ...]
    holidays: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.facts.name

    @property
    def country(self) -> str:
        return self.facts.country

    @property
    def zone(self) -> str:
        return self.facts.zone

    @property
    def gateway(self) -> str:
        """Name of the local gateway's trunk; empty where a calling plan supplies the public network."""
        return self.facts.gateway


@dataclass(frozen=True)
class Habits:
    """How somebody telephones on an ordinary working day; rates are calls a day, ``talk`` the median seconds."""

    external: float
    internal: float
    inbound: float
    talk: float
    fresh: float
    foreign: float
    weekend: float
    hours: str
    contacts: tuple[Contact, ...]
    foreign_contacts: tuple[Contact, ...]
    colleagues: tuple[int, ...]


@dataclass(frozen=True)
class Party:
    """Anything that Webex makes records for: a person, a workspace or a service."""

    uuid: str
    name: str
    user_type: str
    site: Site
    extension: str
    direct_number: str

    @property
    def number(self) -> str:
        """What a record calls the user number: the direct number, else the extension."""
        return self.direct_number or self.extension


@dataclass(frozen=True)
class Person(Party):
    """A person (or a workspace or virtual line) with a telephone."""

    index: int
    first_name: str
    last_name: str
    department: str
    title: str
    mobile: str
    devices: tuple[Device, ...]
    habits: Habits
    international: bool
    joined: date | None
    left: date | None
    traits: frozenset[str]
    assistant: int | None = None

    @property
    def email(self) -> str:
        """Address that signs in."""
        plain = f"{self.first_name}.{self.last_name}".lower().translate(_PLAIN)
        return f"{plain}{self.index}@{DOMAIN}"

    @property
    def is_human(self) -> bool:
        """Whether Webex counts this as a user rather than a place or a virtual line."""
        return self.user_type == "User"


_PLAIN = str.maketrans("áéíóúñ ", "aeioun.")


@dataclass(frozen=True)
class Service(Party):
    """An auto attendant, hunt group or queue with where it sends callers.

    ``keys`` maps an attendant's keys to services; ``overflow`` is where a queue sends whom nobody answers.
    """

    code: str
    calls: float
    hours: str
    weekend: float
    agents: tuple[int, ...] = ()
    keys: tuple[tuple[str, str], ...] = ()
    routing: str = "circular"
    patience: float = 90
    overflow: str = ""
    callback: bool = False
    recorded: bool = False
    direct: float = 0.0


@dataclass(frozen=True)
class Campaign:
    """A declared outbound campaign: these people may dial much more from start to end (days inclusive)."""

    people: tuple[int, ...]
    start: date
    end: date


@dataclass(frozen=True)
class World:
    """The whole organisation."""

    seed: int
    org_uuid: str
    sites: tuple[Site, ...]
    people: tuple[Person, ...]
    services: tuple[Service, ...]
    campaigns: tuple[Campaign, ...] = field(default=())

    @cached_property
    def service_by_code(self) -> dict[str, Service]:
        """Services by their code, which is unique in the organisation."""
        return {service.code: service for service in self.services}

    @cached_property
    def administrator(self) -> Person:
        """Who gives consent: the first person of Information Technology."""
        return next((p for p in self.people if p.department == "Information Technology" and p.is_human), self.people[0])

    @cached_property
    def people_by_site(self) -> tuple[tuple[Person, ...], ...]:
        """People of each site, in the order of the sites."""
        return tuple(tuple(p for p in self.people if p.site is site) for site in self.sites)


def build_world(seed: int, people: int) -> World:
    """The organisation of ``seed`` with that many people."""
    sites = tuple(_build_site(seed, index, facts) for index, facts in enumerate(SITES))
    staff = _build_people(seed, sites, people)
    return World(
        seed=seed,
        org_uuid=named_uuid(seed, "organisation"),
        sites=sites,
        people=staff,
        services=tuple(_build_services(seed, sites, staff)),
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
        customers=tuple(_draw_contact(draw, facts.country) for _ in range(160)),
        partners=_draw_foreign(draw, facts, 24),
    )


def _draw_contact(draw: Random, country: str) -> Contact:
    kind = draw.choices(("fixed", "mobile", "toll_free"), (45, 50, 5))[0]
    number = draw_number(
        draw, country, "toll_free" if kind == "toll_free" else "mobile" if kind == "mobile" else "fixed"
    )
    return Contact(number, country, kind, draw.paretovariate(1.3))


def _draw_foreign(draw: Random, facts: SiteFacts, count: int) -> tuple[Contact, ...]:
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


def _sizes(total: int) -> list[int]:
    sizes = [max(1, round(total * facts.share)) for facts in SITES]
    sizes[0] += total - sum(sizes)
    return sizes


def _build_people(seed: int, sites: tuple[Site, ...], total: int) -> tuple[Person, ...]:
    people: list[Person] = []
    for site, size in zip(sites, _sizes(total), strict=True):
        first = len(people)
        members = range(first, first + size)
        departments = _departments(size)
        for index, department in zip(members, departments, strict=True):
            people.append(_build_person(seed, site, index, department, members))
    return tuple(people)


def _departments(size: int) -> list[DepartmentFacts]:
    """Departments by largest remainder, so that a small site still has the ones that matter most."""
    exact = [(facts, facts.share * size) for facts in DEPARTMENTS]
    counts = {facts.name: int(share) for facts, share in exact}
    rest = sorted(exact, key=lambda pair: int(pair[1]) - pair[1])
    for facts, _ in rest[: size - sum(counts.values())]:
        counts[facts.name] += 1
    return [facts for facts in DEPARTMENTS for _ in range(counts[facts.name])]


def _build_person(seed: int, site: Site, index: int, department: DepartmentFacts, members: range) -> Person:
    draw = stream(seed, "person", index)
    english = site.country == "US" and draw.random() < 0.6
    first = draw.choice(US_FIRST_NAMES if english else FIRST_NAMES)
    last = draw.choice(US_LAST_NAMES if english else LAST_NAMES)
    user_type = _user_type(draw)
    extension = str((site.index + 1) * 1000 + 101 + index - members[0])
    has_direct = user_type != "VirtualLine" and draw.random() < 0.85
    traits = _traits(draw, department)
    joined, left = _employment(draw)
    name = f"{first} {last}" if user_type == "User" else f"{site.name} Room {index - members[0] + 1}"
    assistants = [member for member in members if member != index]
    return Person(
        uuid=named_uuid(seed, "person", index),
        name=name,
        user_type=user_type,
        site=site,
        extension=extension,
        direct_number=site.facts.number_block + extension if has_direct else "",
        index=index,
        first_name=first,
        last_name=last,
        department=department.name,
        title=f"{department.name} {'lead' if 'supervisor' in traits else 'specialist'}",
        mobile=draw_number(draw, site.country, "mobile"),
        devices=_draw_devices(draw, user_type, traits),
        habits=_draw_habits(draw, site, department, members, traits),
        international=department.international or draw.random() < 0.25,
        joined=joined,
        left=left,
        traits=traits,
        assistant=draw.choice(assistants) if assistants and "executive" in traits else None,
    )


def _user_type(draw: Random) -> str:
    return draw.choices(("User", "Place", "VirtualLine"), (94, 4, 2))[0]


def _employment(draw: Random) -> tuple[date | None, date | None]:
    """One in nine joins, one in eleven leaves, on some working day of the two years around the origin."""
    joined = ORIGIN + timedelta(days=draw.randrange(30, 640)) if draw.random() < 0.11 else None
    left = ORIGIN + timedelta(days=draw.randrange(60, 700)) if joined is None and draw.random() < 0.09 else None
    return joined, left


_TRAITS: tuple[tuple[str, float], ...] = (
    ("traveller", 0.08),
    ("sim_ring", 0.06),
    ("reach", 0.05),
    ("forwards_unanswered", 0.08),
    ("assistant_line", 0.0),
    ("family_abroad", 0.16),
    ("bridge_host", 0.07),
    ("webex_go", 0.06),
)


def _traits(draw: Random, department: DepartmentFacts) -> frozenset[str]:
    traits = {name for name, chance in _TRAITS if draw.random() < chance}
    if department.name == "Management":
        traits |= {name for name in ("executive", "traveller") if draw.random() < 0.45}
    if department.name == "Customer Support":
        traits |= {name for name, chance in (("night", 0.1), ("supervisor", 0.12)) if draw.random() < chance}
    if department.name == "Information Technology" and draw.random() < 0.35:
        traits.add("on_call")
    return frozenset(traits)


_PHONES = (("8851-3PCC", "12-0-5SR2"), ("8845-3PCC", "12-0-5SR2"), ("DMS MPP 6871", "12-0-3"), ("CISCO 9841", "3-2-1"))
_SYSTEMS = (("windows", "46.9.0.33401"), ("mac", "46.9.0.33401"), ("windows", "46.8.1.33120"))


def _draw_devices(draw: Random, user_type: str, traits: frozenset[str]) -> tuple[Device, ...]:
    model, firmware = draw.choice(_PHONES)
    mac = f"6C710D{draw.randrange(1 << 24):06X}"
    desk = Device("SIP", model=model, mac=mac, version=firmware)
    if user_type == "Place":
        return (Device("WXC_DEVICE", model="Cisco Room Kit", mac=mac, version="ce11.20.1"),)
    system, version = draw.choice(_SYSTEMS)
    app = Device("TEAMS_WXC_CLIENT", "DESKTOP_APP", os_type=system, version=version)
    phone = Device("TEAMS_WXC_CLIENT", "MOBILE_APP", os_type=draw.choice(("ios", "android")), version="46.9.0")
    devices = [app] if draw.random() < 0.35 else [desk, app]
    if draw.random() < 0.5 or "traveller" in traits:
        devices.append(phone)
    if "webex_go" in traits:
        devices.append(Device("WXC_CLIENT", "MOBILE_NETWORK", os_type="ios", version="1.0.2.3"))
    return tuple(devices)


def _draw_habits(
    draw: Random, site: Site, department: DepartmentFacts, members: range, traits: frozenset[str]
) -> Habits:
    level = spread(draw, 0.3)
    own = [draw.choice(site.customers) for _ in range(draw.randrange(6, 22))]
    own += [_draw_contact(draw, site.country) for _ in range(draw.randrange(3, 9))]
    foreign = [draw.choice(site.partners) for _ in range(draw.randrange(2, 7))]
    if "family_abroad" in traits:
        foreign += _draw_foreign(draw, site.facts, 1) * 4
    near = [draw.choice(members) for _ in range(min(len(members), 12))]
    return Habits(
        external=department.external * level,
        internal=department.internal * spread(draw, 0.2),
        inbound=department.inbound * level,
        talk=department.talk * draw.uniform(0.75, 1.35),
        fresh=department.fresh,
        foreign=department.foreign * spread(draw, 0.8) + (0.02 if "family_abroad" in traits else 0.0),
        weekend=department.weekend,
        hours="night" if "night" in traits else department.hours,
        contacts=tuple(own),
        foreign_contacts=tuple(foreign),
        colleagues=tuple(near),
    )


@dataclass(frozen=True)
class _ServiceFacts:
    """A kind of service every larger site has."""

    code: str
    name: str
    user_type: str
    calls: float
    department: str
    routing: str = "circular"
    hours: str = "public"


_SERVICES = (
    _ServiceFacts("support", "Support", "CallCenterPremium", 30, "Customer Support", "circular"),
    _ServiceFacts("billing", "Billing", "CallCenterPremium", 12, "Customer Support", "simultaneous"),
    _ServiceFacts("sales", "Sales", "HuntGroup", 5, "Sales", "circular"),
    _ServiceFacts("warehouse", "Warehouse", "HuntGroup", 5, "Warehouse", "simultaneous"),
    _ServiceFacts("collections", "Collections", "CallCenterStandard", 5, "Collections", "simultaneous"),
)


def _build_services(seed: int, sites: tuple[Site, ...], people: tuple[Person, ...]) -> Iterable[Service]:
    """Each site's attendant, queues and hunt groups; calls a day grow with the number of people at the site."""
    for site in sites:
        staff = [p for p in people if p.site is site and p.is_human]
        scale = max(0.15, len(staff) / 26)
        codes: list[tuple[str, str]] = []
        for position, facts in enumerate(_SERVICES, start=1):
            agents = tuple(p.index for p in staff if p.department == facts.department)
            if not agents:
                continue
            code = f"{site.index}:{facts.code}"
            codes.append((str(position), code))
            yield _build_service(seed, site, facts, code, (agents, scale, position))
        yield _attendant(seed, site, tuple(codes), scale)
        if staff and site.index in (0, 5):
            yield _receptionist(seed, site, tuple(codes), scale)


def _build_service(
    seed: int, site: Site, facts: _ServiceFacts, code: str, shape: tuple[tuple[int, ...], float, int]
) -> Service:
    agents, scale, position = shape
    extension = str((site.index + 1) * 1000 + 10 + position)
    queue = facts.user_type.startswith("CallCenter")
    return Service(
        uuid=named_uuid(seed, "service", code),
        name=f"{facts.name} {site.name}",
        user_type=facts.user_type,
        site=site,
        extension=extension,
        direct_number=site.facts.number_block + extension,
        code=code,
        calls=facts.calls * scale,
        hours=facts.hours,
        weekend=0.3 if queue else 0.08,
        agents=agents,
        routing=facts.routing,
        patience=110 if queue else 40,
        overflow=f"{site.index}:support" if facts.code == "billing" else "0:support" if facts.code == "support" else "",
        callback=facts.code == "support",
        recorded=queue,
    )


def _attendant(seed: int, site: Site, keys: tuple[tuple[str, str], ...], scale: float) -> Service:
    extension = f"{site.index + 1}000"
    return Service(
        uuid=named_uuid(seed, "attendant", site.name),
        name=f"Main Menu {site.name}",
        user_type="AutomatedAttendantVideo",
        site=site,
        extension=extension,
        direct_number=site.main_number,
        code=f"{site.index}:main",
        calls=24 * scale,
        hours="public",
        weekend=0.18,
        keys=keys,
    )


def _receptionist(seed: int, site: Site, keys: tuple[tuple[str, str], ...], scale: float) -> Service:
    extension = f"{site.index + 1}009"
    return Service(
        uuid=named_uuid(seed, "receptionist", site.name),
        name=f"AI Receptionist {site.name}",
        user_type="AutomatedAttendantVideo",
        site=site,
        extension=extension,
        direct_number=site.facts.number_block + extension,
        code=f"{site.index}:receptionist",
        calls=8 * scale,
        hours="public",
        weekend=0.25,
        keys=keys,
        routing="intent",
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
    for number in range(26):
        start = ORIGIN + timedelta(weeks=4 * number + draw.randrange(2))
        members = tuple(teams[order[number % len(order)]])
        campaigns.append(Campaign(members, start, start + timedelta(days=4)))
    return tuple(campaigns)
