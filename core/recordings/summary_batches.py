"""Summing up many recordings at once, for back-filling: a batch at half the price, answered within a day."""

from collections.abc import Callable, Mapping

from core.assistant import batches
from core.assistant.messages import Answer
from core.errors import TollwatchError
from core.recordings import local_summary
from core.recordings.cues import Conversation
from core.recordings.masking import mask
from core.recordings.question import PROMPT_VERSION, question_about
from core.recordings.summarise import by_claude, gave_up, may_ask, read_answer, summed_up_before, written_in
from core.recordings.summary import Summary
from core.services import Services

FEWEST = 20
"""From more than this on, a batch is worth the wait."""
_HASH_SHOWN = 16


def is_worth_a_batch(services: Services, waiting: int) -> bool:
    """Whether so many recordings waiting for a summary are better asked about at once."""
    return may_ask(services) and waiting > FEWEST


def hand_over(services: Services, conversations: Mapping[int, Conversation]) -> str | None:
    """Ask about these recordings in a batch; gives its id, or ``None`` when none of them needs to be asked about.

    Left out are those with too little said and those summed up before: ``summarise`` answers them at once. Raises what
    ``core.assistant.batches.send`` raises.
    """
    questions = {
        _name(recording, one): question_about(mask(one), written_in(one), local_summary.weights(one))
        for recording, one in conversations.items()
        if local_summary.is_worth_asking(one) and summed_up_before(services, one) is None
    }
    return batches.send(services, questions) if questions else None


def take_back(
    services: Services, batch_id: str, conversation_of: Callable[[int], Conversation | None]
) -> dict[int, Summary] | None:
    """The summaries of a batch by recording; ``None`` while it is being worked on.

    Answers come in any order and are matched by their ids; one about a transcript that changed since, or that
    ``conversation_of`` no longer knows, is left out. What Claude did not do well is done by our own rules and says why.
    """
    found = batches.collect(services, batch_id)
    if found is None:
        return None
    made: dict[int, Summary] = {}
    for name, told in found.items():
        recording = _recording(name)
        conversation = conversation_of(recording) if recording is not None else None
        if recording is not None and conversation is not None and name == _name(recording, conversation):
            made[recording] = _summary(conversation, told)
    return made


def _summary(conversation: Conversation, told: Answer | TollwatchError) -> Summary:
    by_rules = local_summary.local_summary(conversation)
    if not isinstance(told, Answer):
        return gave_up(by_rules, told)
    try:
        return by_claude(conversation, read_answer(told, mask(conversation)), told)
    except TollwatchError as error:
        return gave_up(by_rules, error)


def _name(recording: int, conversation: Conversation) -> str:
    return f"{recording}-{PROMPT_VERSION}-{conversation.transcript_hash()[:_HASH_SHOWN]}"


def _recording(name: str) -> int | None:
    number = name.partition("-")[0]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 18 else None
