"""People's calling settings in the pretend cloud, at any instant: what they began with, and every change since.

A forwarding abuse begins with its change; what an administrator changes through the API is kept in a file. Settings
are told by instant, so that the calls of a day obey those that held when each call began.
"""

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from threading import RLock
from typing import Any, Literal

from core.sandbox.abuse import Plan
from core.sandbox.archive import site_day
from core.sandbox.incident_book import IncidentBook
from core.sandbox.randomness import named_uuid, share
from core.sandbox.world import Person, World

Setting = Literal["outgoing_permission", "call_forwarding", "call_intercept"]

CALL_TYPES = (
    "INTERNAL_CALL",
    "TOLL_FREE",
    "NATIONAL",
    "INTERNATIONAL",
    "OPERATOR_ASSISTED",
    "CHARGEABLE_DIRECTORY_ASSISTED",
    "SPECIAL_SERVICES_I",
    "SPECIAL_SERVICES_II",
    "PREMIUM_SERVICES_I",
    "PREMIUM_SERVICES_II",
)
BY_AN_ADMINISTRATOR = 0.6
"""Share of the abusive forwards set from a stolen administrator's session; the others with the person's own."""


@dataclass(frozen=True)
class Change:
    """A setting of a person replaced at an instant (ms). ``actor`` is an administrator's UUID, empty for themselves."""

    at: int
    person: str
    setting: Setting
    value: dict[str, Any]
    actor: str
    address: str

    @property
    def id(self) -> str:
        """The UUID of its audit event."""
        return named_uuid("settings event", self.at, self.person, self.setting, self.actor)


class CallSettingsBook:
    """Settings by person and instant; safe from threads."""

    def __init__(self, path: Path, world: World, incidents: IncidentBook, begin: date) -> None:
        self._path = path
        self._world = world
        self._incidents = incidents
        self._begin = begin
        self._lock = RLock()
        self._people = {person.uuid: person for person in world.people}
        self._made = self._read()
        self._known: tuple[tuple[date, int], list[Change]] | None = None

    def value(self, person: Person, setting: Setting, at: int) -> dict[str, Any]:
        """The setting as it holds at that instant (ms)."""
        held = self.value_changed(person.uuid, setting, at)
        return deepcopy(held if held is not None else beginning(self._world, person, setting))

    def value_changed(self, person: str, setting: Setting, at: int) -> dict[str, Any] | None:
        """What the last change before that instant made of it; ``None`` when nobody ever changed it."""
        with self._lock:
            changes = [*(self._abused(at) if setting == "call_forwarding" else ()), *self._made]
        found = [each for each in changes if (each.person, each.setting) == (person, setting) and each.at <= at]
        return sorted(found, key=lambda change: change.at)[-1].value if found else None

    def put(self, change: Change) -> None:
        """Replace a setting from now on."""
        with self._lock:
            self._made.append(change)
            self._path.write_text(json.dumps([asdict(each) for each in self._made]), encoding="utf-8")

    def touched(self) -> frozenset[str]:
        """Who had a setting changed through the API."""
        return frozenset(change.person for change in self._made)

    def changes(self, since: int, until: int) -> list[Change]:
        """All changes in [since, until) that an administrator made, or that were made as one, newest first."""
        with self._lock:
            found = [change for change in (*self._made, *self._abused(until)) if change.actor]
        return sorted((c for c in found if since <= c.at < until), key=lambda change: change.at, reverse=True)

    def _abused(self, until: int) -> Sequence[Change]:
        """What abusive forwards changed before that instant; made once a day and number of injected incidents."""
        last, count = site_day(until) + timedelta(days=1), self._incidents.injected
        if self._known is None or self._known[0] != (last, count):
            days = (self._begin + timedelta(days=ahead) for ahead in range((last - self._begin).days + 1))
            plans = [plan for day in days for plan in self._incidents.plans(day) if plan.kind == "forwarding"]
            self._known = ((last, count), [self._change_of(plan) for plan in plans])
        return self._known[1]

    def _change_of(self, plan: Plan) -> Change:
        person = self._world.people[plan.victim]
        legs = self._incidents.written(plan).legs
        target = next(leg.record["Called number"] for leg in legs if leg.record["Direction"] == "ORIGINATING")
        value = beginning(self._world, person, "call_forwarding")
        value["callForwarding"]["always"] |= {"enabled": True, "destination": target}
        stolen = share(self._world.seed, "stolen session", plan.start, plan.victim) < BY_AN_ADMINISTRATOR
        actor = self._world.administrator.uuid if stolen else ""
        return Change(plan.start, person.uuid, "call_forwarding", value, actor, "203.0.113.77")

    def _read(self) -> list[Change]:
        if not self._path.exists():
            return []
        return [Change(**each) for each in json.loads(self._path.read_text(encoding="utf-8"))]


def beginning(world: World, person: Person, setting: Setting) -> dict[str, Any]:
    """What somebody begins with: nothing forwarded, or unanswered calls to a colleague or the own mobile telephone.

    Who may not call abroad freely needs a code for it.
    """
    if setting == "outgoing_permission":
        return _permission(person)
    return _forwarding(world, person) if setting == "call_forwarding" else _intercept()


def _permission(person: Person) -> dict[str, Any]:
    def action(kind: str) -> str:
        return "AUTH_CODE" if kind == "INTERNATIONAL" and not person.international else "ALLOW"

    permissions = [
        {
            "callType": kind,
            "action": action(kind),
            "transferEnabled": action(kind) == "ALLOW",
            "isCallTypeRestrictionEnabled": False,
        }
        for kind in CALL_TYPES
    ]
    is_own = not person.international
    return {"useCustomEnabled": is_own, "useCustomPermissions": is_own, "callingPermissions": permissions}


def _forwarding(world: World, person: Person) -> dict[str, Any]:
    off = {"enabled": False, "destinationVoicemailEnabled": False}
    unanswered: dict[str, Any] = {**off, "numberOfRings": 3, "systemMaxNumberOfRings": 20}
    coin = share(world.seed, "forwards", person.uuid)
    if coin < 0.08:
        colleague = world.people[person.habits.colleagues[0]] if person.habits.colleagues else person
        unanswered |= {"enabled": True, "destination": colleague.extension}
    elif coin < 0.14:
        unanswered |= {"enabled": True, "destination": person.mobile}
    kinds = {"always": {**off, "ringReminderEnabled": False}, "busy": {**off}, "noAnswer": unanswered}
    return {"callForwarding": kinds, "businessContinuity": {**off}}


def _intercept() -> dict[str, Any]:
    return {
        "enabled": False,
        "incoming": {
            "type": "INTERCEPT_ALL",
            "voicemailEnabled": False,
            "announcements": {
                "greeting": "DEFAULT",
                "filename": "",
                "newNumber": {"enabled": False},
                "zeroTransfer": {"enabled": False},
            },
        },
        "outgoing": {"type": "INTERCEPT_ALL", "transferEnabled": False},
    }


def is_blocked(permission: Mapping[str, Any] | None, call_type: str, *, forwarded: bool = False) -> bool:
    """Whether outgoing permissions stop a call of that kind; a forwarded one also needs ``transferEnabled``."""
    if permission is None or not permission.get("useCustomPermissions"):
        return False
    rows = [row for row in permission["callingPermissions"] if row["callType"] == call_type]
    return any(row["action"] == "BLOCK" or (forwarded and not row["transferEnabled"]) for row in rows)
