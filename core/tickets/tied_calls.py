"""Calls that tickets are to be tied to, looked up among the call records before the ticket is written to."""

from collections.abc import Sequence

import structlog

from core.calls.engine import CallQueryTooLongError, LegReader, Legs, reading
from core.calls.paging import files_by_day, widening
from core.errors import NotFoundError
from core.services import Services
from core.tickets.links import OF_CALLS, Link

LONGEST_SEARCH_SECONDS = 5.0
_SEEN = "SELECT report_id, correlation_id, interaction_id FROM legs"
_CONDITION = "list_contains(?, report_id) OR list_contains(?, correlation_id) OR list_contains(?, interaction_id)"

_log = structlog.get_logger(__name__)


def found(services: Services, wanted: Sequence[Link]) -> list[Link]:
    """The links, once each call among them was found by its Report ID and each journey by an id of its legs.

    All are looked for in one reading of the records, newest days first, which is quick for what people just looked at.
    It is done only when a tie is made, since retention takes calls away later and leaves the tie, and outside of the
    transaction that makes it. A search that takes longer than ``LONGEST_SEARCH_SECONDS`` proves nothing: then the form
    of the ids is enough. Raises ``NotFoundError``, ``InvalidInputError``.
    """
    asked = [link.checked() for link in wanted if link.kind in OF_CALLS]
    if asked:
        try:
            with reading(LONGEST_SEARCH_SECONDS) as reader:
                _find(services, reader, asked)
        except CallQueryTooLongError:
            _log.warning("calls for a ticket were not found in time and are tied unseen", calls=len(asked))
    return list(wanted)


def _find(services: Services, reader: LegReader, asked: Sequence[Link]) -> None:
    missing, ids = list(asked), [link.reference for link in asked]
    days = list(files_by_day(services.calls.files()).values())
    for files in widening(days) if days else ():
        calls, others = set(), set()
        for report_id, *shared in reader.rows(_SEEN, Legs(files, _CONDITION, [ids, ids, ids])):
            calls.add(report_id)
            others.update(shared)
        missing = [one for one in missing if one.reference not in (calls if one.kind == "call" else calls | others)]
        if not missing:
            return
    raise NotFoundError(what=f"{missing[0].kind} {missing[0].reference[:40]}")
