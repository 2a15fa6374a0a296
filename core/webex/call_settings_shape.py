"""Calling settings compared and read: what differs, whether two are the same, where calls are forwarded to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from core.webex.call_settings import CALL_TYPES, Setting

ForwardKind = Literal["always", "busy", "noAnswer", "businessContinuity"]
FORWARD_KINDS: tuple[ForwardKind, ...] = ("always", "busy", "noAnswer", "businessContinuity")

LONGEST_EXTENSION = 6
"""Digits; Webex's extensions have 2 to 10, ours and most have up to 6. A longer destination counts as outside."""

Value = Mapping[str, Any]


@dataclass(frozen=True)
class Difference:
    """One field of a setting before and after. ``field`` is a call type, a kind of forwarding or a name of Webex's.

    Values are Webex's own words, booleans or numbers; ``None`` where the field was absent.
    """

    field: str
    aspect: str
    before: Any
    after: Any


def facts(setting: Setting, value: Value) -> dict[tuple[str, str], Any]:
    """A setting as a flat list of what matters of it: field and aspect to value.

    Where a person has no permissions of their own, the site's hold and the list only repeats them.
    """
    if setting == "outgoing_permission":
        return _permission_facts(value)
    if setting == "call_forwarding":
        return _forwarding_facts(value)
    return _intercept_facts(value)


def _permission_facts(value: Value) -> dict[tuple[str, str], Any]:
    is_own = bool(value.get("useCustomPermissions"))
    found: dict[tuple[str, str], Any] = {("own_permissions", ""): is_own}
    for row in value.get("callingPermissions", []):
        if row.get("callType") in CALL_TYPES:
            found[row["callType"], "action"] = row.get("action")
            found[row["callType"], "transferEnabled"] = bool(row.get("transferEnabled"))
    return found


def _forwarding_facts(value: Value) -> dict[tuple[str, str], Any]:
    """Where each kind leads; what is switched off has no further fields, because Webex may forget them."""
    found: dict[tuple[str, str], Any] = {}
    for kind in FORWARD_KINDS:
        part = _part(value, kind)
        is_on = bool(part.get("enabled"))
        found[kind, ""] = (part.get("destination") or True) if is_on else False
        found[kind, "destinationVoicemailEnabled"] = is_on and bool(part.get("destinationVoicemailEnabled"))
    found["noAnswer", "numberOfRings"] = _part(value, "noAnswer").get("numberOfRings")
    return found


def _intercept_facts(value: Value) -> dict[tuple[str, str], Any]:
    incoming, outgoing = _mapping(value.get("incoming")), _mapping(value.get("outgoing"))
    return {
        ("intercept", "enabled"): bool(value.get("enabled")),
        ("incoming", "type"): incoming.get("type"),
        ("incoming", "voicemailEnabled"): bool(incoming.get("voicemailEnabled")),
        ("outgoing", "type"): outgoing.get("type"),
        ("outgoing", "transferEnabled"): bool(outgoing.get("transferEnabled")),
        ("outgoing", "destination"): outgoing.get("destination") or None,
    }


def differences(setting: Setting, before: Value, after: Value) -> list[Difference]:
    """What differs between two states, in the order of the fields."""
    old, new = facts(setting, before), facts(setting, after)
    keys = [*old, *(key for key in new if key not in old)]
    return [Difference(*key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)]


def same(setting: Setting, one: Value, other: Value) -> bool:
    """Whether two states have the same effect.

    Permissions that are not in use do not count: Webex then lists the site's.
    """
    if setting == "outgoing_permission" and not (one.get("useCustomPermissions") or other.get("useCustomPermissions")):
        return True
    return facts(setting, one) == facts(setting, other)


def forwards(value: Value) -> dict[ForwardKind, str]:
    """Where calls are sent now, by kind of forwarding; the destinations of what is switched off are left out."""
    return {
        kind: str(part["destination"])
        for kind in FORWARD_KINDS
        if (part := _part(value, kind)).get("enabled") and part.get("destination")
    }


def is_outside(destination: str) -> bool:
    """Whether a destination leaves the organisation, as far as its form tells."""
    text = destination.strip()
    digits = "".join(letter for letter in text if letter.isdigit())
    return "@" in text or text.startswith("+") or len(digits) > LONGEST_EXTENSION


def _part(value: Value, kind: ForwardKind) -> Mapping[str, Any]:
    if kind == "businessContinuity":
        return _mapping(value.get(kind))
    return _mapping(_mapping(value.get("callForwarding")).get(kind))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
