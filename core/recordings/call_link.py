"""From a recording to the call records it was made of: by the call's id in any spelling, else by the half of the call.

Webex calls the id of a recording's call *call session*, that of a record *Correlation ID*; they are the same UUID,
with and without dashes. The half that recorded is known by the *Local call ID*.
"""

from datetime import timedelta

from core.calls.engine import Legs, reading
from core.calls.table import CallTable
from core.store.models.recordings import RecordingRow

_DAY = timedelta(days=1)
_BY_SESSION = "replace(lower(correlation_id), '-', '') = ?"
_BY_HALF = "local_call_id = ?"
_RECORDS = "SELECT report_id FROM legs ORDER BY start_time, report_id LIMIT 50"


def report_of(calls: CallTable, row: RecordingRow) -> str | None:
    """The Report ID of the first record of a recording's call, by which to open it; ``None`` when there is none.

    As ``reports_of``.
    """
    return next(iter(reports_of(calls, row)), None)


def reports_of(calls: CallTable, row: RecordingRow) -> list[str]:
    """The Report IDs of a recording's call, oldest first, at most fifty; none while its records are not here.

    Looks on the days around the recording. Raises ``CallQueryTooLongError``.
    """
    begun = row.session_started_at or row.recorded_at
    files = calls.files((begun - _DAY).date(), (begun + _DAY).date())
    for condition, value in ((_BY_SESSION, row.call_session_key), (_BY_HALF, row.call_half_id)):
        if not value or not files:
            continue
        with reading() as reader:
            found = reader.rows(_RECORDS, Legs(files, condition, [value]))
        if found:
            return [str(one[0]) for one in found]
    return []
