"""Rebuilding calls: legs a second at three sizes, against one DuckDB grouping pass over the same legs; and the price of
one more page of 5000 legs in a store of 10M against the same page in an empty one.

The grouping pass is the least anybody must do to see which legs are one call: gather their Report IDs and extent by
Correlation ID. Both are told in seconds of processor time, which neighbours on the machine disturb least, over two
histories: calls of every kind over and over, and a company's everyday calls of one leg and two. The bounds: legs a
second at 1M within a third of those at 10k, the page at most three times the price.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time

import duckdb
import pyarrow as pa

from bench.figures import Figure, report
from bench.history import NOW, history
from bench.tiled_calls import tiled
from core.calls.table import CallTable
from core.clock import SteppedClock
from core.journeys.legs import LEG_COLUMNS
from core.journeys.rebuild import rebuild_all
from core.journeys.table import JourneyTable, journeys_path
from core.journeys.update import SOURCE, update_journeys
from core.services import Services
from core.settings import load_settings
from core.store.engine import Database
from core.store.migrate import upgrade

SIZES = (10_000, 100_000, 1_000_000)
STORE = 10_000_000
PAGE = 5000
PAGES = 5
BENT = 0.67
PAGE_BOUND = 3.0
SLOWER_THAN_GROUPING = 120.0
"""Not a bound that was asked for, only a guard: what one grouping pass costs, times this, must suffice."""

_GROUPED = """
SELECT correlation_id, list(report_id), min(start_time), max(release_time), sum(duration)
FROM legs GROUP BY correlation_id
"""


@dataclass(frozen=True)
class Rebuilt:
    """One size measured: processor seconds of the rebuild and of the bare grouping pass."""

    legs: int
    seconds: float
    grouping: float

    @property
    def rate(self) -> float:
        """Legs a second."""
        return self.legs / self.seconds


def rebuild_of(table: pa.Table) -> Rebuilt:
    """Measure one table of legs."""
    started = process_time()
    with duckdb.connect() as engine:
        engine.register("legs", table)
        engine.sql(_GROUPED).to_arrow_table()
    grouped = process_time()
    for _ in rebuild_all(table):
        pass
    return Rebuilt(table.num_rows, process_time() - grouped, grouped - started)


def everyday(legs: int) -> pa.Table:
    """The legs of a company's plain calls, as ``bench.history`` makes them."""
    with tempfile.TemporaryDirectory() as folder:
        table = history(Path(folder), legs)
        columns = ", ".join(f'"{name}"' for name in LEG_COLUMNS)
        with duckdb.connect() as engine:
            files = {"files": table.files()}
            return engine.sql(f"SELECT {columns} FROM read_parquet($files)", params=files).to_arrow_table()


def page_seconds(folder: Path, stored: int) -> float:
    """Seconds of bringing the journeys up to one more page, in a store of so many legs: the least of a few."""
    settings = load_settings({"data_dir": folder})
    database = Database(settings.database)
    upgrade(database)
    calls = history(folder, stored) if stored else CallTable(settings.calls_path)
    services = Services(settings, SteppedClock(NOW), database, calls)
    journeys = JourneyTable(journeys_path(settings), services.clock)
    if stored:
        journeys.put(list(rebuild_all(_recent(calls))), [], (SOURCE, calls.version()))
    took = []
    for number in range(PAGES):
        calls.append(tiled(PAGE, NOW - timedelta(hours=3 + number), 10.0, label=f"page {number} "))
        started = perf_counter()
        update_journeys(services)
        took.append(perf_counter() - started)
    database.close()
    return min(took)


def _recent(calls: CallTable) -> pa.Table:
    """The legs of the last three days: all that a page of today can meet."""
    columns = ", ".join(f'"{name}"' for name in LEG_COLUMNS)
    files = calls.files((NOW - timedelta(days=2)).date())
    with duckdb.connect() as engine:
        return engine.sql(f"SELECT {columns} FROM read_parquet($files)", params={"files": files}).to_arrow_table()


def main() -> int:
    """Measure and report; ``--quick`` at a tenth of the size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    share = 10 if parser.parse_args().quick else 1
    measured = [rebuild_of(tiled(legs // share, NOW, 1.0).select(list(LEG_COLUMNS))) for legs in SIZES]
    plain = rebuild_of(everyday(SIZES[-1] // share))
    rates = " · ".join(f"{one.legs:,}: {one.rate:,.0f}/s" for one in measured)
    largest = measured[-1]
    with tempfile.TemporaryDirectory() as folder:
        empty = page_seconds(Path(folder) / "empty", 0)
        full = page_seconds(Path(folder) / "full", STORE // share)
    return report(
        [
            Figure(
                "rebuild does not bend (largest ÷ smallest rate)", largest.rate / measured[0].rate, BENT, "more", rates
            ),
            Figure(
                f"rebuild of {largest.legs:,} legs ÷ one grouping pass",
                largest.seconds / largest.grouping,
                SLOWER_THAN_GROUPING,
                "less",
                f"{largest.seconds:.1f} s against {largest.grouping:.2f} s",
            ),
            Figure(
                f"everyday calls: {plain.legs:,} legs ÷ one grouping pass",
                plain.seconds / plain.grouping,
                SLOWER_THAN_GROUPING,
                "less",
                f"{plain.rate:,.0f}/s",
            ),
            Figure(
                f"page of {PAGE} into {STORE // share:,} ÷ into an empty store",
                full / empty,
                PAGE_BOUND,
                "less",
                f"{full * 1000:.0f} ms against {empty * 1000:.0f} ms",
            ),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
