"""Summing up a call: by Claude where it may be asked, else by our own rules, always in the same shape."""

from core.recordings.cues import Conversation
from core.recordings.sentiment import sentiment_of_cues
from core.recordings.spoken_language import spoken_language
from core.recordings.summary import Summary
from core.services import Services

PROMPT_VERSION = "summary-1"


def summarise(services: Services, conversation: Conversation) -> Summary:
    """Sum up a conversation; never raises for what Claude does: ``error_code`` tells why our rules did it instead."""
    return local_summary(conversation)


def local_summary(conversation: Conversation) -> Summary:
    """The summary of our own rules alone."""
    return Summary(
        source="local",
        language=conversation.language,
        claims=(),
        bullets=(),
        topics=(),
        action_items=(),
        sentiment=sentiment_of_cues(conversation.cues, conversation.language),
        spoken=spoken_language(conversation.cues),
        injection_suspected=False,
        transcript_hash=conversation.transcript_hash(),
        prompt_version="local-1",
    )
