"""Words an admin wants to hear of: lists per language, their hits in a transcript, and the alerts they raise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.detection.finding import AlertDraft, EntityKind, Severity
from core.recordings.cues import Cue


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
    """Every term of the lists of this language (and of those for any) that was said, in the order of cues."""
    return []


def drafts(lists: Sequence[KeywordList], found: Sequence[KeywordHit], owner: RecordingOwner) -> list[AlertDraft]:
    """One alert for each list that raises alerts and was hit, for ``core.alerts.receive.receive_drafts``."""
    return []
