"""The words of the door: what can be asked for, which facts each needs, the steps, and the bounds of a message."""

from datetime import timedelta
from typing import Literal, get_args

Intent = Literal["create_ticket", "schedule_visit", "send_notification", "generate_report"]
INTENTS: tuple[Intent, ...] = get_args(Intent)
"""The closed set: nothing else can be asked for here."""

USE = "watson.use"
SCOPES: dict[str, str] = {
    "create_ticket": "tickets.work",
    "schedule_visit": "visits.work",
    "send_notification": "notifications.send",
    "generate_report": "reports.manage",
}
"""The permission that each asks of the caller, beside ``watson.use``."""

NEEDED: dict[str, tuple[str, ...]] = {
    "create_ticket": ("subject",),
    "schedule_visit": ("client", "day", "time"),
    "send_notification": ("recipients", "message"),
    "generate_report": ("report",),
}
"""What must be known before it can be done, in the order in which it is asked for.

A visit needs an operator too, who is asked for only where the choice among those on shift falls on nobody.
"""

Step = Literal["reception", "analysis", "classification", "execution", "response"]
STEPS: tuple[Step, ...] = get_args(Step)

DONE, ASKING, REFUSED, FAILED, UNKNOWN, DROPPED = "done", "asking", "refused", "failed", "not_understood", "dropped"
STATES = (DONE, ASKING, REFUSED, FAILED, UNKNOWN, DROPPED)

QUESTION = "watson_question"
"""Kind of the commands by which Claude is asked what a message means."""

LONGEST_TEXT = 2000
LARGEST_BODY = 16_384
LONGEST_MESSAGE = 1000
SESSION_LIFE = timedelta(minutes=30)
"""After this long without a message a conversation is over and the next message begins anew."""

DEFAULT_PERIOD = "7d"
DEFAULT_MINUTES = 60
DEFAULT_PRIORITY = "medium"
