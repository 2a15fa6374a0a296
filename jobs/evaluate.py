"""``python -m jobs evaluate``: alerts against labelled incidents, with two simple methods beside them on request."""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import orjson

from core.detection.evaluate import Incident, Score, false_in_campaigns, incidents_of, judge, score
from core.detection.observation import DAY, observations
from core.detection.replay import first_copies, read_history
from core.errors import InvalidInputError
from core.services import Services
from jobs.anchors import isolation_forest, static_thresholds
from jobs.backtest import read_directory
from jobs.terminal import say

Made = TypeVar("Made")


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
    incidents = understood(arguments.labels, incidents_of)
    alerts = understood(arguments.alerts, _alerts_of)
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


def understood(path: Path, read: Callable[[Iterable[Mapping[str, Any]]], list[Made]]) -> list[Made]:
    """What ``read`` makes of the objects of a file. Raises ``InvalidInputError`` with the one that lacks something."""
    made: list[Made] = []
    for number, row in enumerate(read_lines(path), 1):
        field = f"{path.name}:{number}"
        if not isinstance(row, Mapping):
            raise InvalidInputError(field=field, problem="Input should be a valid object")
        try:
            made += read([row])
        except KeyError as error:
            raise InvalidInputError(field=f"{field} {error.args[0]}", problem="missing") from error
        except (TypeError, ValueError, OverflowError) as error:
            raise InvalidInputError(field=field, problem=str(error)) from error
    return made


def _alerts_of(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    whole = [dict(row) for row in rows]
    judge(whole, [])
    return whole


def read_lines(path: Path) -> Iterator[Any]:
    """What a file of JSON lines, or of one array, holds. Raises ``InvalidInputError`` with the line that is no JSON."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise InvalidInputError(field=path.name, problem=str(error)) from error
    if text.lstrip().startswith(b"["):
        try:
            yield from orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise InvalidInputError(field=path.name, problem=str(error)) from error
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
