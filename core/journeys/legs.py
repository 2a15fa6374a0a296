"""One leg of a call as the rebuild reads it: the columns it needs, typed and folded.

Legs come from rows of ``core.calls.fields.RECORD_SCHEMA``; raw Webex records of any spelling go through
``core.calls.normalise`` first.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core.calls.normalise import normalise_records

Numbers = npt.NDArray[np.int64]


class Leg(NamedTuple):
    """One call detail record. Empty is ``None``; instants are microseconds since 1970 UTC, times are seconds.

    Enumerations are folded (``folded``): lower case letters and digits only, Webex' own misspellings repaired,
    because the documentation, the feed and the CSV differ in them.
    """

    report_id: str
    start_time: int
    answer_time: int | None
    release_time: int | None
    call_transfer_time: int | None
    duration: int | None
    ring_duration: int | None
    hold_duration: int | None
    answered: bool | None
    direction: str | None
    call_type: str | None
    call_outcome: str | None
    call_outcome_reason: str | None
    answer_indicator: str | None
    answered_elsewhere: str | None
    releasing_party: str | None
    user_type: str | None
    original_reason: str | None
    redirect_reason: str | None
    related_reason: str | None
    transfer_type: str | None
    recall_type: str | None
    sub_client_type: str | None
    queue_type: str | None
    wxcc_consult_merge_status: str | None
    user: str | None
    user_number: str | None
    user_uuid: str | None
    location: str | None
    site_uuid: str | None
    org_uuid: str | None
    calling_number: str | None
    called_number: str | None
    calling_line_id: str | None
    called_line_id: str | None
    dialed_digits: str | None
    redirecting_number: str | None
    redirecting_party_uuid: str | None
    auto_attendant_key_pressed: str | None
    inbound_trunk: str | None
    outbound_trunk: str | None
    correlation_id: str | None
    interaction_id: str | None
    local_call_id: str | None
    remote_call_id: str | None
    network_call_id: str | None
    related_call_id: str | None
    transfer_related_call_id: str | None
    site_main_number: str | None
    international_country: str | None

    @property
    def originating(self) -> bool:
        """Whether the record's own party made this leg."""
        return self.direction == "originating"

    @property
    def end(self) -> int:
        """When the party left: the transfer if there was one, else the release; never before the start."""
        end = self.release_time
        if end is None:
            end = (self.answer_time or self.start_time) + (self.duration or 0) * SECOND
        moved = self.call_transfer_time
        if moved is not None and self.start_time <= moved and (moved < end or end <= self.start_time):
            end = moved
        return max(end, self.start_time)

    @property
    def party(self) -> str | None:
        """What identifies the record's own party: its UUID, else its number."""
        return self.user_uuid or self.user_number


SECOND = 1_000_000
LEG_COLUMNS: tuple[str, ...] = Leg._fields
"""The columns of ``RECORD_SCHEMA`` that a rebuild reads."""

LONGEST_CALL_US = 7 * 24 * 3600 * SECOND
"""An instant or a duration further from the start of its leg is a fault of some clock and counts as not told."""

CLOCK_SKEW_US = 60 * SECOND
"""How much an instant of a leg may lie before its start: clocks of two platforms differ a little."""

_INSTANTS = frozenset({"start_time", "answer_time", "release_time", "call_transfer_time"})
_FOLDED = frozenset(
    {
        "direction", "call_type", "call_outcome", "call_outcome_reason", "answer_indicator", "answered_elsewhere",
        "releasing_party", "user_type", "original_reason", "redirect_reason", "related_reason", "transfer_type",
        "recall_type", "sub_client_type", "queue_type", "wxcc_consult_merge_status",
    }
)  # fmt: skip
_IDS = frozenset(name for name in LEG_COLUMNS if name.endswith("_id") and not name.endswith("_line_id"))
_NAMED_AGAIN = frozenset({"user", "user_number", "user_uuid", "location", "site_uuid", "org_uuid", "called_number"}) | {
    "site_main_number",
    "international_country",
}

_NOT_WORD = re.compile(r"[^a-z0-9]")
_NO_ID = re.compile(r"[0xX*\-\s:]*|n/?a|null|none|unknown|undefined", re.IGNORECASE)
_REPAIRED = {
    "calllpark": "callpark",
    "virtuallline": "virtualline",
    "unrecognized": "unrecognised",
}


@lru_cache(maxsize=4096)
def folded(value: str) -> str | None:
    """An enumeration value as it is compared; ``None`` for blanks and ``NA``."""
    plain = _NOT_WORD.sub("", value.lower())
    return _REPAIRED.get(plain, plain) if plain and plain != "na" else None


def usable_ids(column: pa.ChunkedArray) -> pa.Array:
    """``usable_id`` of a whole column."""
    stripped = pc.utf8_trim_whitespace(column.combine_chunks())
    nothing = pc.match_substring_regex(stripped, rf"^(?:{_NO_ID.pattern})$", ignore_case=True)
    return pc.if_else(nothing, pa.scalar(None, pa.string()), stripped)


def usable_id(value: str) -> str | None:
    """A joining id, or ``None`` when it names nothing: blanks, ``NA``, nil UUIDs, masked values."""
    stripped = value.strip()
    return None if _NO_ID.fullmatch(stripped) else stripped


def legs_from_table(table: pa.Table) -> list[Leg]:
    """The legs of a table with (at least) ``LEG_COLUMNS``, in the table's order."""
    if table.num_rows == 0:
        return []
    start = _microseconds(table.column("start_time"))
    columns = [_values(name, table.column(name), start) for name in LEG_COLUMNS]
    return list(map(Leg._make, zip(*columns, strict=True)))


def legs_from_records(raw: Iterable[Mapping[str, Any]], *, stored_at: datetime) -> list[Leg]:
    """The legs of raw Webex records in any spelling; records that cannot be typed are left out.

    ``stored_at`` is only passed on to the normaliser (aware UTC).
    """
    return legs_from_table(normalise_records(raw, source="import", stored_at=stored_at).table)


def _values(name: str, column: pa.ChunkedArray, start: Numbers) -> list[Any]:
    if column.null_count == len(column):
        return [None] * len(column)
    if name in _FOLDED:
        return _by_value(column, folded)
    if name in _IDS and name != "report_id":
        ids: list[Any] = usable_ids(column).to_numpy(zero_copy_only=False).tolist()
        return ids
    if name in _NAMED_AGAIN:
        return _by_value(column, str)
    if name in _INSTANTS:
        at = _microseconds(column)
        return _sane(at, column, (at >= start - CLOCK_SKEW_US) & (at <= start + LONGEST_CALL_US))
    if pa.types.is_integer(column.type):
        told = pc.fill_null(column, 0).to_numpy()
        return _sane(told, column, (told >= 0) & (told <= LONGEST_CALL_US // SECOND))
    values: list[Any] = column.to_numpy().tolist()
    return values


def _by_value(column: pa.ChunkedArray, convert: Callable[[str], str | None]) -> list[Any]:
    """Convert each distinct value once; legs then share the text objects."""
    encoded = pc.dictionary_encode(column.combine_chunks())
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    words = [convert(word) for word in encoded.dictionary.to_pylist()]
    lookup = np.array([*words, None], dtype=object)
    codes = pc.fill_null(encoded.indices, len(words)).to_numpy(zero_copy_only=False)
    values: list[Any] = lookup[codes].tolist()
    return values


def _microseconds(column: pa.ChunkedArray) -> Numbers:
    instants = pc.cast(pc.cast(column, pa.timestamp("us")), pa.int64())
    found: Numbers = pc.fill_null(instants, 0).to_numpy().astype(np.int64)
    return found


def _sane(values: Numbers, column: pa.ChunkedArray, possible: npt.NDArray[np.bool_]) -> list[Any]:
    """The values that are told and possible; ``None`` for the others."""
    kept = possible & pc.is_valid(column).to_numpy()
    if kept.all():
        return list(values.tolist())
    told: npt.NDArray[np.object_] = values.astype(object)
    told[~kept] = None
    return list(told.tolist())
