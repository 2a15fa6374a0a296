"""Legs of one entity in the order of their start, for windows that slide over the last hours."""

from bisect import bisect_left, bisect_right, insort

from core.detection.observation import Observation

_SPARE = 64


class Timeline:
    """Legs by start time; what began more than ``keep`` seconds before the newest is forgotten."""

    __slots__ = ("_keep", "_legs")

    def __init__(self, keep: float) -> None:
        self._keep = keep
        self._legs: list[tuple[float, str, Observation]] = []

    def add(self, leg: Observation) -> None:
        """Put a leg in its place, and forget old ones now and then."""
        insort(self._legs, (leg.started, leg.report_id, leg))
        if len(self._legs) > _SPARE and self._legs[0][0] < leg.started - 2 * self._keep:
            del self._legs[: bisect_left(self._legs, (leg.started - self._keep,))]

    def between(self, begin: float, end: float) -> list[Observation]:
        """The legs that began after ``begin`` and not after ``end``."""
        low = bisect_right(self._legs, (begin, "\uffff"))
        high = bisect_right(self._legs, (end, "\uffff"))
        return [entry[2] for entry in self._legs[low:high]]

    def count(self, begin: float, end: float) -> int:
        """How many legs ``between`` gives."""
        return bisect_right(self._legs, (end, "\uffff")) - bisect_right(self._legs, (begin, "\uffff"))

    def busiest(self, at: float, span: float) -> int:
        """The greater count of the windows of ``span`` seconds that end and that begin at ``at``."""
        return max(self.count(at - span, at), self.count(at, at + span) + 1)

    def around(self, at: float, span: float) -> list[Observation]:
        """The legs of the busier of the two windows of ``busiest``."""
        before, after = self.between(at - span, at), self.between(at - 1e-3, at + span)
        return before if len(before) >= len(after) else after
