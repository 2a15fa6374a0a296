"""Labelled abuse of twenty kinds, written into a history; ``strength`` scales how many calls each has."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.detection.other_people import ISLANDS, ORDINARY, PREMIUM, RISKY, Somebody, number_in
from tests.detection.other_traffic import OtherTraffic

SLOW = "slow_ordinary"


@dataclass
class Abuse:
    """One incident being written."""

    stage: OtherTraffic
    draw: Random
    day: int
    strength: float
    records: list[str] = field(default_factory=list)

    def count(self, low: int, high: int, least: int = 2) -> int:
        return max(least, round(self.draw.randint(low, high) * self.strength))

    def victim(self, *departments: str) -> Somebody:
        known = [
            p
            for p in self.stage.people
            if p.joined < self.day - 8 and self.day not in p.away and (not departments or p.department in departments)
        ]
        return self.draw.choice(known)

    def dial(self, who: Somebody, start: datetime, number: str, seconds: int, **extra: Any) -> None:
        self.records.append(self.stage.dial(who, start, number, seconds, **extra))


def _irsf_night(a: Abuse) -> None:
    who, start = a.victim(), 0.0
    at = a.stage.at(who.site, a.day, a.draw.uniform(20.5, 27))
    countries = a.draw.sample(RISKY, 3)
    for _ in range(a.count(16, 50)):
        a.dial(
            who, at + timedelta(seconds=start), number_in(a.draw, a.draw.choice(countries)), a.draw.randrange(120, 2700)
        )
        start += a.draw.expovariate(1 / 150)


def _irsf_short(a: Abuse) -> None:
    who = a.victim()
    at = a.stage.at(who.site, a.day, a.draw.uniform(0, 24))
    block = number_in(a.draw, a.draw.choice(RISKY + ORDINARY))[:-2]
    for each in range(a.count(40, 140)):
        a.dial(who, at + timedelta(seconds=40 * each), f"{block}{a.draw.randrange(100):02d}", a.draw.randrange(15, 45))


def _slow_ordinary(a: Abuse) -> None:
    who = a.victim()
    countries = a.draw.sample(ORDINARY, a.draw.randrange(1, 4))
    for day in range(a.draw.randrange(3, 7)):
        for _ in range(a.count(2, 6, 1)):
            at = a.stage.at(who.site, a.day + day, a.draw.choice((a.draw.uniform(8, 19), a.draw.uniform(19, 31))))
            a.dial(who, at, number_in(a.draw, a.draw.choice(countries)), a.draw.randrange(240, 1500))


def _premium(a: Abuse) -> None:
    who = a.victim()
    at = a.stage.at(who.site, a.day, a.draw.uniform(7, 28))
    lead = PREMIUM.get(who.site.country, PREMIUM["US"])
    for each in range(a.count(6, 25)):
        number = (
            f"{lead}{a.draw.randrange(10**6):06d}" if lead != "+1900" else f"{lead}555{a.draw.randrange(10**4):04d}"
        )
        a.dial(who, at + timedelta(minutes=each * a.draw.uniform(2, 15)), number, a.draw.randrange(60, 1500))


def _islands(a: Abuse) -> None:
    who = a.victim()
    at = a.stage.at(who.site, a.day, a.draw.uniform(7, 28))
    for each in range(a.count(8, 30)):
        a.dial(
            who,
            at + timedelta(minutes=each * a.draw.uniform(1, 9)),
            number_in(a.draw, a.draw.choice(ISLANDS)),
            a.draw.randrange(60, 1800),
        )


def _satellite(a: Abuse) -> None:
    who = a.victim()
    at = a.stage.at(who.site, a.day, a.draw.uniform(0, 24))
    for each in range(a.count(3, 12)):
        a.dial(
            who,
            at + timedelta(minutes=each * 12),
            number_in(a.draw, a.draw.choice(("SAT", "INM"))),
            a.draw.randrange(60, 900),
        )


def _forward(a: Abuse, country: str) -> None:
    who = a.victim()
    at = a.stage.at(who.site, a.day, a.draw.uniform(8, 26))
    target = number_in(a.draw, country)
    for each in range(a.count(6, 30, 3)):
        start = at + timedelta(minutes=each * a.draw.uniform(2, 9))
        a.records += a.stage.forward(
            who, start, number_in(a.draw, who.site.country), target, a.draw.randrange(120, 2400)
        )


def _forward_risky(a: Abuse) -> None:
    _forward(a, a.draw.choice(RISKY))


def _forward_ordinary(a: Abuse) -> None:
    _forward(a, a.draw.choice(ORDINARY))


def _attendant_out(a: Abuse) -> None:
    desk = a.draw.choice(a.stage.desks)
    at = a.stage.at(desk.site, a.day, a.draw.uniform(18, 29))
    for each in range(a.count(8, 30, 3)):
        start = at + timedelta(minutes=each * a.draw.uniform(1, 8))
        a.records += a.stage.forward(
            desk,
            start,
            number_in(a.draw, desk.site.country),
            number_in(a.draw, a.draw.choice(RISKY + ORDINARY)),
            a.draw.randrange(200, 2400),
            "Deflection",
        )


def _mass_dial(a: Abuse) -> None:
    who = a.victim("Ventas", "Administración", "Tienda", "Compras", "Dirección", "Sistemas")
    at = a.stage.at(who.site, a.day, a.draw.uniform(9, 16))
    hourly = a.count(60, 150)
    for _ in range(round(hourly * a.draw.uniform(1, 2.5))):
        start = at + timedelta(seconds=a.draw.uniform(0, 3600 * 2))
        a.dial(who, start, number_in(a.draw, who.site.country), a.draw.randrange(5, 70) if a.draw.random() < 0.6 else 0)


def _robocall(a: Abuse) -> None:
    who = a.victim()
    at = a.stage.at(who.site, a.day, a.draw.uniform(9, 18))
    for each in range(a.count(50, 160)):
        a.dial(
            who,
            at + timedelta(seconds=each * 14),
            number_in(a.draw, who.site.country),
            a.draw.randrange(3, 10) if a.draw.random() < 0.7 else 0,
        )


def _scan_out(a: Abuse) -> None:
    who = a.victim()
    at = a.stage.at(who.site, a.day, a.draw.uniform(0, 24))
    base = int(number_in(a.draw, who.site.country)[1:-4]) * 10_000 + a.draw.randrange(5000)
    for each in range(a.count(20, 60)):
        base += a.draw.randrange(1, 4)
        a.dial(who, at + timedelta(seconds=each * 25), f"+{base}", a.draw.randrange(0, 8))


def _scan_in(a: Abuse) -> None:
    place = a.draw.choice(a.stage.places)
    staff = [p for p in a.stage.people if p.site is place] or a.stage.people
    at = a.stage.at(place, a.day, a.draw.uniform(0, 24))
    caller = number_in(a.draw, a.draw.choice((place.country, "GB", "NL")))
    for each, who in enumerate(a.draw.sample(staff, min(len(staff), a.count(14, 40)))):
        a.records.append(
            a.stage.receive(
                who, at + timedelta(seconds=each * 40), caller, a.draw.choice((0, 0, 3, 6)), ring=a.draw.randrange(1, 8)
            )
        )


def _wangiri(a: Abuse) -> None:
    place = a.draw.choice(a.stage.places)
    staff = [p for p in a.stage.people if p.site is place] or a.stage.people
    at = a.stage.at(place, a.day, a.draw.uniform(9, 15))
    caller = number_in(a.draw, a.draw.choice(RISKY + ISLANDS))
    rung = a.draw.sample(staff, min(len(staff), a.count(8, 25, 3)))
    for each, who in enumerate(rung):
        a.records.append(
            a.stage.receive(who, at + timedelta(seconds=each * 20), caller, 0, ring=a.draw.randrange(1, 4))
        )
    for each, who in enumerate(rung[: max(2, len(rung) // 3)]):
        a.dial(who, at + timedelta(minutes=15 + each * 11), caller, a.draw.randrange(60, 900))


def _flood(a: Abuse) -> None:
    who = a.victim() if a.draw.random() < 0.6 else a.draw.choice(a.stage.desks)
    at = a.stage.at(who.site, a.day, a.draw.uniform(8, 19))
    callers = [number_in(a.draw, who.site.country) for _ in range(a.draw.choice((3, 20, 200)))]
    for each in range(a.count(80, 250)):
        a.records.append(
            a.stage.receive(who, at + timedelta(seconds=each * 9), a.draw.choice(callers), a.draw.choice((0, 0, 4, 9)))
        )


def _codes(a: Abuse) -> None:
    who = a.victim()
    at = a.stage.at(who.site, a.day, a.draw.uniform(18, 30))
    for each in range(a.count(14, 40, 6)):
        extra = {"Authorization code": f"{a.draw.randrange(10_000):04d}"} if a.draw.random() < 0.7 else {}
        a.dial(
            who,
            at + timedelta(seconds=each * 35),
            number_in(a.draw, a.draw.choice(RISKY + ORDINARY)),
            0,
            failed=True,
            **extra,
        )


def _concurrent(a: Abuse) -> None:
    who = a.victim()
    at = a.stage.at(who.site, a.day, a.draw.uniform(0, 24))
    country = a.draw.choice(ORDINARY)
    for each in range(a.count(8, 20, 4)):
        a.dial(who, at + timedelta(seconds=each * 20), number_in(a.draw, country), a.draw.randrange(600, 2400))


def _night_insider(a: Abuse) -> None:
    who = a.victim("Ventas", "Administración", "Tienda", "Compras", "Dirección", "Sistemas")
    for day in range(a.draw.randrange(1, 4)):
        for _ in range(a.count(10, 24, 5)):
            a.dial(
                who,
                a.stage.at(who.site, a.day + day, a.draw.uniform(22.5, 28)),
                number_in(a.draw, who.site.country),
                a.draw.randrange(100, 1500),
            )


def _centre_takeover(a: Abuse) -> None:
    who = a.victim("Centro de contacto")
    countries = a.draw.sample(ORDINARY, 2)
    at = a.stage.at(who.site, a.day, a.draw.uniform(9, 14))
    for each in range(a.count(10, 30, 4)):
        a.dial(
            who,
            at + timedelta(minutes=each * a.draw.uniform(2, 9)),
            number_in(a.draw, a.draw.choice(countries)),
            a.draw.randrange(60, 1200),
        )


def _long(a: Abuse) -> None:
    who = a.victim()
    at = a.stage.at(who.site, a.day, a.draw.uniform(8, 24))
    for each in range(a.count(2, 4, 1)):
        a.dial(
            who,
            at + timedelta(hours=each * 4),
            number_in(a.draw, a.draw.choice(ORDINARY + RISKY)),
            a.draw.randrange(7000, 20_000),
        )


def _forward_pump(a: Abuse) -> None:
    who = a.victim()
    at = a.stage.at(who.site, a.day, a.draw.uniform(9, 20))
    target = number_in(a.draw, who.site.country)
    for each in range(a.count(40, 120)):
        start = at + timedelta(seconds=each * a.draw.uniform(30, 90))
        caller = number_in(a.draw, who.site.country)
        a.records += a.stage.forward(who, start, caller, target, a.draw.randrange(30, 900))


KINDS: dict[str, Callable[[Abuse], None]] = {
    "irsf_night": _irsf_night, "irsf_short": _irsf_short, SLOW: _slow_ordinary, "premium": _premium,
    "islands": _islands, "satellite": _satellite, "forward_risky": _forward_risky,
    "forward_ordinary": _forward_ordinary,
    "attendant_out": _attendant_out, "mass_dial": _mass_dial, "robocall": _robocall, "scan_out": _scan_out,
    "scan_in": _scan_in, "wangiri": _wangiri, "flood": _flood, "codes": _codes, "concurrent": _concurrent,
    "night_insider": _night_insider, "centre_takeover": _centre_takeover, "long": _long, "forward_pump": _forward_pump,
}  # fmt: skip


def write_incidents(stage: OtherTraffic, seed: int, each: int = 3, strength: float = 1.0) -> list[dict[str, Any]]:
    """Put ``each`` incidents of every kind (twice as many slow ones) after the first three weeks; gives the labels."""
    draw = Random(f"incidents {seed}")
    labels = []
    for kind, write in KINDS.items():
        for number in range(each * (2 if kind == SLOW else 1)):
            abuse = Abuse(stage, draw, draw.randrange(21, stage.days - 7), strength)
            write(abuse)
            labels.append({"id": f"{kind} {number}", "kind": kind, "records": abuse.records})
    return labels


def with_beginnings(labels: list[dict[str, Any]], report_of: dict[str, float]) -> list[dict[str, Any]]:
    """The labels with ``began``: the Report time of the first record, seconds since 1970."""
    return [{**label, "began": min(report_of[record] for record in label["records"])} for label in labels]
