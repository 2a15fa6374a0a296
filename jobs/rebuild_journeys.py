"""Calls out of legs: the store kept up to date by the sidecar, or a file rebuilt aside from it.

``python -m jobs journeys --cdrs FILE --out FILE.jsonl`` writes one JSON object a call; without ``--cdrs`` the
journeys of the stored records are brought up to date.
"""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from tqdm import tqdm

from core.errors import InvalidInputError
from core.journeys.from_file import legs_of_file
from core.journeys.rebuild import rebuild_all
from core.journeys.update import update_journeys
from core.journeys.written import journey_json
from core.services import Services
from jobs.registry import JobContext, job
from jobs.terminal import say

EVERY_SECONDS = 60.0


@job("rebuild_journeys", every_seconds=EVERY_SECONDS)
def rebuild_journeys(context: JobContext) -> Mapping[str, Any]:
    """Rebuild the calls that new legs belong to; what did not change costs nothing."""
    result = update_journeys(context.services, stopping=context.stopping, progress=context.progress)
    return {"legs": result.legs, "journeys": result.journeys, "retired": result.retired}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--cdrs", type=Path, metavar="FILE", help="CSV, JSON, JSONL, Parquet, .gz or .zip")
    parser.add_argument("--out", type=Path, metavar="FILE", help="JSON lines, one a call")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def run(services: Services, arguments: argparse.Namespace) -> int:
    """Rebuild a file, or the store; prints what was done."""
    if arguments.cdrs is None:
        result = update_journeys(services)
        say("journeys.command.updated", legs=result.legs, journeys=result.journeys)
        return 0
    if arguments.out is None:
        raise InvalidInputError(field="--out", problem="--cdrs")
    with tqdm(unit="B", unit_scale=True, file=sys.stderr, disable=arguments.quiet) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        legs, rejected = legs_of_file(arguments.cdrs, at=services.clock.now(), progress=progress)
    count = 0
    partial = arguments.out.with_name(f".{arguments.out.name}.partial")
    try:
        with partial.open("wb") as file:
            for journey in rebuild_all(legs):
                file.write(orjson.dumps(journey_json(journey), option=orjson.OPT_APPEND_NEWLINE))
                count += 1
            file.flush()
            os.fsync(file.fileno())
        partial.replace(arguments.out)
    finally:
        partial.unlink(missing_ok=True)
    say("journeys.command.done", legs=legs.num_rows, journeys=count, rejected=rejected, file=arguments.out)
    return 0
