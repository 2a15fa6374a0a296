"""The pretend organisation: sites, people with their habits, and services.

Nothing here depends on a day; what changes with time (holidays, leave, travel) is asked by day elsewhere.
"""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from core.sandbox.sites import SiteFacts

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
