"""The filter of recordings: one object gives the address in a URL, the condition in SQL and the sentence read."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import ClassVar

from sqlalchemy import ColumnElement, select

from core.calls.filter_terms import (
    ALL_HISTORY,
    InvalidFilterError,
    Term,
    parse_flag,
    parse_instant,
    parse_last,
    parse_lower,
    parse_seconds,
    parse_text,
)
from core.calls.filter_values import containing, holds, one_of
from core.calls.term_filter import TermFilter
from core.recordings.summary import LABELS
from core.recordings.vocabulary import STATES, STEPS
from core.recordings.words import range_of, words_of
from core.store.bound_sql import bound
from core.store.models.recordings import RecordingRow, RecordingWordRow

SORTS = ("newest", "longest", "worst")
SOURCES = ("claude", "local")
MOST_WORDS = 12
_NUMBER = re.compile(r"[+0-9][0-9\s().\-*#]*")
_NUMBER_NOISE = re.compile(r"[\s().\-]+")
_NAMED = "caller_name", "callee_name", "caller_email", "callee_email", "caller_number", "callee_number", "owner_name"


def call_key(any_id: str) -> str:
    """A call's id as recordings are compared by it: lower case, without dashes (webex.md §4)."""
    return any_id.strip().replace("-", "").lower()


def _parse_sort(key: str, given: str) -> str:
    """The order; that of every list is told by nothing, so that equal filters give equal addresses."""
    sort = one_of(SORTS)(key, given)
    return "" if sort == SORTS[0] else sort


def _parse_words(key: str, given: str) -> str:
    words = words_of(parse_text(key, given))
    if not 1 <= len(words) <= MOST_WORDS:
        raise InvalidFilterError(key, "words", most=MOST_WORDS)
    return given


def _parse_list(key: str, given: str) -> str:
    if not re.fullmatch(r"[0-9]{1,18}", given, re.ASCII):
        raise InvalidFilterError(key, "code")
    return str(int(given))


def _parse_call(key: str, given: str) -> str:
    return call_key(parse_text(key, given))


def _containing(given: str) -> tuple[str]:
    """The pattern of what is typed anywhere in a name, a mail address, or a number written as people write them."""
    return containing(_NUMBER_NOISE.sub("", given) if _NUMBER.fullmatch(given) else given)


_Term = partial(Term, texts="recordings_filters")
_WHO = holds(*(f"recording.{column}" for column in _NAMED))
_MISSING = "recording.id IN (SELECT recording_id FROM recording_step WHERE step = ? AND state <> 'done')"
_HIT = "recording.id IN (SELECT recording_id FROM keyword_hit WHERE list_id = ?)"

TERMS: tuple[Term, ...] = (
    _Term("last", "last", "", parse_last),
    _Term("since", "since", "recording.recorded_at >= ?", parse_instant),
    _Term("until", "until", "recording.recorded_at < ?", parse_instant),
    _Term("text", "q", "recording.id IN (SELECT recording_id FROM recording_word WHERE word = ?)", _parse_words),
    _Term(
        "states",
        "state",
        "recording.state = ?",
        one_of(STATES),
        many=True,
        labels="recordings.states",
    ),
    _Term("party", "who", _WHO, parse_text, expand=_containing),
    _Term("sites", "site", "recording.site = ?", parse_text, many=True),
    _Term("languages", "language", "recording.language = ?", parse_lower, many=True, labels="recordings_page.tongues"),
    _Term(
        "sentiments",
        "sentiment",
        "recording.sentiment_label = ?",
        one_of(LABELS),
        many=True,
        labels="recordings_page.feelings",
    ),
    _Term("missing", "missing", _MISSING, one_of(STEPS), many=True, labels="recordings.steps"),
    _Term("has_audio", "audio", "(recording.audio_path <> '') = ?", parse_flag),
    _Term("has_transcript", "transcript", "(recording.cue_count > 0) = ?", parse_flag),
    _Term("has_summary", "summary", "(recording.summary_source <> '') = ?", parse_flag),
    _Term(
        "sources",
        "source",
        "recording.summary_source = ?",
        one_of(SOURCES),
        many=True,
        labels="recordings_page.sources",
    ),
    _Term("lists", "list", _HIT, _parse_list, many=True, expand=lambda number: (int(number),)),
    _Term("min_seconds", "min_seconds", "recording.duration_seconds >= ?", parse_seconds),
    _Term("max_seconds", "max_seconds", "recording.duration_seconds <= ?", parse_seconds),
    _Term("call", "call", "recording.call_session_key = ? OR recording.call_half_id = ?", _parse_call),
    _Term("deleted", "deleted", "(recording.deleted_at IS NOT NULL) = ?", parse_flag),
    _Term("sort", "sort", "", _parse_sort),
)
"""Every way to narrow down recordings; the order is the order of the sentence."""


@dataclass(frozen=True)
class RecordingFilter(TermFilter):
    """Which recordings to show, all that are not deleted unless told otherwise. Frozen and hashable.

    The period is of the instant a recording was made. Within one field values are alternatives; fields are combined
    with "and". ``text``: every word of it begins a word that was said, or stands in a summary; ``party`` is any part
    of a name, mail address or number of who took part; ``missing`` names steps not done; ``lists`` are numbers of
    keyword lists that were hit; ``call`` is the id of a call in any spelling; ``sort`` is one of ``SORTS``, empty for
    the first, and restricts nothing.
    """

    TERMS: ClassVar[tuple[Term, ...]] = TERMS
    BOUNDS: ClassVar[tuple[tuple[str, str], ...]] = (("min_seconds", "max_seconds"),)
    WORDS: ClassVar[str] = "recordings_filters"

    last: str = ALL_HISTORY
    text: str = ""
    states: tuple[str, ...] = ()
    party: str = ""
    sites: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    sentiments: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    has_audio: bool | None = None
    has_transcript: bool | None = None
    has_summary: bool | None = None
    sources: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    min_seconds: int | None = None
    max_seconds: int | None = None
    call: str = ""
    deleted: bool | None = None
    sort: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """The beginnings of words that ``text`` asks for, folded as the index holds them."""
        return tuple(dict.fromkeys(words_of(self.text)))

    def where(self, now: datetime) -> list[ColumnElement[bool]]:
        """What a recording must meet at ``now`` (aware)."""
        sql, parameters = replace(self.resolved(now), text="").condition()
        asked: list[ColumnElement[bool]] = [bound(sql, parameters)]
        asked += [RecordingRow.id.in_(_saying(word)) for word in self.words]
        if self.deleted is None:
            asked.append(RecordingRow.deleted_at.is_(None))
        return asked


def _saying(word: str) -> ColumnElement[int]:
    first, beyond = range_of(word)
    found = select(RecordingWordRow.recording_id).where(RecordingWordRow.word >= first, RecordingWordRow.word < beyond)
    return found.scalar_subquery()
