"""Who may do what, as data. What is not in this table is refused.

Roles (duties as the operations of a fraud desk separate them):

* ``analyst`` reads calls and explains them; exports what they may read.
* ``supervisor`` runs the desk: everything of an analyst, plus asking for jobs, imports and quarantine.
* ``operator`` works through tickets and visits and dials; sees the overview, never call records or recordings.
* ``admin`` connects, names people and keys, reads the audit.
"""

from typing import Literal, get_args

Role = Literal["analyst", "supervisor", "operator", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)

_EVERYBODY = frozenset(ROLES)
_DESK = frozenset[Role]({"analyst", "supervisor", "admin"})
_LEADS = frozenset[Role]({"supervisor", "admin"})
_ADMINS = frozenset[Role]({"admin"})
_DIALLERS = frozenset[Role]({"supervisor", "operator", "admin"})

PERMISSIONS: dict[str, frozenset[Role]] = {
    "overview.view": _EVERYBODY,
    "calls.view": _DESK,
    "calls.export": _DESK,
    "calls.import": _LEADS,
    "journeys.view": _DESK,
    "alerts.view": _DESK,
    "alerts.work": _DESK,
    "alerts.delete": _ADMINS,
    "people.view": _DESK,
    "detection.run": _DESK,
    "detection.tune": _LEADS,
    "responses.apply": _ADMINS,
    "assistant.ask": _DESK,
    "notifications.manage": _ADMINS,
    "notifications.send": _LEADS,
    "recordings.view": _DESK,
    "recordings.play": _DESK,
    "recordings.download": _LEADS,
    "recordings.process": _DESK,
    "recordings.delete": _ADMINS,
    "recordings.tune": _ADMINS,
    "tickets.view": _EVERYBODY,
    "tickets.work": _EVERYBODY,
    "tickets.manage": _LEADS,
    "operators.manage": _LEADS,
    "visits.view": _EVERYBODY,
    "visits.work": _EVERYBODY,
    "reports.view": _DESK,
    "reports.manage": _LEADS,
    "integrations.view": _LEADS,
    "watson.use": _LEADS,
    "dialer.view": _EVERYBODY,
    "dialer.dial": _DIALLERS,
    "dialer.override": _LEADS,
    "dialer.manage": _ADMINS,
    "connections.view": _DESK,
    "connections.manage": _ADMINS,
    "jobs.view": _DESK,
    "jobs.run": _LEADS,
    "quarantine.manage": _LEADS,
    "users.manage": _ADMINS,
    "api_keys.manage": _ADMINS,
    "audit.view": _ADMINS,
    "metrics.view": _ADMINS,
}


def allowed(role: str, permission: str) -> bool:
    """Whether ``role`` holds ``permission``; an unknown role or permission is refused."""
    return role in PERMISSIONS.get(permission, frozenset())


def permissions_of(role: str) -> frozenset[str]:
    """Every permission that ``role`` holds."""
    return frozenset(permission for permission in PERMISSIONS if allowed(role, permission))


def is_role(value: str) -> bool:
    """Whether ``value`` names a role."""
    return value in ROLES
