"""How a figure is told: what was measured, against which limit of the same run, and the bound it has to keep."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Literal


@dataclass(frozen=True)
class Figure:
    """One figure; ``ratio`` is measured ÷ limit, or the value itself where the limit is 1."""

    name: str
    ratio: float
    bound: float
    better: Literal["more", "less"]
    detail: str = ""

    @property
    def kept(self) -> bool:
        """Whether the bound is kept."""
        return self.ratio >= self.bound if self.better == "more" else self.ratio <= self.bound

    def line(self) -> str:
        """The figure as one line of the report."""
        sign = "≥" if self.better == "more" else "≤"
        mark = "ok    " if self.kept else "MISSED"
        return f"  {mark} {self.name:<52} {self.ratio:8.2f}  (bound {sign} {self.bound:g})  {self.detail}"


def report(figures: list[Figure]) -> int:
    """Print the figures; gives the exit code, 1 when a bound was missed."""
    for figure in figures:
        print(figure.line(), flush=True)
    return 0 if all(figure.kept for figure in figures) else 1


def interleaved(
    first: Callable[[], object], second: Callable[[], object], rounds: int = 7
) -> tuple[float, float, float]:
    """Median seconds of both and the median ratio first ÷ second, measured in turn so that drift hits both alike."""
    ones, others = [], []
    for _ in range(rounds):
        started = perf_counter()
        first()
        middle = perf_counter()
        second()
        ones.append(middle - started)
        others.append(perf_counter() - middle)
    ratios = [one / other for one, other in zip(ones, others, strict=True)]
    return statistics.median(ones), statistics.median(others), statistics.median(ratios)
