"""The people of the pretend organisation: where they work, what they telephone with, and how they do it."""

from datetime import date, timedelta
from random import Random

from core.sandbox.acquaintances import draw_contact, draw_foreign
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
)
from core.sandbox.world import ORIGIN, Device, Habits, Person, Site


def _sizes(total: int) -> list[int]:
    sizes = [max(1, round(total * facts.share)) for facts in SITES]
    sizes[0] += total - sum(sizes)
    return sizes


def build_people(seed: int, sites: tuple[Site, ...], total: int) -> tuple[Person, ...]:
    """That many people, spread over the sites and departments by their shares."""
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
    own += [draw_contact(draw, site.country) for _ in range(draw.randrange(3, 9))]
    foreign = [draw.choice(site.partners) for _ in range(draw.randrange(2, 7))]
    if "family_abroad" in traits:
        foreign += draw_foreign(draw, site.facts, 1) * 4
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
