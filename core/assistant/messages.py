"""The one place that speaks to Claude's Messages API: one question, one answer in a closed form, its cost counted.

The SDK's own retries obey any ``retry-after``, however long, and it raises ``ValueError`` for a malformed 200; so its
retries are off, waits are capped here, and both are read as "busy".
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import stamina

from core.assistant import breaker, budget
from core.assistant.budget import Tokens
from core.assistant.errors import (
    AssistantBusyError,
    AssistantKeyError,
    AssistantOffError,
    AssistantRequestError,
    AssistantUnansweredError,
    AssistantUnpaidError,
    DeclinedError,
)
from core.errors import SettingsError, TollwatchError
from core.services import Services
from core.settings import Settings

if TYPE_CHECKING:
    import anthropic
    from anthropic.types.message_create_params import MessageCreateParamsNonStreaming

TIMEOUT_SECONDS = 60.0
ATTEMPTS = 3
LONGEST_WAIT_SECONDS = 300.0
MOST_TOKENS_TOLD = 10_000_000
"""Beyond what any model reads or writes at once: an answer that tells more is not believed."""


@dataclass(frozen=True)
class Question:
    """What is asked: standing instructions, the turn, the JSON schema of the answer, and how long it may be.

    Nobody waits longer than ``patience_seconds`` for its answer.
    """

    purpose: str
    instructions: str
    turn: str
    schema: dict[str, Any]
    most_tokens: int = 1200
    patience_seconds: float = TIMEOUT_SECONDS


@dataclass(frozen=True)
class Answer:
    """What came back: the text, who said it, why it ended (``max_tokens``: cut short), its cost in US dollars."""

    text: str
    model: str
    request_id: str
    tokens: Tokens
    cost: float
    stop_reason: str = ""


def is_configured(settings: Settings) -> bool:
    """Whether there is a key to ask with."""
    return bool(settings.anthropic_api_key.get_secret_value())


def ask(services: Services, question: Question) -> Answer:
    """Ask once, and again a few times while the service is busy.

    Raises ``AssistantOffError``, ``BudgetSpentError``, ``AssistantBusyError`` (transient; at once while the service
    is left in peace after many failures), ``AssistantKeyError``, ``AssistantUnpaidError``, ``AssistantRequestError``,
    ``DeclinedError``; an answer cut short is unusable JSON and for the caller to refuse.
    """
    if not is_configured(services.settings):
        raise AssistantOffError
    breaker.check(services.database, services.clock)
    for attempt in stamina.retry_context(
        on=AssistantBusyError, attempts=ATTEMPTS, timeout=question.patience_seconds, wait_initial=0.5, wait_max=8.0
    ):
        with attempt:
            return _ask_once(services, question)
    raise AssistantBusyError(problem="no attempt was made")


def _ask_once(services: Services, question: Question) -> Answer:
    settings, database = services.settings, services.database
    length = len(question.instructions) + len(question.turn) + len(json.dumps(question.schema))
    amount = budget.estimate(settings, length, question.most_tokens)
    entry = budget.reserve(database, settings, question.purpose, amount, services.clock.now())
    try:
        message, request_id = _send(settings, question)
    except TollwatchError as error:
        if not isinstance(error, AssistantUnansweredError):
            budget.release(database, entry, "" if isinstance(error, AssistantBusyError) else breaker.REFUSED)
        raise
    tokens, text = read_message(message)
    cost = budget.price(settings, tokens)
    budget.settle(database, entry, tokens, cost, request_id)
    check_declined(message)
    return Answer(text, printable(message.model), request_id, tokens, cost, printable(message.stop_reason))


def read_message(message: "anthropic.types.Message") -> tuple[Tokens, str]:
    """Size and text of a message. Raises ``AssistantUnansweredError`` for one that is out of shape."""
    try:
        return _tokens(message.usage), _text(message.content)
    except (AttributeError, TypeError, ValueError) as error:
        raise AssistantUnansweredError(problem=type(error).__name__) from error


def check_declined(message: "anthropic.types.Message") -> None:
    """Raises ``DeclinedError`` for a message that refuses to answer."""
    if message.stop_reason == "refusal":
        category = getattr(message.stop_details, "category", None) or "no reason given"
        raise DeclinedError(problem=printable(category)[:80])


def _tokens(usage: "anthropic.types.Usage") -> Tokens:
    """The sizes an answer tells: the SDK takes them unchecked, and one below nought would add to the budget."""
    told = (usage.input_tokens, usage.cache_creation_input_tokens, usage.cache_read_input_tokens, usage.output_tokens)
    counts = [0 if count is None else count for count in told]
    if any(type(count) is not int or not 0 <= count <= MOST_TOKENS_TOLD for count in counts):
        raise ValueError("usage")
    read, written_to_cache, cached, written = counts
    return Tokens(read + written_to_cache, cached, written)


def _text(content: "Sequence[anthropic.types.ContentBlock]") -> str:
    return "".join(block.text for block in content if block.type == "text")


def printable(told: object) -> str:
    """What the service says of itself, without signs that no database holds."""
    return "".join(sign for sign in str(told) if sign.isprintable())


def _send(settings: Settings, question: Question) -> "tuple[anthropic.types.Message, str]":
    import anthropic

    try:
        with open_client(settings, question.patience_seconds) as client:
            message = client.messages.create(**parameters(settings, question))
            if not isinstance(message, anthropic.types.Message) or message.usage is None or message.content is None:
                raise ValueError("not a message")
    except anthropic.APIStatusError as error:
        raise ours(error) from error
    except (anthropic.AnthropicError, ValueError) as error:
        raise AssistantUnansweredError(problem=type(error).__name__) from error
    return message, printable(message._request_id or message.id)


def parameters(settings: Settings, question: Question) -> "MessageCreateParamsNonStreaming":
    """A question as the API takes it, alone or in a batch."""
    return {
        "model": settings.anthropic_model,
        "max_tokens": question.most_tokens,
        "system": [{"type": "text", "text": question.instructions, "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": question.turn}],
        "output_config": {"format": {"type": "json_schema", "schema": question.schema}, "effort": "low"},
    }


def open_client(settings: Settings, timeout_seconds: float = TIMEOUT_SECONDS) -> "anthropic.Anthropic":
    """The SDK's client, without retries of its own. Raises ``SettingsError`` for an address that is not https."""
    import anthropic

    if urlsplit(settings.anthropic_base_url).scheme != "https" and not settings.allow_insecure_endpoints:
        raise SettingsError(
            setting="ANTHROPIC_BASE_URL", problem="it is not https; ALLOW_INSECURE_ENDPOINTS=1 permits it"
        )
    return anthropic.Anthropic(
        api_key=settings.anthropic_api_key.get_secret_value(),
        base_url=settings.anthropic_base_url,
        timeout=timeout_seconds,
        max_retries=0,
        open_telemetry=False,
    )


def ours(error: "anthropic.APIStatusError") -> TollwatchError:
    """A refusal of the service as an error of ours: passing or for good."""
    status, problem = error.status_code, printable(f"{error.status_code} {error.type or ''}").strip()[:120]
    if status in (401, 403):
        return AssistantKeyError(problem=problem)
    if status == 402 or "SpendLimit" in type(error).__name__:
        return AssistantUnpaidError(problem=problem)
    if status in (408, 409, 429, 499) or status >= 500:
        return AssistantBusyError(problem=problem, retry_after_seconds=_wait(error))
    return AssistantRequestError(problem=problem)


def _wait(error: "anthropic.APIStatusError") -> float | None:
    try:
        wait = float(error.response.headers.get("retry-after", ""))
    except ValueError:
        return None
    return min(max(wait, 0.0), LONGEST_WAIT_SECONDS)
