"""A summary by our own rules alone: the weightiest turns as they were said, topics, promises and feeling."""

from core.recordings import extractive
from core.recordings.cues import Conversation, words
from core.recordings.orders import orders_suspected
from core.recordings.sentiment import sentiment_of_cues
from core.recordings.spoken_language import spoken_language
from core.recordings.summary import Claim, Summary

LOCAL_VERSION = "local-1"
FEWEST_WORDS = 20
"""Of less than this nothing can be told that the transcript does not tell quicker."""
_MOST_CLAIMS, _MOST_BULLETS = 2, 6
_LONGEST_CLAIM = 300
_LIKENESS = 0.6
_LEAST_WEIGHT = 0.15


def local_summary(conversation: Conversation) -> Summary:
    """The summary of our own Spanish and English rules; ``is_skipped`` and empty where too little was said."""
    is_skipped = not is_worth_asking(conversation)
    chosen = [] if is_skipped else _weightiest(conversation, _MOST_CLAIMS + _MOST_BULLETS)
    return Summary(
        source="local",
        language=conversation.language,
        claims=tuple(_claim(conversation, at) for at in sorted(chosen[:_MOST_CLAIMS])),
        bullets=tuple(_claim(conversation, at) for at in sorted(chosen[_MOST_CLAIMS:])),
        topics=() if is_skipped else tuple(extractive.topics_of(conversation)),
        action_items=() if is_skipped else tuple(extractive.action_items_of(conversation)),
        sentiment=sentiment_of_cues(conversation.cues, conversation.language),
        spoken=spoken_language(conversation.cues),
        injection_suspected=orders_suspected(conversation.cues),
        transcript_hash=conversation.transcript_hash(),
        prompt_version=LOCAL_VERSION,
        is_skipped=is_skipped,
    )


def is_worth_asking(conversation: Conversation) -> bool:
    """Whether enough was said for a summary to tell more than the transcript."""
    return words(conversation.cues) >= FEWEST_WORDS


def weights(conversation: Conversation) -> list[float]:
    """How much each cue matters, 0 to 1."""
    return extractive.weights_of(conversation.cues, conversation.language)


def _weightiest(conversation: Conversation, most: int) -> list[int]:
    """Indices of the turns that matter most, none of which says what another says."""
    weighed = weights(conversation)
    chosen: list[int] = []
    bags = [set(cue.text.lower().split()) for cue in conversation.cues]
    for at in sorted(range(len(weighed)), key=lambda at: -weighed[at]):
        if weighed[at] < _LEAST_WEIGHT or len(chosen) == most:
            break
        if all(len(bags[at] & bags[one]) <= _LIKENESS * min(len(bags[at]), len(bags[one])) for one in chosen):
            chosen.append(at)
    return chosen


def _claim(conversation: Conversation, at: int) -> Claim:
    said = conversation.cues[at].text
    text = said if len(said) <= _LONGEST_CLAIM else said[: _LONGEST_CLAIM - 1].rsplit(" ", 1)[0] + "…"
    return Claim(text, at, text.rstrip("…"))
