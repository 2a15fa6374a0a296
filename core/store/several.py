"""One change made to several rows, each in a transaction of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import Session

from core.errors import InvalidInputError, TollwatchError
from core.store.engine import Database

MOST_AT_ONCE = 500

Target = TypeVar("Target")


@dataclass(frozen=True)
class Outcome(Generic[Target]):
    """What became of one of several: done, or the error that kept it from being done."""

    target: Target
    error: TollwatchError | None = None


def change_each(
    database: Database, targets: Sequence[Target], change: Callable[[Session, Target], Any], *, field: str
) -> list[Outcome[Target]]:
    """Change them one by one; gives what became of each, in their order.

    Raises ``InvalidInputError`` that names ``field`` for more than ``MOST_AT_ONCE``.
    """
    if len(targets) > MOST_AT_ONCE:
        raise InvalidInputError(field=field, problem=f"<= {MOST_AT_ONCE}")
    return [Outcome(target, _refusal(database, target, change)) for target in targets]


def _refusal(database: Database, target: Target, change: Callable[[Session, Target], Any]) -> TollwatchError | None:
    try:
        with database.write() as session:
            change(session, target)
    except TollwatchError as error:
        return error
    return None
