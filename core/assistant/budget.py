"""What may be spent in a month, checked before a question leaves and settled by the tokens the answer tells."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core.assistant.errors import BudgetSpentError
from core.settings import Settings
from core.store.engine import Database
from core.store.models.assistant import AssistantSpendRow

CHARACTERS_A_TOKEN = 3.0
"""On the safe side of the 3.5 measured on Spanish and English prose."""
CACHED_SHARE = 0.1
"""A token read from the prompt cache costs a tenth of one read anew (the service's price list)."""
MILLION = 1_000_000


@dataclass(frozen=True)
class Tokens:
    """What an answer told of its size; ``cached`` are part of what was read, not of ``read``."""

    read: int
    cached: int
    written: int


def price(settings: Settings, tokens: Tokens) -> float:
    """US dollars of an answer."""
    read = tokens.read + tokens.cached * CACHED_SHARE
    return (read * settings.assistant_input_price + tokens.written * settings.assistant_output_price) / MILLION


def estimate(settings: Settings, characters: int, most_written: int) -> float:
    """US dollars that a question of ``characters`` may cost at most."""
    return price(settings, Tokens(round(characters / CHARACTERS_A_TOKEN), 0, most_written))


def spent(session: Session, at: datetime) -> float:
    """US dollars of the month (UTC) so far, with what is reserved for questions under way."""
    counted = func.sum(func.coalesce(AssistantSpendRow.cost, AssistantSpendRow.reserved))
    return float(session.scalar(select(counted).where(AssistantSpendRow.month == _month(at))) or 0.0)


def reserve(database: Database, settings: Settings, purpose: str, amount: float, at: datetime) -> int:
    """Set ``amount`` dollars aside; gives the entry's id. Raises ``BudgetSpentError`` when the month cannot bear it."""
    with database.write() as session:
        if not database.is_sqlite:
            session.execute(text("LOCK TABLE assistant_spend IN EXCLUSIVE MODE"))
        before = spent(session, at)
        if before + amount > settings.assistant_monthly_budget:
            raise BudgetSpentError(spent=f"{before:.2f}", budget=f"{settings.assistant_monthly_budget:.2f}")
        row = AssistantSpendRow(
            at=at, month=_month(at), purpose=purpose, model=settings.anthropic_model, reserved=amount
        )
        session.add(row)
        session.flush()
        return row.id


def settle(database: Database, entry: int, tokens: Tokens, cost: float, request_id: str) -> None:
    """Put what a question really cost in the place of what was set aside."""
    with database.write() as session:
        row = session.get_one(AssistantSpendRow, entry)
        row.cost, row.request_id = cost, request_id[:80] or "-"
        row.input_tokens, row.cached_tokens, row.output_tokens = tokens.read, tokens.cached, tokens.written


def release(database: Database, entry: int, request_id: str = "") -> None:
    """Give back what was set aside for a question that the service certainly did not take.

    ``request_id`` names a refusal that is for good: without one the service was not there.
    """
    with database.write() as session:
        row = session.get_one(AssistantSpendRow, entry)
        row.cost, row.request_id = 0.0, request_id[:80]


def _month(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m")
