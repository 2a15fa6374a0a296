"""How the parts of the Operators page change things: the right, one transaction, and why it was refused."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core.ui import attempts, dialogs, session

MANAGE = "operators.manage"

Act = Callable[[Session, str, datetime], Any]
"""A change in a transaction, by whom and when."""


def may_manage() -> bool:
    """Whether the person may change operators and clients."""
    return session.may(MANAGE)


def attempt(act: Act, done: str, *, form: str = "") -> bool:
    """Do it in one transaction, as the button of the dialog ``form`` if one is named. Gives whether it was done."""

    def write() -> None:
        person, parts = session.check(MANAGE), session.services()
        with parts.database.write() as opened:
            act(opened, person.name, parts.clock.now())

    return dialogs.attempt(form, write, done) if form else attempts.attempt(write, done)
