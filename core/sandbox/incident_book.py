"""Which incidents a tenant has: those scheduled around its first day, and those injected by hand.

Injected ones are kept in a file, so that a restart shows the same history.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from threading import RLock

from core.sandbox.abuse import KINDS, Incident, Plan, plan_incident, write_incident
from core.sandbox.archive import site_day
from core.sandbox.randomness import poisson, stream
from core.sandbox.traffic import Traffic

OPENING = (
    (-6, "slow_drip"),
    (-5, "tdos"),
    (-4, "wangiri"),
    (-3, "mass_dialling"),
    (-3, "caribbean"),
    (-2, "irsf_burst"),
    (-1, "forwarding"),
    (-1, "code_guessing"),
)
"""What has happened in the days before the tenant was first opened: days from then, and the kind."""

A_DAY = 1.6
"""Incidents that begin by themselves on an average day from then on."""

_LONGEST_DAYS = 5


class IncidentBook:
    """Incidents by day; safe from threads."""

    def __init__(self, path: Path, traffic: Traffic, first_day: date, live: bool) -> None:
        self._path = path
        self._traffic = traffic
        self._first_day = first_day
        self._live = live
        self._lock = RLock()
        self._injected = self._read()
        self._write_once = lru_cache(maxsize=256)(self._make)

    def around(self, day: date) -> list[Incident]:
        """The incidents that can have calls on ``day``, site time."""
        begun = (day - timedelta(days=back) for back in range(_LONGEST_DAYS + 1))
        with self._lock:
            return [self._write_once(plan) for each in begun for plan in self.plans(each)]

    def plans(self, day: date) -> Iterator[Plan]:
        """What begins on ``day``: the opening ones, then at random, and what was injected."""
        if self._live:
            yield from self._scheduled(day)
        yield from (plan for plan in self._injected if site_day(plan.start) == day)

    def inject(self, plan: Plan) -> Incident:
        """Let an incident happen; gives it, written."""
        with self._lock:
            self._injected.append(plan)
            self._path.write_text(json.dumps([asdict(each) for each in self._injected]), encoding="utf-8")
            return self._write_once(plan)

    @property
    def injected(self) -> int:
        """How many were injected by hand."""
        return len(self._injected)

    def written(self, plan: Plan) -> Incident:
        """The incident of one of its plans."""
        with self._lock:
            return self._write_once(plan)

    def between(self, first: date, last: date) -> list[Incident]:
        """All incidents that begin on the days from ``first`` to ``last``, in order."""
        days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
        with self._lock:
            found = [self._write_once(plan) for day in days for plan in self.plans(day)]
        return sorted(found, key=lambda incident: incident.started)

    def _scheduled(self, day: date) -> Iterator[Plan]:
        world, ahead = self._traffic.world, (day - self._first_day).days
        draw = stream(world.seed, "schedule", day)
        if ahead < 0:
            for offset, kind in OPENING:
                if offset == ahead:
                    yield plan_incident(world, kind, day, draw)
            return
        for _ in range(poisson(draw, A_DAY)):
            kind = draw.choice(sorted(KINDS))
            yield plan_incident(world, kind, day, draw, draw.choice((1.0, 0.5)))

    def _make(self, plan: Plan) -> Incident:
        return write_incident(self._traffic.world, self._traffic.templates, plan)

    def _read(self) -> list[Plan]:
        if not self._path.exists():
            return []
        return [Plan(**each) for each in json.loads(self._path.read_text(encoding="utf-8"))]
