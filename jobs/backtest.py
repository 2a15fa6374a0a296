"""``python -m jobs backtest``: what detection would have said about a history, minute by minute."""

import argparse
import gc
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson
from tqdm import tqdm

from core.detection.directory import Directory, directory_of
from core.detection.finding import AlertDraft
from core.detection.replay import read_history, replay
from core.errors import InvalidInputError
from core.services import Services
from jobs.terminal import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The history, who is who in it, and where the alerts go."""
    parser.add_argument("--cdrs", type=Path, required=True, nargs="+", help="CSV, JSON, JSONL, Parquet, .gz or .zip")
    parser.add_argument("--directory", type=Path, help="people, locations and campaigns as JSON")
    parser.add_argument("--alerts-out", type=Path, required=True, help="JSON lines, one an alert")
    parser.add_argument("--warmup-days", type=float, default=0.0, help="days at the start that only teach")


def run(_services: Services, arguments: argparse.Namespace) -> int:
    """Replay and write; nothing of the product's own stores is read or changed."""
    directory = read_directory(arguments.directory)
    with tqdm(unit="B", unit_scale=True, file=sys.stderr, disable=None) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        history = read_history(arguments.cdrs, progress)
    # Millions of small objects live to the end: looking for cycles among them costs a fifth of the time.
    gc.freeze()
    gc.disable()
    try:
        count = _write(replay(history, directory, warmup_days=arguments.warmup_days), arguments.alerts_out)
    finally:
        gc.enable()
    say("detection.backtest.done", legs=history.num_rows, alerts=count, path=arguments.alerts_out)
    return 0


def _write(drafts: Iterable[AlertDraft], path: Path) -> int:
    count = 0
    with path.open("wb") as out:
        for draft in drafts:
            out.write(orjson.dumps(line_of(draft)) + b"\n")
            count += 1
    return count


def line_of(draft: AlertDraft) -> dict[str, Any]:
    """An alert as one line of the output."""
    return {
        "detector": draft.detector,
        "severity": draft.severity,
        "entity": draft.entity,
        "kind": draft.entity_kind,
        "emitted_at": draft.emitted_at,
        "evidence": draft.evidence,
    }


def read_directory(path: Path | None) -> Directory:
    """The directory of a file, or an empty one. Raises ``InvalidInputError`` for what is no JSON object."""
    if path is None:
        return Directory()
    try:
        told = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise InvalidInputError(field="--directory", problem=str(error)) from error
    if not isinstance(told, Mapping):
        raise InvalidInputError(field="--directory", problem=path.name)
    return directory_of(told)
