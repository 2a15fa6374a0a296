"""Import of call records against the summed limit of its three parts, measured in the same run.

The limit parses each line (orjson), turns the 87 columns into Arrow as they are (no typing, no derived columns, no
dedupe, no original kept), and writes Parquet (zstd), one after the other, in pages of 20 000. The import does all
that and more into an empty table, from the same file. Records per second of wall clock; both use one machine.
"""

import argparse
import sys
import tempfile
from itertools import islice
from pathlib import Path
from time import perf_counter

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from bench.figures import Figure, report
from bench.history import write_jsonl
from core.services import open_services
from core.settings import load_settings
from jobs.import_calls import ROWS_A_PAGE, run_import

RECORDS = 1_000_000
BOUND = 0.5


def limit_seconds(source: Path, target: Path) -> dict[str, float]:
    """Seconds of each part of the limit."""
    spent = dict.fromkeys(("parse", "arrow", "write"), 0.0)
    writer: pq.ParquetWriter | None = None
    with source.open("rb") as lines:
        while page := list(islice(lines, ROWS_A_PAGE)):
            started = perf_counter()
            records = [orjson.loads(line) for line in page]
            parsed = perf_counter()
            columns = zip(*(record.values() for record in records), strict=True)
            table = pa.table([pa.array(column) for column in columns], names=list(records[0]))
            built = perf_counter()
            writer = writer or pq.ParquetWriter(target, table.schema, compression="zstd")
            writer.write_table(table)
            spent["parse"] += parsed - started
            spent["arrow"] += built - parsed
            spent["write"] += perf_counter() - built
    started = perf_counter()
    if writer is not None:
        writer.close()
    spent["write"] += perf_counter() - started
    return spent


def import_seconds(source: Path, folder: Path, count: int) -> float:
    """Seconds of ``python -m jobs import`` into an empty table."""
    services = open_services(load_settings({"data_dir": folder, "sandbox": True}))
    started = perf_counter()
    counts = run_import(services, [source], progress=lambda _done, _total, _doing: None)
    spent = perf_counter() - started
    services.database.close()
    if counts.new != count:
        raise SystemExit(f"{counts} instead of {count} new records")
    return spent


def main() -> int:
    """Print the ratio; exit 1 when the bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--quick", action="store_true", help="a tenth of the records")
    given = parser.parse_args()
    count = given.records // 10 if given.quick else given.records
    with tempfile.TemporaryDirectory(prefix="bench-import-") as folder:
        source = Path(folder) / "records.jsonl"
        size = write_jsonl(source, count)
        parts = limit_seconds(source, Path(folder) / "limit.parquet")
        spent = import_seconds(source, Path(folder) / "var", count)
    limit = sum(parts.values())
    told = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in parts.items())
    detail = f"{count / spent:,.0f} records/s of {count / limit:,.0f}; limit: {told}; a file of {size / 1e6:,.0f} MB"
    return report([Figure(f"import of {count:,} records ÷ limit", limit / spent, BOUND, "more", detail)])


if __name__ == "__main__":
    sys.exit(main())
