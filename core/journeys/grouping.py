"""Which legs are one call: groups over Correlation ID, Interaction ID and Transfer related call ID.

Columns of ids become numbers once and are joined by sorting, so that cost grows with the number of legs; only the
few ids that cross from one Correlation ID to another are walked one by one. No result depends on the order of the
legs. Local call IDs are unique only together with time and organisation (docs/call-records.md), and any id may be a
constant that some gateway sends: ids shared absurdly often join nothing.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core.journeys.legs import usable_id, usable_ids

Numbers = npt.NDArray[np.int64]

KEY_COLUMNS: tuple[str, ...] = (
    "report_id",
    "start_time",
    "org_uuid",
    "correlation_id",
    "interaction_id",
    "local_call_id",
    "remote_call_id",
    "related_call_id",
    "transfer_related_call_id",
)
"""The columns that ``group_labels`` reads."""

JOIN_WINDOW_US = 24 * 3600 * 1_000_000
"""Two calls whose legs start further apart are never joined by an Interaction ID or a call id."""

MOST_CALLS_OF_AN_INTERACTION = 64
"""An Interaction ID on more Correlation IDs than this is no interaction of people and joins nothing."""

MOST_CALLS_OF_A_CALL_ID = 8
"""A Local call ID that more calls carry inside the window is ambiguous and joins nothing."""

_ABSENT = -1


def group_labels(table: pa.Table) -> Numbers:
    """A number for each leg of a table with ``KEY_COLUMNS``; legs of one call, and only they, share it."""
    count = table.num_rows
    if count == 0:
        return np.empty(0, np.int64)
    correlation = _codes(table, "correlation_id")
    alone = correlation == _ABSENT
    nodes = correlation.copy()
    nodes[alone] = correlation.max(initial=_ABSENT) + 1 + np.arange(int(alone.sum()))
    start = _starts(table)
    union = _Union(int(nodes.max()) + 1)
    for first, second in _interaction_edges(nodes, _codes(table, "interaction_id"), start):
        union.join(first, second)
    for first, second in _CallIds(table, nodes, start, alone).edges():
        union.join(first, second)
    return union.labels()[nodes]


def _codes(table: pa.Table, name: str) -> Numbers:
    """Equal usable ids get equal numbers; unusable ones ``_ABSENT``."""
    indices = pc.dictionary_encode(usable_ids(table.column(name))).indices
    found: Numbers = pc.fill_null(indices, _ABSENT).to_numpy(zero_copy_only=False).astype(np.int64)
    return found


def _starts(table: pa.Table) -> Numbers:
    start = pc.cast(pc.cast(table.column("start_time"), pa.timestamp("us")), pa.int64())
    found: Numbers = pc.fill_null(start, 0).to_numpy().astype(np.int64)
    return found


def _interaction_edges(nodes: Numbers, interactions: Numbers, start: Numbers) -> Iterator[tuple[int, int]]:
    """Neighbours in time of the calls of one interaction, where they are near enough."""
    present = np.flatnonzero(interactions != _ABSENT)
    if not present.size:
        return
    order = present[np.lexsort((start[present], nodes[present], interactions[present]))]
    first_of_call = np.ones(order.size, bool)
    first_of_call[1:] = (np.diff(interactions[order]) != 0) | (np.diff(nodes[order]) != 0)
    calls = order[first_of_call]
    sizes = np.bincount(interactions[calls])
    shared = sizes[interactions[calls]]
    calls = calls[(shared > 1) & (shared <= MOST_CALLS_OF_AN_INTERACTION)]
    calls = calls[np.lexsort((nodes[calls], start[calls], interactions[calls]))]
    near = (np.diff(interactions[calls]) == 0) & (np.diff(start[calls]) <= JOIN_WINDOW_US)
    for position in np.flatnonzero(near).tolist():
        yield int(nodes[calls[position]]), int(nodes[calls[position + 1]])


class _CallIds:
    """Joins over ``n:m`` call ids: transfers between calls, and legs that lack their Correlation ID."""

    def __init__(self, table: pa.Table, nodes: Numbers, start: Numbers, alone: npt.NDArray[np.bool_]) -> None:
        self._nodes = nodes
        self._start = start
        self._alone = alone
        self._table = table
        self._orgs = _codes(table, "org_uuid")
        self._interactions = _codes(table, "interaction_id")

    def edges(self) -> Iterator[tuple[int, int]]:
        """Pairs of calls that a call id says are one."""
        yield from self._joined("transfer_related_call_id", None)
        if self._alone.any():
            for name in ("remote_call_id", "related_call_id", "transfer_related_call_id"):
                yield from self._joined(name, self._alone)

    def _joined(self, name: str, lacking: npt.NDArray[np.bool_] | None) -> Iterator[tuple[int, int]]:
        """Edges from ``name`` to the Local call ID it names; with ``lacking`` only edges that touch such a leg."""
        column = self._table.column(name)
        pointing = pc.is_valid(column).to_numpy()
        if lacking is not None and name != "transfer_related_call_id":
            targets = self._table.column("local_call_id").filter(pa.array(lacking))
            pointing &= lacking | pc.is_in(column, value_set=targets.combine_chunks()).to_numpy()
        pointers = np.flatnonzero(pointing)
        if not pointers.size:
            return
        wanted = column.take(pa.array(pointers)).combine_chunks()
        holders = self._holders(wanted)
        pointed: dict[int, set[int]] = {}
        for pointer, value in zip(pointers.tolist(), wanted.to_pylist(), strict=True):
            found = self._best(pointer, holders.get(usable_id(value) or "", []))
            if found is not None and (lacking is None or lacking[pointer] or lacking[found]):
                pointed.setdefault(found, set()).add(int(self._nodes[pointer]))
        for row, calls in pointed.items():
            if len(calls) <= MOST_CALLS_OF_A_CALL_ID:
                yield from ((call, int(self._nodes[row])) for call in calls)

    def _holders(self, wanted: pa.Array) -> dict[str, list[int]]:
        local = self._table.column("local_call_id")
        rows = np.flatnonzero(pc.is_in(local, value_set=pc.unique(wanted)).to_numpy())
        holders: dict[str, list[int]] = {}
        for row, value in zip(rows.tolist(), local.take(pa.array(rows)).to_pylist(), strict=True):
            holders.setdefault(value.strip(), []).append(row)
        return holders

    def _best(self, pointer: int, rows: list[int]) -> int | None:
        """The leg meant: none if the own call has it, else the one nearest in time; ``None`` when unclear."""
        if len(rows) > 1000:
            return None
        near = [row for row in rows if row != pointer and self._may_join(pointer, row)]
        calls = {int(self._nodes[row]) for row in near}
        if not near or int(self._nodes[pointer]) in calls or len(calls) > MOST_CALLS_OF_A_CALL_ID:
            return None
        if len(calls) == 1:
            return near[0]
        return min(near, key=lambda row: self._distance(pointer, row))

    def _distance(self, pointer: int, row: int) -> tuple[bool, int, str]:
        interaction = int(self._interactions[pointer])
        same = interaction != _ABSENT and interaction == int(self._interactions[row])
        apart = abs(int(self._start[row] - self._start[pointer]))
        return not same, apart, str(self._table.column("report_id")[row].as_py())

    def _may_join(self, pointer: int, row: int) -> bool:
        orgs = {int(self._orgs[pointer]), int(self._orgs[row])} - {_ABSENT}
        return len(orgs) < 2 and abs(int(self._start[row] - self._start[pointer])) <= JOIN_WINDOW_US


class _Union:
    """Sets of calls that grow together."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._above: dict[int, int] = {}

    def join(self, first: int, second: int) -> None:
        first, second = self._top(first), self._top(second)
        if first != second:
            self._above[max(first, second)] = min(first, second)

    def labels(self) -> Numbers:
        labels = np.arange(self._count, dtype=np.int64)
        for node in list(self._above):
            labels[node] = self._top(node)
        return labels

    def _top(self, node: int) -> int:
        path = []
        while (above := self._above.get(node)) is not None:
            path.append(node)
            node = above
        for passed in path[:-1]:
            self._above[passed] = node
        return node
