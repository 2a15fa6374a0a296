"""Detection beside one pass of DuckDB over the same calls: a live pass over one new page, and calls swept from scratch.

The live pass must cost what the page costs, not what the store holds: it is measured in a store of 1M and of 10M legs.
The sweep feeds the engine day after day, as a rebuilt memory does; its second half, with all memories full, may not
cost more than its first. The DuckDB pass is the hourly rollup by user of the whole store: calls, minutes, numbers.
"""

import argparse
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from time import process_time

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from bench.figures import Figure, report
from bench.history import NOW, history
from core.calls.fields import RECORD_SCHEMA
from core.calls.table import CallTable
from core.clock import SteppedClock
from core.detection import snapshot
from core.detection.directory import Directory
from core.detection.engine import Engine
from core.detection.live import LiveDetection
from core.detection.observation import COLUMNS, observations
from core.services import Services, open_services
from core.settings import load_settings
from core.store.migrate import upgrade

SIZES = (1_000_000, 10_000_000)
PAGE = 5000
SWEPT = 600_000
LIVE_BOUND, GROWTH_BOUND, HALVES_BOUND = 1.0, 2.0, 1.5
SWEEP_BOUND, RECALL_BOUND = 400, 0.5
KEY = b"bench"

_ROLLUP = """
SELECT user_uuid, date_trunc('hour', start_time), count(*), sum(duration), count(DISTINCT far_number)
FROM read_parquet($files) GROUP BY ALL
"""


def measure_live(folder: Path, legs: int) -> tuple[float, float]:
    """CPU seconds of a live pass over one page just stored, and of one DuckDB pass over the whole store."""
    table = history(folder, legs)
    clock = SteppedClock(NOW)
    services = open_services(load_settings({"data_dir": folder, "sandbox": True}), clock)
    upgrade(services.database)
    live = LiveDetection(services, NOW - timedelta(days=1000))
    live.watermark = NOW
    live.keep()
    clock.step(60)
    append_page(services, table, clock)
    clock.step(60)
    began = process_time()
    live.catch_up()
    seconds = process_time() - began
    return seconds, one_pass(table.files())


def append_page(services: Services, table: CallTable, clock: SteppedClock) -> None:
    """Store ``PAGE`` legs of today once more, as others, stored now."""
    with duckdb.connect() as engine:
        newest = engine.sql(
            "SELECT * FROM read_parquet($files) LIMIT $page", params={"files": table.files()[-1:], "page": PAGE}
        ).to_arrow_table()
    stored = clock.now().replace(tzinfo=None)
    names = newest.column_names
    fresh = pc.binary_join_element_wise(newest["report_id"], "again", "-")
    newest = newest.set_column(names.index("report_id"), "report_id", fresh)
    column = pa.array([stored] * newest.num_rows, newest.schema.field("stored_at").type)
    newest = newest.set_column(names.index("stored_at"), "stored_at", column)
    services.calls.append(newest.select(RECORD_SCHEMA.names).cast(RECORD_SCHEMA))


def one_pass(files: list[str]) -> float:
    """CPU seconds that DuckDB takes to roll the files up by user and hour."""
    began = process_time()
    with duckdb.connect() as engine:
        engine.execute(_ROLLUP, {"files": files}).fetchall()
    return process_time() - began


def measure_sweep(folder: Path, legs: int) -> list[Figure]:
    """The engine over ``legs`` legs, by halves, beside one DuckDB pass over them."""
    files = history(folder, legs).files()
    with duckdb.connect() as engine:
        columns = ", ".join(COLUMNS)
        table = engine.sql(f"SELECT {columns} FROM read_parquet($files)", params={"files": files}).to_arrow_table()
    seen = Engine(Directory())
    began = process_time()
    halves = []
    ordered = list(observations(table, Directory()))
    observing = process_time() - began
    for half in (ordered[: legs // 2], ordered[legs // 2 :]):
        began = process_time()
        seen.feed(half)
        halves.append(process_time() - began)
    whole = observing + sum(halves)
    limit = one_pass(files)
    began = process_time()
    snapshot.save(folder / "memory", {"engine": seen.memory()}, KEY)
    recalled = snapshot.load(folder / "memory", KEY)
    again = process_time() - began
    size = (folder / "memory").stat().st_size / 1e6
    speed = f"{legs / whole:,.0f} legs/s, {whole:.1f} s; 10M at this speed {10_000_000 / legs * whole / 60:.0f} min"
    return [
        Figure(f"sweep of {legs:,} legs ÷ one DuckDB pass", whole / limit, SWEEP_BOUND, "less", speed),
        Figure("second half of the sweep ÷ first", halves[1] / halves[0], HALVES_BOUND, "less"),
        Figure(
            "memory written and read back ÷ built anew",
            again / whole if recalled else 1.0,
            RECALL_BOUND,
            "less",
            f"{again:.1f} s, {size:.0f} MB",
        ),
    ]


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(prog="python -m bench.detection", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    scale = 10 if parser.parse_args().quick else 1
    figures: list[Figure] = []
    passes: list[float] = []
    for legs in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            seconds, limit = measure_live(Path(folder), legs // scale)
        passes.append(seconds)
        name = f"live pass over {PAGE} new legs of {legs // scale / 1_000_000:g}M ÷ one DuckDB pass"
        detail = f"{1000 * seconds:.0f} ms against {1000 * limit:.0f} ms"
        bound = LIVE_BOUND if legs == SIZES[-1] else LIVE_BOUND * 10
        figures.append(Figure(name, seconds / limit, bound, "less", detail))
    growth = passes[1] / passes[0]
    figures.append(Figure("live pass in the large store ÷ in the small one", growth, GROWTH_BOUND, "less"))
    with tempfile.TemporaryDirectory() as folder:
        figures += measure_sweep(Path(folder), SWEPT // scale)
    return report(figures)


if __name__ == "__main__":
    sys.exit(main())
