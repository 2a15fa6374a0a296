"""Recordings: how many, how long, how far they were taken, in which language and mood."""

from collections.abc import Sequence
from dataclasses import replace

from core.recordings.summary import LABELS
from core.recordings.vocabulary import STATES
from core.reports import offered
from core.reports.custom.source import Asked
from core.reports.custom.sources import RECORDINGS
from core.reports.document import Content, Figure, Picture, Row, Table
from core.reports.moments import beginning
from core.reports.registry import Parameter, Report
from core.reports.scene import Scene

RANKS = 10
_MEASURES = ("recordings", "minutes", "completed", "with_transcript", "with_summary", "negative")
_PARAMETERS = ("state", "site", "language", "sentiment")
_WORDS = {"state": "recordings.states", "sentiment": "recordings_page.feelings"}


def _asked(scene: Scene, *group: str) -> Asked:
    filters = {name: scene.given(name) for name in _PARAMETERS if scene.given(name)}
    return Asked(group=group, measures=_MEASURES, sort=_MEASURES[0], filters=filters)


def _make(scene: Scene) -> Content:
    step = scene.period.step
    asked = replace(_asked(scene, step), sort=step)
    rows = {row[0]: row[1:] for row in RECORDINGS.grouped(scene, asked)}
    parts = scene.period.parts()
    counts = [rows.get(beginning(part, step, scene.period.clock), (0,))[0] for part in parts]
    by = {name: RECORDINGS.grouped(scene, _asked(scene, name)) for name in ("site", "state", "sentiment", "owner")}
    return Content(
        figures=_figures(scene),
        pictures=(
            scene.picture(
                "by_time", "bars", [part.since for part in parts], {scene.text("columns.recordings"): counts}
            ),
            _ranks(scene, "state", by["state"]),
            _ranks(scene, "sentiment", by["sentiment"]),
        ),
        tables=tuple(_table(scene, name, found) for name, found in by.items()),
        sentence=RECORDINGS.sentence(scene, _asked(scene)),
    )


def _figures(scene: Scene) -> tuple[Figure, ...]:
    before = replace(scene, period=scene.period.previous())
    now, then = (RECORDINGS.grouped(each, _asked(scene))[0] for each in (scene, before))
    return tuple(scene.figure(name, now[i], RECORDINGS.kind_of(name), then[i]) for i, name in enumerate(_MEASURES))


def _named(scene: Scene, name: str, value: object) -> str:
    if not value:
        return "–"
    return scene.named(_WORDS[name], value) if name in _WORDS else str(value)


def _ranks(scene: Scene, name: str, rows: Sequence[Row]) -> Picture:
    shown = [row for row in rows if row[0]][:RANKS]
    labels = [_named(scene, name, row[0]) for row in shown]
    return scene.picture(name, "ranks", labels, {scene.text("columns.recordings"): [row[1] for row in shown]})


def _table(scene: Scene, name: str, rows: Sequence[Row]) -> Table:
    columns = (
        scene.column(name, words=(lambda value: _named(scene, name, value)) if name in _WORDS else None),
        *(scene.column(measure, RECORDINGS.kind_of(measure)) for measure in _MEASURES),
    )
    return scene.table(f"by_{name}", columns, rows)


REPORT = Report(
    name="recordings",
    order=50,
    icon=":material/graphic_eq:",
    parameters=(
        Parameter("state", offered.texts("recordings.states", STATES), STATES),
        Parameter("site", offered.sites),
        Parameter("sentiment", offered.texts("recordings_page.feelings", LABELS), LABELS),
    ),
    needs=lambda _values: ("recordings.view",),
    make=_make,
)
