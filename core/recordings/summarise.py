"""Summing up a call: by Claude where it may be asked, else by our own rules, always in the same shape."""

from dataclasses import replace

from sqlalchemy import select

from core.assistant.answers import ask_twice, whole_text
from core.assistant.errors import AssistantBusyError
from core.assistant.messages import Answer, is_configured
from core.errors import TollwatchError
from core.recordings import local_summary
from core.recordings.cues import Conversation
from core.recordings.masking import Masked, mask
from core.recordings.orders import orders_suspected
from core.recordings.question import PROMPT_VERSION, question_about
from core.recordings.summary import Summary, content_of
from core.recordings.summary_form import Checked, read_summary
from core.services import Services
from core.store.engine import StoreError
from core.store.models.recordings import RecordingSummaryRow


def summarise(services: Services, conversation: Conversation) -> Summary:
    """Sum up a conversation, in its own language.

    By Claude when a key is set and ``RECORDING_SUMMARIES`` allows it; a transcript that was summed up before with the
    same prompt and model costs nothing. Never raises for what Claude does: then our own rules sum up and
    ``error_code`` says why; ``is_passing`` that asking again later can help. Under ``local_summary.FEWEST_WORDS``
    words nothing is asked and ``is_skipped`` is set. Raises a ``StoreError``: a busy database is no reason of Claude's.
    """
    by_rules = local_summary.local_summary(conversation)
    if not may_ask(services) or by_rules.is_skipped:
        return by_rules
    known = summed_up_before(services, conversation)
    if known is not None:
        return known
    masked = mask(conversation)
    try:
        checked, answer = _asked(services, conversation, masked)
    except StoreError:
        raise
    except TollwatchError as error:
        return gave_up(by_rules, error)
    return by_claude(conversation, checked, answer)


def may_ask(services: Services) -> bool:
    """Whether transcripts may be shown to Claude at all."""
    return is_configured(services.settings) and services.settings.recording_summaries == "claude"


def summed_up_before(services: Services, conversation: Conversation) -> Summary | None:
    """Claude's summary of exactly this transcript by this prompt and model, at no cost, or ``None``."""
    query = select(RecordingSummaryRow).where(
        RecordingSummaryRow.transcript_hash == conversation.transcript_hash(),
        RecordingSummaryRow.prompt_version == PROMPT_VERSION,
        RecordingSummaryRow.source == "claude",
        RecordingSummaryRow.is_translation.is_(False),
    )
    with services.database.read() as session:
        rows = session.scalars(query.order_by(RecordingSummaryRow.id.desc()).limit(5)).all()
    asked = services.settings.anthropic_model
    row = next((row for row in rows if row.model == asked or row.model.startswith(f"{asked}-")), None)
    if row is None:
        return None
    return Summary(
        source="claude",
        language=row.language,
        transcript_hash=row.transcript_hash,
        prompt_version=row.prompt_version,
        model=row.model,
        request_id=row.request_id,
        **content_of(row.answer),
    )


def by_claude(conversation: Conversation, checked: Checked, answer: Answer) -> Summary:
    """A checked answer as a summary; our own ears decide on orders too, not the model's alone."""
    return Summary(
        source="claude",
        language=written_in(conversation),
        claims=checked.claims,
        bullets=checked.bullets,
        topics=checked.topics,
        action_items=checked.action_items,
        sentiment=checked.sentiment,
        spoken=checked.spoken,
        injection_suspected=checked.injection_suspected or orders_suspected(conversation.cues),
        transcript_hash=conversation.transcript_hash(),
        prompt_version=PROMPT_VERSION,
        dropped=checked.dropped,
        model=answer.model[:80],
        request_id=answer.request_id[:80],
        input_tokens=answer.tokens.read,
        cached_tokens=answer.tokens.cached,
        output_tokens=answer.tokens.written,
        cost=answer.cost,
    )


def gave_up(by_rules: Summary, error: TollwatchError) -> Summary:
    """The summary of our own rules, with the reason why it is not Claude's."""
    return replace(
        by_rules, error_code=error.code, error_facts=error.facts, is_passing=isinstance(error, AssistantBusyError)
    )


def read_answer(answer: Answer, masked: Masked) -> Checked:
    """An answer, checked. Raises ``AnswerUnusableError``, also for one that was cut short, and ``DeclinedError``."""
    return read_summary(whole_text(answer), masked)


def _asked(services: Services, conversation: Conversation, masked: Masked) -> tuple[Checked, Answer]:
    weights = local_summary.weights(conversation)
    language = written_in(conversation)
    return ask_twice(
        services,
        lambda complaint: question_about(masked, language, weights, complaint),
        lambda answer: read_answer(answer, masked),
    )


def written_in(conversation: Conversation) -> str:
    """The language a conversation's summary is written in: its own where we know it, else English."""
    return conversation.language if conversation.language in ("es", "en") else "en"
