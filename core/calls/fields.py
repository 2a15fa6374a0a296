"""The table of fields of one Webex call detail record (a leg).

Keys are spelt as the live ``cdr_feed`` sends them (87 keys, seen 2026-09). The documentation, the Control Hub
CSV, older exports and programs between them differ only in letter case, blanks and underscores, so keys are compared
by ``normalised_key``. Unknown keys are kept in the record's ``raw`` JSON.
"""

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

Kind = Literal["text", "instant", "seconds", "flag"]


@dataclass(frozen=True)
class Field:
    """One field: its column in our table, its key on the wire, and how its value is typed."""

    column: str
    key: str
    kind: Kind = "text"


_INSTANTS = {"Start time", "Answer time", "Release time", "Report time", "Call transfer time"}
_SECONDS = {"Duration", "Ring duration", "Hold duration"}
_FLAGS = {"Answered"}

_KEYS = (
    "Report ID", "Start time", "Answer time", "Release time", "Report time", "Call transfer time",
    "Duration", "Ring duration", "Hold duration",
    "Direction", "Call type", "Call outcome", "Call outcome reason", "Answered", "Answer indicator",
    "Answer reason", "Answered elsewhere", "Releasing party",
    "User", "User number", "User UUID", "User type", "Department ID", "Location", "Site UUID",
    "Site main number", "Site timezone", "Org UUID", "Device owner UUID",
    "Calling number", "Called number", "Calling line ID", "Called line ID", "Dialed digits",
    "Caller ID number", "External caller ID number", "Redirecting number", "Redirecting party UUID",
    "Original called party UUID", "International country", "Authorization code",
    "Original reason", "Redirect reason", "Related reason", "Transfer type", "Transfer type context",
    "Recall type", "Auto Attendant Key Pressed", "Queue type",
    "Correlation ID", "Interaction ID", "Local call ID", "Remote call ID", "Network call ID",
    "Related call ID", "Transfer related call ID", "Call ID", "Local SessionID", "Remote SessionID",
    "Final local SessionID", "Final remote SessionID",
    "Inbound trunk", "Outbound trunk", "Route group", "Route list calls overage",
    "PSTN vendor name", "PSTN legal entity", "PSTN vendor org ID", "PSTN provider ID", "External customer ID",
    "Public Calling IP Address", "Public Called IP Address",
    "Device MAC", "Model", "OS type", "Client type", "Client version", "Sub client type",
    "Call Recording Platform Name", "Call Recording Result", "Call Recording Trigger",
    "Caller Reputation Score", "Caller Reputation Service Result", "Caller Reputation Score Reason",
    "WxCC consult merge status", "ELIN", "Emergency number source",
)  # fmt: skip


def _kind(key: str) -> Kind:
    if key in _INSTANTS:
        return "instant"
    if key in _SECONDS:
        return "seconds"
    return "flag" if key in _FLAGS else "text"


def _words(key: str) -> str:
    return " ".join(key.lower().replace("_", " ").split())


_BY_LETTERS = {_words(key).replace(" ", ""): _words(key) for key in _KEYS}


def normalised_key(key: str) -> str:
    """A key as it is compared: small letters, one blank between words; ``startTime`` and ``start_time`` are one."""
    words = _words(key)
    return _BY_LETTERS.get(words.replace(" ", ""), words)


FIELDS: tuple[Field, ...] = tuple(
    Field(column=normalised_key(key).replace(" ", "_"), key=key, kind=_kind(key)) for key in _KEYS
)
FIELD_BY_KEY: dict[str, Field] = {normalised_key(field.key): field for field in FIELDS}
FIELD_BY_COLUMN: dict[str, Field] = {field.column: field for field in FIELDS}

_ARROW_TYPES: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "instant": pa.timestamp("us"),
    "seconds": pa.int32(),
    "flag": pa.bool_(),
}

DERIVED_COLUMNS: tuple[pa.Field, ...] = (
    pa.field("far_number", pa.string()),
    pa.field("far_country", pa.string()),
    pa.field("off_net", pa.bool_()),
    pa.field("international", pa.bool_()),
    pa.field("outcome", pa.string()),
    pa.field("source", pa.string()),
    pa.field("copy_rank", pa.int64()),
    pa.field("stored_at", pa.timestamp("us")),
    pa.field("raw", pa.string()),
    pa.field("dt", pa.string()),
)
"""What we add to a record: ``far_number`` is the other party of the record's own party (called when
ORIGINATING, calling when TERMINATING); ``far_country`` its ISO 3166 alpha-2 region, from the number;
``off_net`` whether the leg crosses to the public network; ``international`` whether it is off-net and
``far_country`` differs from the site's; ``outcome`` one of ``core.calls.outcomes.OUTCOMES``; ``source`` where the
copy came from (``import``, ``feed``, ``stream``); ``copy_rank`` orders two copies of one record with equal Report
time (the fuller, then the one with the greater content hash, wins); ``raw`` the record as received, JSON; ``dt``
the UTC day of ``start_time``, the partition. Instants are naive UTC."""

RECORD_SCHEMA: pa.Schema = pa.schema(
    [pa.field(field.column, _ARROW_TYPES[field.kind]) for field in FIELDS] + list(DERIVED_COLUMNS)
)
"""One row a leg. Empty strings and ``NA`` are null. ``report_id`` is never null and unique in the table."""
