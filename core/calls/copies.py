"""Which copy of a record stays: Webex sends a record again, late, changed, or through another channel.

Copies are ordered by ``(Report time, copy_rank)``; the greatest stays. That order is the same whatever the order
of arrival, so any split of the same records into pages gives the same table.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

KEY_COLUMNS = ["report_id", "report_time", "copy_rank"]
_NEVER = np.iinfo(np.int64).min

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Comparison:
    """What becomes of the rows of a page when they meet the live rows."""

    kept: Mask
    """Rows of the page that are written."""
    replacing: int
    """How many of those take the place of an older copy."""
    beaten: Mask
    """Live rows whose place is taken."""


def best_copies(page: pa.Table) -> pa.Table:
    """The page with one row a Report ID: its greatest copy."""
    ids = page["report_id"].combine_chunks().dictionary_encode() if page.num_rows else None
    if ids is None or len(ids.dictionary) == page.num_rows:
        return page
    codes = ids.indices.to_numpy()
    times, ranks = _order(page)
    order = np.lexsort((ranks, times, codes))
    last_of_id = np.flatnonzero(np.append(codes[order][1:] != codes[order][:-1], True))
    return page.take(pa.array(np.sort(order[last_of_id])))


def compare(page: pa.Table, live: pa.Table) -> Comparison:
    """Set a page of distinct Report IDs against the keys of the live rows of its days."""
    met = pc.index_in(live["report_id"], value_set=page["report_id"].combine_chunks())
    rows = pc.fill_null(met, -1).to_numpy()
    seen = np.flatnonzero(rows >= 0)
    row_of_seen = rows[seen]
    times, ranks = _order(page)
    live_times, live_ranks = _order(live.take(pa.array(seen)))
    wins = (times[row_of_seen] > live_times) | ((times[row_of_seen] == live_times) & (ranks[row_of_seen] > live_ranks))
    kept = np.ones(page.num_rows, bool)
    kept[row_of_seen[~wins]] = False
    beaten = np.zeros(live.num_rows, bool)
    beaten[seen[wins & kept[row_of_seen]]] = True
    replacing = np.zeros(page.num_rows, bool)
    replacing[row_of_seen] = True
    return Comparison(kept=kept, replacing=int((replacing & kept).sum()), beaten=beaten)


def _order(table: pa.Table) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    times = pc.fill_null(table["report_time"].cast(pa.int64()), _NEVER).to_numpy()
    return times, pc.fill_null(table["copy_rank"], 0).to_numpy()
