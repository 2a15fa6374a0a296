"""Words an admin wants to hear of: lists per language, their hits in a transcript, and the alerts they raise."""

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from core.alerts.vocabulary import RECORDING_KEYWORD
from core.assistant.masking import folded
from core.detection.finding import AlertDraft, EntityKind, Severity
from core.recordings.cues import Cue

ANY = "any"
"""The language of lists that listen to every call."""
MOST_TOLD = 20


@dataclass(frozen=True)
class KeywordList:
    """Terms to listen for in one ``language`` (es, en, or any); ``severity`` is set where a hit raises an alert."""

    id: int
    name: str
    language: str
    terms: tuple[str, ...]
    severity: Severity | None = None


@dataclass(frozen=True)
class KeywordHit:
    """A term that was said: ``cue`` is the index of the cue from 0, ``quote`` the words as they were said."""

    list_id: int
    term: str
    cue: int
    start_ms: int
    speaker: str
    quote: str


@dataclass(frozen=True)
class RecordingOwner:
    """Whose recording it is, for the alert's entity; ``recorded_at`` aware, UTC; ``report_ids`` its call records."""

    recording_id: int
    entity_kind: EntityKind
    entity: str
    entity_name: str
    site: str
    recorded_at: datetime
    report_ids: tuple[str, ...] = ()


def hits(lists: Sequence[KeywordList], cues: Sequence[Cue], language: str) -> list[KeywordHit]:
    """Every term of the lists of this language (and of those for any) that was said, in the order of cues.

    Terms match whole words, whatever their case, accents and punctuation, and phrases also over the end of a cue.
    """
    listening = [one for one in lists if one.language in (ANY, language) and one.terms]
    patterns = [(one, term, pattern) for one in listening for term in one.terms if (pattern := _pattern(term))]
    texts = [folded(cue.text) for cue in cues]
    whole, starts = _joined(texts)
    found = []
    for one, term, pattern in patterns:
        for match in pattern.finditer(whole):
            at = bisect.bisect_right(starts, match.start()) - 1
            start = match.start() - starts[at]
            quote = cues[at].text[start : start + match.end() - match.start()]
            found.append(KeywordHit(one.id, term, at, cues[at].start_ms, cues[at].speaker, quote))
    return sorted(found, key=lambda hit: (hit.cue, hit.list_id, hit.term))


def drafts(lists: Sequence[KeywordList], found: Sequence[KeywordHit], owner: RecordingOwner) -> list[AlertDraft]:
    """One alert for each list that raises alerts and was hit, for ``core.alerts.receive.receive_drafts``.

    Its severity is the list's: what was said decides that a list was hit, never how grave that is.
    """
    raised = []
    for one in lists:
        mine = [hit for hit in found if hit.list_id == one.id]
        if one.severity is not None and mine:
            raised.append(_draft(one, one.severity, mine, owner))
    return raised


def _draft(one: KeywordList, severity: Severity, mine: Sequence[KeywordHit], owner: RecordingOwner) -> AlertDraft:
    terms = list(dict.fromkeys(hit.term for hit in mine))
    return AlertDraft(
        detector=RECORDING_KEYWORD,
        severity=severity,
        entity_kind=owner.entity_kind,
        entity=owner.entity,
        entity_name=owner.entity_name,
        destination_group=one.name,
        local_day=owner.recorded_at.strftime("%Y-%m-%d"),
        emitted_at=int(owner.recorded_at.timestamp()),
        evidence=list(owner.report_ids),
        explanation={
            "observed": {"keyword_hits": len(mine), "keyword_terms": len(terms)},
            "notes": ["said_in_recording"],
            "site": owner.site,
            "recording_id": owner.recording_id,
            "keyword_list": one.name,
            "terms": terms[:MOST_TOLD],
            "first_ms": mine[0].start_ms,
            "first_cue": mine[0].cue,
        },
        cost=0.0,
        dedupe_key=f"{RECORDING_KEYWORD}|{owner.entity}|{one.id}|{owner.recording_id}",
    )


def _joined(texts: Sequence[str]) -> tuple[str, list[int]]:
    starts, length = [], 0
    for text in texts:
        starts.append(length)
        length += len(text) + 1
    return "\n".join(texts), starts


@lru_cache(maxsize=2000)
def _pattern(term: str) -> re.Pattern[str] | None:
    """A term as a pattern on folded text; ``None`` for one without a letter or figure."""
    parts = re.findall(r"\w+", folded(term))
    between = r"[\W_]+"
    return re.compile(rf"(?<!\w){between.join(map(re.escape, parts))}(?!\w)") if parts else None
