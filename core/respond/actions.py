"""What an answer changes: each action turns a setting as it is into the setting as it shall be."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any, Literal, get_args

from core.webex.call_settings import Setting
from core.webex.call_settings_shape import is_outside

Action = Literal["block_calls", "stop_forwarding", "intercept"]
ACTIONS: tuple[Action, ...] = get_args(Action)

SETTING_OF: dict[Action, Setting] = {
    "block_calls": "outgoing_permission",
    "stop_forwarding": "call_forwarding",
    "intercept": "call_intercept",
}

ABROAD = ("INTERNATIONAL",)
PREMIUM = ("PREMIUM_SERVICES_I", "PREMIUM_SERVICES_II")

Value = dict[str, Any]


def intended(action: Action, before: Mapping[str, Any], call_types: Sequence[str]) -> Value:
    """The whole setting after the action; everything it does not concern stays as it is."""
    made: Value = deepcopy(dict(before))
    _CHANGES[action](made, call_types)
    return made


def _block(value: Value, call_types: Sequence[str]) -> None:
    """Own permissions in force, the call types to BLOCK, transfers and forwards of them off.

    What Webex itself enforces (``isCallTypeRestrictionEnabled``) cannot be changed and is left alone.
    """
    value["useCustomEnabled"] = value["useCustomPermissions"] = True
    rows = {row.get("callType"): row for row in value["callingPermissions"]}
    for call_type in call_types:
        row = rows.get(call_type)
        if row is None:
            row = {"callType": call_type}
            value["callingPermissions"].append(row)
        if not row.get("isCallTypeRestrictionEnabled"):
            row["action"], row["transferEnabled"] = "BLOCK", False


def _stop_forwarding(value: Value, _call_types: Sequence[str]) -> None:
    """Every forward that leads outside is switched off; its destination stays to be seen."""
    parts = [*value["callForwarding"].values(), value.get("businessContinuity")]
    for part in parts:
        if isinstance(part, dict) and part.get("enabled") and is_outside(str(part.get("destination") or "")):
            part["enabled"] = False


def _intercept(value: Value, _call_types: Sequence[str]) -> None:
    """Out of service: no call out, no transfer; callers hear an announcement."""
    value["enabled"] = True
    value["incoming"] = {**(value.get("incoming") or {}), "type": "INTERCEPT_ALL"}
    value["outgoing"] = {**(value.get("outgoing") or {}), "type": "INTERCEPT_ALL", "transferEnabled": False}


_CHANGES: dict[Action, Callable[[Value, Sequence[str]], None]] = {
    "block_calls": _block,
    "stop_forwarding": _stop_forwarding,
    "intercept": _intercept,
}
