"""The services of the pretend organisation: auto attendants, queues, hunt groups and receptionists of each site."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.sandbox.randomness import named_uuid
from core.sandbox.world import Person, Service, Site


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


def build_services(seed: int, sites: tuple[Site, ...], people: tuple[Person, ...]) -> Iterator[Service]:
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
