"""Calls by period: how many, how long, where to, who, beside the period before."""

from collections.abc import Sequence
from dataclasses import replace

from core.calls.filter_terms import value_label
from core.calls.filters import CallFilter
from core.calls.outcomes import OUTCOMES
from core.calls.summaries import TopRow
from core.reports import offered
from core.reports.call_figures import CallSums, by_hour_of_week, by_part, quarters
from core.reports.document import Column, Content, Figure, Picture, Table
from core.reports.periods import Period
from core.reports.registry import Parameter, Report, Values
from core.reports.scene import Scene
from core.reports.spelling import sentences

TOP = 50
RANKS = 10
_LISTS = {"sites": "sites", "countries": "countries", "users": "users", "outcomes": "outcomes"}
"""Each list by what ``core.calls.summaries`` groups by, with the field that names its values."""


def _filter(values: Values, period: Period) -> CallFilter:
    query = {"direction": values.get("direction", ()), "site": values.get("site", ())}
    query |= {name: values.get(name, ()) for name in ("country", "outcome", "international")}
    return replace(CallFilter.from_query(query), last="", since=period.since, until=period.until)


def _make(scene: Scene) -> Content:
    wanted = _filter(scene.parameters, scene.period)
    found = quarters(scene.calls, wanted, scene.seconds_limit)
    parts = scene.period.parts()
    sums = by_part(found, parts)
    lists = {name: scene.calls.top(wanted, name, TOP) for name in _LISTS}
    return Content(
        figures=_figures(scene, wanted),
        pictures=(
            scene.picture(
                "by_time",
                "bars",
                [part.since for part in parts],
                {
                    scene.text("columns.conversations"): [one.conversations for one in sums],
                    scene.text("series.other_legs"): [one.legs - one.conversations for one in sums],
                },
                ("ink", "grey"),
            ),
            _ranks(scene, "countries", lists["countries"]),
            _ranks(scene, "sites", lists["sites"]),
        ),
        tables=(
            _by_time(scene, sums),
            *(_list(scene, name, rows) for name, rows in lists.items()),
            _by_hour(scene, by_hour_of_week(found, scene.period.clock)),
        ),
        sentence=sentences(clause for _, clause in wanted.clauses(scene.language)),
    )


def _figures(scene: Scene, wanted: CallFilter) -> tuple[Figure, ...]:
    before = scene.period.previous()
    now = scene.calls.aggregate(wanted)
    then = scene.calls.aggregate(replace(wanted, since=before.since, until=before.until))
    return (
        scene.figure("calls", now.calls, "count", then.calls),
        scene.figure("answered_share", now.answered_share, "share", then.answered_share),
        scene.figure("international_share", now.international_share, "share", then.international_share),
        scene.figure("talk_minutes", round(now.talk_minutes), "count", round(then.talk_minutes)),
        scene.figure("legs", now.legs, "count", then.legs),
        scene.figure("numbers", now.numbers, "count", then.numbers),
    )


def _words(scene: Scene, name: str) -> Column:
    field = _LISTS[name]
    return scene.column(name, words=lambda value: value_label(field, str(value), scene.language))


def _sums_columns(scene: Scene) -> tuple[Column, ...]:
    return (
        scene.column("legs", "count"),
        scene.column("conversations", "count"),
        scene.column("international", "count"),
        scene.column("talk_minutes", "number"),
    )


def _by_time(scene: Scene, sums: Sequence[CallSums]) -> Table:
    parts = scene.period.parts()
    columns = (scene.column("since", "instant"), scene.column("until", "instant"), *_sums_columns(scene))
    rows = [(part.since, part.until, *_cells(one)) for part, one in zip(parts, sums, strict=True)]
    return scene.table("by_time", columns, rows)


def _by_hour(scene: Scene, hours: dict[tuple[int, int], CallSums]) -> Table:
    day = scene.column("weekday", "count", lambda value: scene.text(f"weekdays.{value}"))
    columns = (day, scene.column("hour", "count"), *_sums_columns(scene))
    return scene.table("by_hour", columns, [(*key, *_cells(one)) for key, one in sorted(hours.items())])


def _cells(one: CallSums) -> tuple[float, ...]:
    return (one.legs, one.conversations, one.international, round(one.talk_seconds / 60, 1))


def _list(scene: Scene, name: str, rows: Sequence[TopRow]) -> Table:
    columns = (_words(scene, name), *_sums_columns(scene))
    cells = [
        (_shown(name, row), row.legs, row.conversations, row.international, round(row.talk_seconds / 60, 1))
        for row in rows
    ]
    return scene.table(name, columns, cells, scene.text("notes.top", n=TOP) if len(rows) == TOP else "")


def _shown(name: str, row: TopRow) -> str:
    return row.label if name == "users" else row.value


def _ranks(scene: Scene, name: str, rows: Sequence[TopRow]) -> Picture:
    shown = rows[:RANKS]
    labels = [value_label(_LISTS[name], row.value, scene.language) for row in shown]
    return scene.picture(name, "ranks", labels, {scene.text("columns.legs"): [row.legs for row in shown]})


REPORT = Report(
    name="calls",
    order=10,
    icon=":material/call_log:",
    parameters=(
        Parameter("site", offered.sites),
        Parameter("direction", offered.directions, ("ORIGINATING", "TERMINATING")),
        Parameter("country", offered.of_calls("countries", "countries")),
        Parameter("outcome", offered.outcomes, OUTCOMES),
        Parameter("international", offered.yes_or_no, ("yes", "no"), most=1),
    ),
    needs=lambda _values: ("calls.view",),
    make=_make,
)
