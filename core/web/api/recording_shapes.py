"""What the routes of recordings take and give."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from core.calls.filter_terms import LONGEST_VALUE, MOST_VALUES, InvalidFilterError
from core.recordings.filters import RecordingFilter
from core.recordings.query import WholeRecording
from core.recordings.record import record_of
from core.recordings.search import Snippet
from core.recordings.work import InWebex
from core.store.models.recordings import (
    RecordingCueRow,
    RecordingRow,
    RecordingStepRow,
    RecordingSummaryRow,
    TranscriptTranslationRow,
)
from core.web.paging import DEFAULT_LIMIT, LARGEST_LIMIT

FARTHEST_SKIP = 1_000_000
Shape = TypeVar("Shape", bound=BaseModel)
Value = Annotated[str, Field(max_length=LONGEST_VALUE)]
Values = Annotated[list[Value], Field(max_length=MOST_VALUES)]


class FilterParameters(BaseModel):
    """Which recordings; all of them by default. Parameters are combined with "and", the values of a repeated parameter
    with "or"."""

    model_config = ConfigDict(extra="forbid")

    q: Value | None = Field(None, description="Words; each must begin a word that was said or stands in a summary.")
    status: Values = Field([], description="State such as `completed`, `partial` or `failed`.")
    state: Values = Field([], description="As `status`.")
    last: Value | None = Field(None, description="Recorded in the last hours or days such as `24h`, `7d`; or `all`.")
    from_date: Value | None = Field(None, description="Recorded at or after, ISO 8601; a date means its begin in UTC.")
    to_date: Value | None = Field(None, description="Recorded before, ISO 8601; a date is included whole.")
    since: Value | None = Field(None, description="As `from_date`.")
    until: Value | None = Field(None, description="As `to_date`, a date standing for its begin.")
    who: Value | None = Field(None, description="Part of a name, mail address or number of who took part.")
    site: Values = Field([], description="Name of a location.")
    language: Values = Field([], description="Language that is spoken: `es`, `en`, `pt` or `other`.")
    sentiment: Values = Field([], description="`negative`, `neutral` or `positive`.")
    missing: Values = Field([], description="A step not done, such as `transcript`.")
    audio: Value | None = Field(None, description="`yes` or `no`.")
    transcript: Value | None = Field(None, description="`yes` or `no`.")
    summary: Value | None = Field(None, description="`yes` or `no`.")
    source: Values = Field([], description="Who summed it up: `claude` or `local`.")
    list: Values = Field([], description="Number of a keyword list that was heard.")
    min_seconds: Value | None = Field(None, description="Shortest length.")
    max_seconds: Value | None = Field(None, description="Longest length.")
    call: Value | None = Field(None, description="Correlation ID, with or without dashes, or Local call ID of a call.")

    def filter(self, sort: str | None = None) -> RecordingFilter:
        """The filter meant. Raises ``InvalidInputError``."""
        given = {name: getattr(self, name) for name in FilterParameters.model_fields}
        asked = {name: value for name, value in given.items() if value}
        asked["state"] = [*asked.pop("state", []), *asked.pop("status", [])]
        first, last = asked.pop("from_date", None), asked.pop("to_date", None)
        asked |= {"since": first} if first else {}
        asked |= {"until": _end_of(last)} if last else {}
        return RecordingFilter.from_query(asked | ({"sort": sort} if sort else {}))


def _end_of(told: str) -> str:
    try:
        return (date.fromisoformat(told) + timedelta(days=1)).isoformat()
    except ValueError:
        return told
    except OverflowError as error:
        raise InvalidFilterError("to_date", "instant") from error


class ExportParameters(FilterParameters):
    """The recordings of a filter as a file: all of them unless told otherwise."""

    sort: Value | None = Field(None, description="`newest` (default), `longest` or `worst` (mood).")
    limit: int | None = Field(None, ge=1, le=FARTHEST_SKIP, description="Most rows in the file; all by default.")


class PageParameters(FilterParameters):
    """A page of the recordings of a filter."""

    sort: Value | None = Field(None, description="`newest` (default), `longest` or `worst` (mood).")
    cursor: Annotated[str, Field(max_length=1024)] | None = Field(
        None, description="`next` or `previous` of an earlier answer."
    )
    skip: int = Field(0, ge=0, le=FARTHEST_SKIP, description="Items to pass over, instead of `cursor`.")
    limit: int = Field(DEFAULT_LIMIT, ge=1, le=LARGEST_LIMIT, description="Most items in one answer.")


class Feeling(BaseModel):
    """How a call felt: `score` from -1 to 1."""

    score: float
    label: str


class PieceOut(BaseModel):
    """A stretch of text; `is_hit` where it is what was looked for. It is plain text: escape it before you show it."""

    text: str
    is_hit: bool


class SnippetOut(BaseModel):
    """A place the search found: in the transcript, or in a summary that rests on the cue `ordinal`."""

    source: Literal["transcript", "summary"]
    ordinal: int | None
    start_ms: int | None
    speaker: str
    pieces: list[PieceOut]


class RecordingOut(BaseModel):
    """A recording as a list shows it; instants are UTC, durations seconds, quality is steps done of six, 0 to 1."""

    id: int
    recordingId: str  # noqa: N815 - the name of S2-32
    topic: str
    recorded_at: datetime
    duration: int
    caller: str
    caller_name: str
    callee: str
    callee_name: str
    owner_name: str
    owner_email: str
    site: str
    call_session_id: str
    recording_type: str
    processing_status: str
    quality_score: float
    problem_step: str
    problem_code: str
    has_audio: bool
    has_transcript: bool
    transcript_source: str
    has_summary: bool
    summary_source: str
    sentiment: Feeling | None
    detected_language: str
    language_confidence: float | None
    version: int
    deleted_in_webex_at: datetime | None = Field(description="Since when it is deleted in Webex; `null` = it is not.")
    found: list[SnippetOut] = Field([], description="With `q`: where the words stand.")


class StepOut(BaseModel):
    """One of the six steps: `waiting`, `running`, `done`, `failed`, `unavailable`; `next_at` = when next."""

    step: str
    state: str
    attempts: int
    error: dict[str, Any] | None = Field(description="Code, message and remedy of what keeps it from being done.")
    started_at: datetime | None
    finished_at: datetime | None
    next_at: datetime | None


class CueOut(BaseModel):
    """One turn of the transcript."""

    ordinal: int
    start_ms: int
    end_ms: int
    speaker: str
    text: str
    sentiment: float | None


class SummaryOut(BaseModel):
    """A summary or a translation of one; `answer` holds its claims, each with the cue it rests on and its words."""

    language: str
    source: str
    is_translation: bool
    model: str
    prompt_version: str
    cost: float
    error_code: str
    made_at: datetime
    answer: dict[str, Any]


class TranscriptTranslationOut(BaseModel):
    """The transcript in another language: `texts` are its turns, one for each of `cues`, in their order."""

    language: str
    texts: list[str]
    model: str
    prompt_version: str
    cost: float
    made_at: datetime


class HitOut(BaseModel):
    """A phrase of a keyword list that was said."""

    list_id: int
    list_name: str
    phrase: str
    ordinal: int


class OneRecording(RecordingOut):
    """A recording with all that is known: `record` is its export in the shape other programs take (S2-32), which says
    of its transcript and summary in which language they are and whether that is a translation."""

    steps: list[StepOut]
    cues: list[CueOut]
    transcript_translations: list[TranscriptTranslationOut]
    summaries: list[SummaryOut]
    keyword_hits: list[HitOut]
    record: dict[str, Any]


class StatsOut(BaseModel):
    """Figures of a filter; `mean_quality` is `null` without any recording, `storage_mb` millions of bytes of audio."""

    total: int
    by_status: dict[str, int]
    by_sentiment: dict[str, int]
    by_language: dict[str, int]
    with_audio: int
    with_transcript: int
    with_summary: int
    mean_quality: float | None
    seconds: int
    storage_mb: float


class AudioOut(BaseModel):
    """Where the audio is for the caller, and nobody else, for a while; it can be fetched in ranges."""

    url: str
    expires_at: datetime
    media_type: str
    size_bytes: int


class AccessFinding(BaseModel):
    """One matter looked at; `level` is `ok`, `warning` or `problem`."""

    code: str
    level: str
    message: str
    remedy: str


class AccessOut(BaseModel):
    """What Webex gives of recordings, and why not more."""

    ok: bool
    findings: list[AccessFinding]


class DeletedOut(BaseModel):
    """A deletion; `command_id` follows the deletion in Webex where that was asked for."""

    id: int
    command_id: int | None


class RestoredOut(RecordingOut):
    """A recording whose deletion was taken back. In Webex it is `kept`; a deletion there that was not begun is
    `cancelled`; one that was carried out stays `deleted`."""

    in_webex: InWebex


class ReprocessMany(BaseModel):
    """Recordings whose missing steps, or with `everything` all six, are asked for again."""

    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[Annotated[int, Field(strict=True, ge=1, le=2**63 - 1)]], Field(min_length=1, max_length=500)]
    everything: bool = False


class TranslationWanted(BaseModel):
    """The language a summary, or what was said, is wanted in."""

    model_config = ConfigDict(extra="forbid")

    language: Literal["en", "es"]
    part: Literal["summary", "transcript"] = "summary"


def recording_fields(row: RecordingRow) -> dict[str, Any]:
    """The fields of ``RecordingOut`` but for what a search found."""
    same = {name: getattr(row, name) for name in RecordingOut.model_fields if hasattr(row, name)}
    feeling = None if row.sentiment_score is None else Feeling(score=row.sentiment_score, label=row.sentiment_label)
    return same | {
        "recordingId": row.webex_id_as_given or row.webex_id,
        "duration": row.duration_seconds,
        "caller": row.caller_number,
        "callee": row.callee_number,
        "processing_status": row.state,
        "quality_score": round(row.quality, 2),
        "has_audio": bool(row.audio_path),
        "has_transcript": row.cue_count > 0,
        "has_summary": bool(row.summary_source),
        "sentiment": feeling,
        "detected_language": row.language,
    }


def snippet_out(found: Snippet) -> SnippetOut:
    """A place as the API tells it."""
    pieces = [PieceOut(text=piece.text, is_hit=piece.is_hit) for piece in found.pieces]
    return SnippetOut(
        source=found.source, ordinal=found.ordinal, start_ms=found.start_ms, speaker=found.speaker, pieces=pieces
    )


def one_out(whole: WholeRecording, steps: list[StepOut], audio_url: str, read_in: str = "") -> OneRecording:
    """All that is known of a recording; the texts of its record in ``read_in`` where they were translated."""
    return OneRecording(
        **recording_fields(whole.row),
        steps=steps,
        cues=[_fields(CueOut, cue) for cue in whole.cues],
        transcript_translations=[
            _fields(TranscriptTranslationOut, whole.translations[name]) for name in sorted(whole.translations)
        ],
        summaries=[_fields(SummaryOut, one) for one in sorted(whole.summaries.values(), key=lambda one: one.id)],
        keyword_hits=[HitOut(**vars(hit)) for hit in whole.hits],
        record=record_of(whole, audio_url=audio_url, said_in=read_in, summed_up_in=read_in),
    )


def step_out(step: RecordingStepRow, error: dict[str, Any] | None) -> StepOut:
    """A step as the API tells it."""
    told = {name: getattr(step, name) for name in StepOut.model_fields if name != "error"}
    return StepOut(**told, error=error)


def _fields(shape: type[Shape], row: RecordingCueRow | RecordingSummaryRow | TranscriptTranslationRow) -> Shape:
    return shape(**{name: getattr(row, name) for name in shape.model_fields})
