"""Many questions at once, answered within a day at half the price: for what nobody waits for.

The ledger keeps a batch's reserve under the batch's id until its answers are collected, whatever happens in between.
"""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import select

from core.assistant import breaker, budget
from core.assistant.budget import Tokens
from core.assistant.errors import (
    AssistantBusyError,
    AssistantOffError,
    AssistantRequestError,
    AssistantUnansweredError,
)
from core.assistant.messages import (
    Answer,
    Question,
    is_configured,
    open_client,
    ours,
    parameters,
    printable,
    read_message,
)
from core.errors import TollwatchError
from core.services import Services
from core.store.models.assistant import AssistantSpendRow

if TYPE_CHECKING:
    from anthropic.types.messages import MessageBatch, MessageBatchIndividualResponse

PRICE_SHARE = 0.5
"""What a batch costs of the price of single questions (the service's price list)."""
MOST_QUESTIONS = 500
"""Far below the service's 100,000: a batch is one reserve against the month's budget."""


def send(services: Services, questions: Mapping[str, Question]) -> str:
    """Hand questions over, each under an id of letters, digits, ``_`` and ``-`` (64 at most); gives the batch's id.

    Raises what ``core.assistant.messages.ask`` raises, ``BudgetSpentError`` when the month cannot bear all of them.
    """
    import anthropic

    settings, database = services.settings, services.database
    if not is_configured(settings):
        raise AssistantOffError
    if not 1 <= len(questions) <= MOST_QUESTIONS:
        raise AssistantRequestError(problem=f"{len(questions)} questions")
    breaker.check(database, services.clock)
    amount = sum(budget.estimate(settings, _length(one), one.most_tokens) for one in questions.values()) * PRICE_SHARE
    entry = budget.reserve(database, settings, breaker.BATCH, amount, services.clock.now())
    try:
        with open_client(settings) as client:
            batch = client.messages.batches.create(
                requests=[
                    {"custom_id": name, "params": parameters(settings, question)}
                    for name, question in questions.items()
                ]
            )
            batch_id = printable(batch.id)[:80]
    except anthropic.APIStatusError as error:
        budget.release(database, entry, breaker.REFUSED)
        raise ours(error) from error
    except (anthropic.AnthropicError, ValueError, AttributeError) as error:
        raise AssistantUnansweredError(problem=type(error).__name__) from error
    with database.write() as session:
        session.get_one(AssistantSpendRow, entry).request_id = batch_id
    return batch_id


def collect(services: Services, batch_id: str) -> dict[str, Answer | TollwatchError] | None:
    """What became of each question of a batch by its id, in whatever order; ``None`` while it is being worked on.

    An answer that declines has ``refusal`` as its ``stop_reason``.
    The cost is settled with the ledger once, however often answers are collected. Raises ``AssistantBusyError`` and
    the other errors of ``core.assistant.messages.ask``.
    """
    import anthropic

    found: dict[str, Answer | TollwatchError] = {}
    settings = services.settings
    try:
        with open_client(settings) as client:
            batch = client.messages.batches.retrieve(batch_id)
            if batch.processing_status != "ended":
                return None
            _check_host(batch, settings.anthropic_base_url)
            for response in client.messages.batches.results(batch_id):
                name, told = _outcome(services, response)
                found[name] = told
    except anthropic.APIStatusError as error:
        raise ours(error) from error
    except (anthropic.AnthropicError, ValueError, AttributeError) as error:
        raise AssistantUnansweredError(problem=type(error).__name__) from error
    _settle(services, batch_id, [told for told in found.values() if isinstance(told, Answer)])
    return found


def waiting(services: Services) -> list[str]:
    """The ids of batches whose answers were not collected yet, oldest first."""
    open_entries = select(AssistantSpendRow.request_id).where(
        AssistantSpendRow.purpose == breaker.BATCH,
        AssistantSpendRow.cost.is_(None),
        AssistantSpendRow.request_id != "",
    )
    with services.database.read() as session:
        return list(session.scalars(open_entries.order_by(AssistantSpendRow.id)))


def _length(question: Question) -> int:
    return len(question.instructions) + len(question.turn) + len(json.dumps(question.schema))


def _check_host(batch: "MessageBatch", base: str) -> None:
    """The answers are fetched with the key in hand: never from anywhere but the service."""
    if urlsplit(batch.results_url or "").netloc != urlsplit(base).netloc:
        raise AssistantUnansweredError(problem="results elsewhere")


def _outcome(services: Services, response: "MessageBatchIndividualResponse") -> tuple[str, Answer | TollwatchError]:
    name, result = printable(response.custom_id)[:80], response.result
    if result.type != "succeeded":
        return name, AssistantBusyError(problem=printable(result.type)[:40])
    try:
        tokens, text = read_message(result.message)
    except AssistantUnansweredError as error:
        return name, error
    cost = budget.price(services.settings, tokens) * PRICE_SHARE
    message = result.message
    return name, Answer(
        text, printable(message.model), printable(message.id), tokens, cost, printable(message.stop_reason)
    )


def _settle(services: Services, batch_id: str, answers: list[Answer]) -> None:
    with services.database.read() as session:
        entry = session.scalars(
            select(AssistantSpendRow.id).where(
                AssistantSpendRow.request_id == batch_id, AssistantSpendRow.cost.is_(None)
            )
        ).first()
    if entry is None:
        return
    total = Tokens(*(sum(counts) for counts in zip(*_sizes(answers), strict=True))) if answers else Tokens(0, 0, 0)
    budget.settle(services.database, entry, total, sum(answer.cost for answer in answers), batch_id)


def _sizes(answers: list[Answer]) -> Iterator[tuple[int, int, int]]:
    for answer in answers:
        yield answer.tokens.read, answer.tokens.cached, answer.tokens.written
