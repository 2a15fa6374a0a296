"""``python -m jobs import FILE…``: call records from files of any age and wrapping; repeating it adds nothing."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
from tqdm import tqdm

from core.calls import import_marks, imports
from core.calls.errors import SourceFileError
from core.calls.ingest import IngestCounts, store_normalised
from core.calls.normalise import Normalised, normalise_records
from core.calls.sources import Batch, read_batches
from core.errors import TollwatchError
from core.services import Services
from core.store import commands
from jobs.terminal import terminal_language

ROWS_A_PAGE = 20_000
"""Rows stored at a time: few enough to hold two pages in memory, many enough that a commit costs little."""

BYTES_A_PAGE = 128 * 1024 * 1024
"""A page of unusually long records is stored before it has that many; usual ones have about half of it."""

Progress = Callable[[int, int | None, str], None]
Failed = Callable[[Path, TollwatchError], None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="CSV, JSON, JSONL, Parquet, .gz or .zip")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def run(services: Services, arguments: argparse.Namespace) -> int:
    """Import and print the counts; 1 when a file could not be read to its end, after the others were."""
    failed: list[Path] = []
    language = terminal_language()

    def tell(path: Path, error: TollwatchError) -> None:
        failed.append(path)
        tqdm.write(f"{error.message(language)}\n{error.remedy(language)}", file=sys.stderr)

    with tqdm(unit="B", unit_scale=True, file=sys.stderr, disable=arguments.quiet) as bar:

        def progress(done: int, total: int | None, doing: str) -> None:
            bar.total = total
            bar.set_description(doing, refresh=False)
            bar.update(done - bar.n)

        counts = run_import(services, arguments.files, progress=progress, failed=tell, by="command line")
    sys.stdout.write(f"{counts}\n")
    return 1 if failed else 0


def _raise(_path: Path, error: TollwatchError) -> None:
    raise error


def run_import(
    services: Services, paths: Sequence[Path], *, progress: Progress, failed: Failed = _raise, by: str = ""
) -> IngestCounts:
    """Import files one after the other and give what became of their records.

    ``progress`` gets bytes read, bytes in all, and the file's name. A file that cannot be read to its end goes to
    ``failed``, which by default raises; what was read before counts and stays.
    """
    counts = IngestCounts()
    total = sum(path.stat().st_size for path in paths if path.is_file())
    before = 0
    for path in paths:

        def file_progress(done: int, path: Path = path, before: int = before) -> None:
            progress(before + done, total, path.name)

        found, problem = _import_file(services, path, file_progress, by)
        counts += found
        if problem is not None:
            failed(path, problem)
        before += path.stat().st_size if path.is_file() else 0
        progress(before, total, path.name)
    return counts


def _import_file(
    services: Services, path: Path, progress: Callable[[int], None], by: str
) -> tuple[IngestCounts, TollwatchError | None]:
    counts, problem = IngestCounts(), None
    with import_marks.under_way(services, origin=path.name, by=by) as batch:
        try:
            for stored in _stored_pages(services, path, progress):
                counts += stored
        except TollwatchError as error:
            problem = error
        with services.database.write() as session:
            told = commands.describe(problem) if problem else None
            imports.finish(session, batch, counts, at=services.clock.now(), problem=told)
    return counts, problem


def _stored_pages(services: Services, path: Path, progress: Callable[[int], None]) -> Iterator[IngestCounts]:
    """Store page after page; the next one is read and typed while the one before is written."""
    with ThreadPoolExecutor(max_workers=1) as writer:
        pending: Future[IngestCounts] | None = None
        for page, done in _pages(services, path):
            if pending is not None:
                yield pending.result()
            pending = None
            if isinstance(page, SourceFileError):
                raise page
            pending = writer.submit(store_normalised, services, page, source="import", origin=path.name)
            progress(done)
        if pending is not None:
            yield pending.result()


def _pages(services: Services, path: Path) -> Iterator[tuple[Normalised | SourceFileError, int]]:
    """Typed pages of about ``ROWS_A_PAGE`` rows with the bytes read so far; last, what ended the reading early."""
    parts: list[Normalised] = []
    problem: SourceFileError | None = None
    done = 0
    batches = read_batches(path)
    while True:
        try:
            batch = next(batches, None)
        except SourceFileError as error:
            batch, problem = None, error
        if batch is not None:
            done = batch.done
            parts.append(_typed(services, batch))
        if parts and (batch is None or _is_full(parts)):
            yield _joined(parts), done
            parts = []
        if batch is None:
            break
    if problem is not None:
        yield problem, done


def _typed(services: Services, batch: Batch) -> Normalised:
    at = services.clock.now()
    page = normalise_records(batch.records, source="import", stored_at=at, texts=batch.texts)
    page.rejected += batch.rejected
    return page


def _is_full(parts: list[Normalised]) -> bool:
    return sum(map(_size, parts)) >= ROWS_A_PAGE or sum(part.table.nbytes for part in parts) >= BYTES_A_PAGE


def _size(page: Normalised) -> int:
    return int(page.table.num_rows) + len(page.rejected)


def _joined(parts: list[Normalised]) -> Normalised:
    return Normalised(
        table=pa.concat_tables([part.table for part in parts]),
        rejected=[rejected for part in parts for rejected in part.rejected],
    )
