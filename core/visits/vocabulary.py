"""The words of visits: states, ids, bounds."""

import base64
import re
import secrets
from datetime import timedelta

DATA_VERSION = "visits"
SCHEDULED, DONE, MISSED, CANCELLED = "scheduled", "done", "missed", "cancelled"
STATES = (SCHEDULED, DONE, MISSED, CANCELLED)
OVERDUE = "overdue"
"""What a scheduled visit is called whose end has passed while nobody said how it went."""

CLIENT, OPERATOR = "client", "operator"
LONGEST_TITLE, LONGEST_NAME, LONGEST_PLACE, LONGEST_REASON, LONGEST_NOTES = 200, 200, 300, 300, 4000
SHORTEST_MINUTES, LONGEST_MINUTES = 5, 12 * 60
FARTHEST = timedelta(days=2 * 365)
REMINDER_MINUTES = (24 * 60, 2 * 60)
"""How long before a visit its people are reminded, the longest first."""

OUTSIDE_SHIFT, ABSENT, RETIRED, NO_CLIENT_MAIL, NO_OPERATOR_MAIL = (
    "outside_shift",
    "absent",
    "retired",
    "no_client_mail",
    "no_operator_mail",
)
CONCERNS = (OUTSIDE_SHIFT, ABSENT, RETIRED, NO_CLIENT_MAIL, NO_OPERATOR_MAIL)
"""What is awkward about a visit without keeping it from being scheduled."""

_PUBLIC_ID = re.compile(r"V-[A-Z2-7]{8}", re.ASCII)


def new_public_id() -> str:
    """An id people can read and say: ``V-`` and eight letters and digits of 40 random bits."""
    return f"V-{base64.b32encode(secrets.token_bytes(5)).decode()}"


def is_public_id(text: str) -> bool:
    """Whether a text looks like an id of a visit."""
    return _PUBLIC_ID.fullmatch(text) is not None
