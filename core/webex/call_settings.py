"""A person's calling settings as Webex keeps them: outgoing permissions, call forwarding, call intercept.

Paths and fields as in Webex's published description *User Call Settings (1/2)*: reading takes
``spark-admin:people_read``, writing ``spark-admin:people_write``. Outgoing permissions have a second, newer path
below ``/telephony/config`` whose writing takes ``spark-admin:telephony_config_write``; where the first is unknown to
the cloud the other is tried.
"""

from collections.abc import Mapping
from typing import Any, Literal, get_args
from urllib.parse import quote

from core.settings import Settings
from core.webex.client import WebexClient
from core.webex.errors import (
    ForbiddenError,
    MalformedAnswerError,
    NotFoundOnWebexError,
    RequestRefusedError,
    SettingsRightMissingError,
)
from core.webex.identifiers import webex_id

Setting = Literal["outgoing_permission", "call_forwarding", "call_intercept"]
SETTINGS: tuple[Setting, ...] = get_args(Setting)

READ_SCOPE = "spark-admin:people_read"
WRITE_SCOPE = "spark-admin:people_write"
TELEPHONY_WRITE_SCOPE = "spark-admin:telephony_config_write"

CALL_TYPES = frozenset(
    {
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
        "LOCAL",
        "TOLL",
    }
)
"""What may be sent; answers can also carry UNKNOWN, CASUAL and URL_DIALING, which Webex does not take back."""

_DEEPEST = 6
_PATHS: dict[Setting, str] = {
    "outgoing_permission": "/people/{person}/features/outgoingPermission",
    "call_forwarding": "/people/{person}/features/callForwarding",
    "call_intercept": "/people/{person}/features/intercept",
}
_TELEPHONY_PERMISSION = "/telephony/config/people/{person}/outgoingPermission"
_NEEDED: dict[Setting, tuple[str, type]] = {
    "outgoing_permission": ("callingPermissions", list),
    "call_forwarding": ("callForwarding", dict),
    "call_intercept": ("enabled", bool),
}


def write_scopes(settings: Settings) -> tuple[str, ...]:
    """The scopes that changing these settings takes, beyond those for reading."""
    if settings.webex_outgoing_permission_path == "telephony":
        return (WRITE_SCOPE, TELEPHONY_WRITE_SCOPE)
    return (WRITE_SCOPE,)


def read_setting(client: WebexClient, setting: Setting, person: str, *, telephony: bool = False) -> dict[str, Any]:
    """A setting of the person with that UUID, whole, as Webex tells it.

    ``telephony`` begins with the newer path of outgoing permissions. Raises ``NotFoundOnWebexError`` for somebody
    without Webex Calling, ``SettingsRightMissingError`` without scope or role, and the errors of the client.
    """
    for path in _paths(setting, person, telephony):
        try:
            return _checked(client.get(path), setting, path)
        except ForbiddenError as error:
            raise _right_missing(error, READ_SCOPE) from error
        except RequestRefusedError as error:
            refused = error
            if not _is_unknown(error):
                break
    raise refused


def write_setting(
    client: WebexClient, setting: Setting, person: str, value: Mapping[str, Any], *, telephony: bool = False
) -> None:
    """Replace a setting of the person with that UUID by ``value``, of which only what Webex takes is sent.

    Raises as ``read_setting`` does; the scope it names is the one for writing.
    """
    content = writable(setting, value)
    for path in _paths(setting, person, telephony):
        try:
            client.put(path, content)
            return
        except ForbiddenError as error:
            scope = TELEPHONY_WRITE_SCOPE if path.startswith("/telephony") else WRITE_SCOPE
            raise _right_missing(error, scope) from error
        except RequestRefusedError as error:
            refused = error
            if not _is_unknown(error):
                break
    raise refused


def writable(setting: Setting, value: Mapping[str, Any]) -> dict[str, Any]:
    """What of a setting as read may be sent back: without what only Webex sets."""
    if setting == "outgoing_permission":
        return _writable_permission(value)
    if setting == "call_forwarding":
        return _writable_forwarding(value)
    return _writable_intercept(value)


def _writable_permission(value: Mapping[str, Any]) -> dict[str, Any]:
    rows = [row for row in value.get("callingPermissions", []) if row.get("callType") in CALL_TYPES]
    permissions = [
        {name: row[name] for name in ("callType", "action", "transferEnabled") if name in row} for row in rows
    ]
    flags = {name: value[name] for name in ("useCustomEnabled", "useCustomPermissions") if name in value}
    return {**flags, "callingPermissions": permissions}


def _writable_forwarding(value: Mapping[str, Any]) -> dict[str, Any]:
    kinds = {
        kind: {name: each for name, each in part.items() if name != "systemMaxNumberOfRings" and each is not None}
        for kind, part in value.get("callForwarding", {}).items()
    }
    content: dict[str, Any] = {"callForwarding": kinds}
    if isinstance(value.get("businessContinuity"), dict):
        content["businessContinuity"] = dict(value["businessContinuity"])
    return content


def _writable_intercept(value: Mapping[str, Any]) -> dict[str, Any]:
    content = {name: value[name] for name in ("enabled", "incoming", "outgoing") if name in value}
    incoming = content.get("incoming")
    if isinstance(incoming, dict) and isinstance(incoming.get("announcements"), dict):
        kept = {name: each for name, each in incoming["announcements"].items() if name.lower() != "filename"}
        content["incoming"] = {**incoming, "announcements": kept}
    return content


def _paths(setting: Setting, person: str, telephony: bool) -> tuple[str, ...]:
    templates = [_PATHS[setting]]
    if setting == "outgoing_permission":
        templates.insert(0 if telephony else 1, _TELEPHONY_PERMISSION)
    identifier = quote(webex_id("PEOPLE", person), safe="")
    return tuple(template.format(person=identifier) for template in templates)


def _is_unknown(error: RequestRefusedError) -> bool:
    return isinstance(error, NotFoundOnWebexError) or error.facts.get("status") == 405


def _right_missing(error: ForbiddenError, scope: str) -> SettingsRightMissingError:
    return SettingsRightMissingError(path=error.facts["path"], scope=scope, detail=error.facts["detail"])


def _checked(value: dict[str, Any], setting: Setting, path: str) -> dict[str, Any]:
    """The answer, if it is of the described shape: what is kept of it is sent back by an undo."""
    name, kind = _NEEDED[setting]
    if not isinstance(value.get(name), kind) or not _is_flat(value, _DEEPEST):
        raise MalformedAnswerError(path=path, problem=name)
    if setting == "outgoing_permission" and not all(isinstance(row, dict) for row in value[name]):
        raise MalformedAnswerError(path=path, problem=name)
    if setting == "call_forwarding" and not all(isinstance(part, dict) for part in value[name].values()):
        raise MalformedAnswerError(path=path, problem=name)
    return value


def _is_flat(value: Any, depth: int) -> bool:
    """Whether a value is of few levels and few entries: a setting has a dozen."""
    if isinstance(value, dict | list):
        parts = list(value.values()) if isinstance(value, dict) else value
        return depth > 0 and len(parts) <= 100 and all(_is_flat(part, depth - 1) for part in parts)
    return not isinstance(value, str) or len(value) <= 500
