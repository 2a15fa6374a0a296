"""Exporting calls: 1M legs as CSV against DuckDB's own COPY of the same columns in the same order, and peak memory.

COPY writes the rows as they are; we also escape formulas, spell instants and stream. The bounds: at least half of
COPY's speed, and a peak for 1M rows that is no more than a quarter above that for 100k. A quick run measures the speed
alone: with a tenth of the legs the peak is that of starting.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import duckdb

from bench.figures import Figure, interleaved, report
from bench.history import history
from core.calls.export import READABLE_COLUMNS, CallExport
from core.calls.filters import CallFilter
from core.calls.table import CallTable

LEGS = 1_000_000
SPEED_BOUND = 0.5
MEMORY_BOUND = 1.25
ROUNDS = 3


def export(table: CallTable, out: Path) -> int:
    """Write everything as our export does; gives the rows."""
    wanted = CallExport(table, CallFilter(last="all"))
    with out.open("wb") as file:
        for piece in wanted.chunks():
            file.write(piece)
    return wanted.rows


def speed(table: CallTable, folder: Path) -> Figure:
    """Our speed as a share of COPY's."""
    columns = ", ".join(f'"{name}"' for name in READABLE_COLUMNS)
    statement = (
        f"COPY (SELECT {columns} FROM read_parquet(?) ORDER BY start_time DESC, report_id DESC) "
        f"TO '{folder / 'copy.csv'}' (FORMAT csv, HEADER)"
    )
    engine = duckdb.connect()
    files = table.files()
    copied, exported, ratio = interleaved(
        lambda: engine.execute(statement, [files]), lambda: export(table, folder / "export.csv"), ROUNDS
    )
    size = (folder / "export.csv").stat().st_size / 1e6
    detail = f"{exported:.2f} s for {size:.0f} MB, COPY {copied:.2f} s"
    return Figure("legs as CSV, share of COPY's speed", ratio, SPEED_BOUND, "more", detail)


def memory(small: Path, large: Path) -> Figure:
    """Peak memory of a process that exports the large history ÷ of one that exports a tenth of it."""
    peaks = [_peak(folder) for folder in (small, large)]
    detail = f"{peaks[1]:.0f} MB, a tenth of the legs {peaks[0]:.0f} MB"
    return Figure("peak memory, 1M legs ÷ 100k", peaks[1] / peaks[0], MEMORY_BOUND, "less", detail)


def _peak(folder: Path) -> float:
    command = [sys.executable, "-m", "bench.export_calls", "--peak-of", str(folder)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])


def _own_peak() -> float:
    """Peak resident memory of this process in MB; ``getrusage`` would count that of the parent in."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return float(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> int:
    """Make the histories, export, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    parser.add_argument("--peak-of", type=Path, help="export the history in this folder and print the peak in MB")
    arguments = parser.parse_args()
    if arguments.peak_of:
        export(CallTable(arguments.peak_of / "calls"), arguments.peak_of / "export.csv")
        print(_own_peak())
        return 0
    legs = LEGS // 10 if arguments.quick else LEGS
    with tempfile.TemporaryDirectory(prefix="tollwatch-bench-") as folder:
        small, large = Path(folder) / "small", Path(folder) / "large"
        if not arguments.quick:
            history(small, legs // 10)
        table = history(large, legs)
        started = perf_counter()
        export(table, large / "export.csv")
        print(f"  first export after start: {perf_counter() - started:.2f} s")
        figures = [speed(table, large)]
        if not arguments.quick:
            figures.append(memory(small, large))
        return report(figures)


if __name__ == "__main__":
    sys.exit(main())
