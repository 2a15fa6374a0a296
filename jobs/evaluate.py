"""``python -m jobs evaluate``: alerts against labelled incidents, with two simple methods beside them on request."""

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from core.detection.evaluate import Incident, Score, false_in_campaigns, incidents_of, judge, score
from core.detection.observation import DAY, observations
from core.detection.replay import first_copies, read_history
from core.errors import InvalidInputError
from core.services import Services
from jobs.anchors import isolation_forest, static_thresholds
from jobs.backtest import read_directory
from jobs.terminal import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Alerts, labels, and what says how many users and days they cover."""
    parser.add_argument("--alerts", type=Path, required=True, help="JSON lines as backtest writes them")
    parser.add_argument("--labels", type=Path, required=True, help="JSON lines: id, kind, began, records")
    parser.add_argument("--directory", type=Path, help="people, locations and campaigns as JSON")
    parser.add_argument("--cdrs", type=Path, nargs="+", help="the history; then the two simple methods are run too")
    parser.add_argument("--users", type=int, help="how many users; by default those of the directory")
    parser.add_argument("--days", type=float, help="how many days; by default those of the history or of the labels")


def run(_services: Services, arguments: argparse.Namespace) -> int:
    """Print one line a method, then recall and delay a kind, and what raised the false alerts."""
    directory = read_directory(arguments.directory)
    incidents = incidents_of(read_lines(arguments.labels))
    alerts = list(read_lines(arguments.alerts))
    legs = list(first_copies(observations(read_history(arguments.cdrs), directory))) if arguments.cdrs else []
    users = arguments.users or len(directory.members) or len({leg.user for leg in legs})
    days = arguments.days or (
        _days_of([leg.reported for leg in legs]) if legs else _days_of(_moments(alerts, incidents))
    )
    if not users:
        raise InvalidInputError(field="--users", problem="0")
    campaigns = directory.campaign_days
    methods = {"tollwatch": _scored(alerts, incidents, campaigns, users, days)}
    if legs:
        for name, found in (
            ("static thresholds", static_thresholds(legs)),
            ("isolation forest", isolation_forest(legs)),
        ):
            methods[name] = _scored(found, incidents, campaigns, users, days)
    _print_methods(methods)
    _print_kinds(methods["tollwatch"])
    return 0


def _scored(
    alerts: Iterable[Mapping[str, Any]],
    incidents: list[Incident],
    campaigns: Mapping[str, set[int]],
    users: int,
    days: float,
) -> Score:
    judged = judge(alerts, incidents)
    figures = score(judged, incidents, users=users, days=days)
    figures.in_campaigns = false_in_campaigns(judged, campaigns)
    return figures


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file of JSON lines, or of one array. Raises ``InvalidInputError`` with the line that is none."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise InvalidInputError(field=path.name, problem=str(error)) from error
    if text.lstrip().startswith(b"["):
        yield from orjson.loads(text)
        return
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise InvalidInputError(field=f"{path.name}:{number}", problem=str(error)) from error


def _moments(alerts: list[dict[str, Any]], incidents: list[Incident]) -> list[float]:
    return [float(alert["emitted_at"]) for alert in alerts] + [incident.began for incident in incidents]


def _days_of(moments: list[float]) -> float:
    return max(1.0, (max(moments) - min(moments)) / DAY) if moments else 1.0


def _print_methods(methods: dict[str, Score]) -> None:
    say("detection.evaluate.headings")
    for name, figures in methods.items():
        sys.stdout.write(
            f"{name:<20}{figures.recall:>8.3f}{figures.precision:>11.3f}{figures.false_per_thousand:>9.2f}"
            f"{figures.severe_false_per_thousand:>9.2f}{_minutes(figures.delay_median):>10}"
            f"{_minutes(figures.delay_p90):>10}{figures.alerts:>8}{figures.in_campaigns:>11}\n"
        )


def _print_kinds(figures: Score) -> None:
    for kind, (found, of, delay) in figures.by_kind.items():
        sys.stdout.write(f"  {kind:<24}{found:>4}/{of:<4}{_minutes(delay):>10}\n")
    for name, count in figures.false_by_detector.items():
        sys.stdout.write(f"  - {name:<22}{count:>4}\n")


def _minutes(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
