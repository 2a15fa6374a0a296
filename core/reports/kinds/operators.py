"""Operators' performance: what each has in hand, got and resolved, how soon, and which promises were kept."""

from collections.abc import Sequence

from core.reports import offered, ticket_figures
from core.reports.alert_figures import median
from core.reports.document import Content, Figure, Table
from core.reports.operator_names import operator_names
from core.reports.registry import Parameter, Report
from core.reports.scene import Scene
from core.reports.ticket_figures import Work
from core.tickets.vocabulary import PRIORITIES

RANKS = 12
_PARAMETERS = ("priority", "site")


def _make(scene: Scene) -> Content:
    filters = {name: scene.given(name) for name in _PARAMETERS}
    with scene.services.database.read() as session:
        names = operator_names(session)
        now = ticket_figures.work_of_operators(session, filters, scene.period, scene.now)
        then = ticket_figures.work_of_operators(session, filters, scene.period.previous(), scene.now)

    def named(work: Work) -> str:
        if work.operator_id is None:
            return scene.text("nobody")
        return names.get(work.operator_id) or scene.text("numbered", n=work.operator_id)

    owned = [one for one in now if one.operator_id is not None]
    return Content(
        figures=_figures(scene, now, then),
        pictures=(
            scene.picture(
                "resolved",
                "ranks",
                [named(one) for one in owned[:RANKS]],
                {scene.text("columns.resolved"): [one.resolved for one in owned[:RANKS]]},
            ),
            scene.picture(
                "load",
                "ranks",
                [named(one) for one in now[:RANKS]],
                {scene.text("columns.open"): [one.open for one in now[:RANKS]]},
            ),
        ),
        tables=(_table(scene, [(named(one), one) for one in now]),),
    )


def _figures(scene: Scene, now: Sequence[Work], then: Sequence[Work]) -> tuple[Figure, ...]:
    return (
        scene.figure("operators", sum(one.operator_id is not None for one in now), "count"),
        scene.figure("resolved", sum(one.resolved for one in now), "count", sum(one.resolved for one in then)),
        scene.figure("kept", _kept(now), "share", _kept(then)),
        scene.figure("open", sum(one.open for one in now), "count"),
        scene.figure("to_own", _middle(now, "to_own"), "seconds", _middle(then, "to_own")),
        scene.figure("to_resolve", _middle(now, "to_resolve"), "seconds", _middle(then, "to_resolve")),
    )


def _kept(works: Sequence[Work]) -> float | None:
    kept, missed = sum(one.kept for one in works), sum(one.missed for one in works)
    return kept / (kept + missed) if kept + missed else None


def _middle(works: Sequence[Work], name: str) -> float | None:
    return median(seconds for one in works for seconds in getattr(one, name))


def _table(scene: Scene, works: Sequence[tuple[str, Work]]) -> Table:
    columns = (
        scene.column("operator"),
        scene.column("assigned", "count"),
        scene.column("resolved", "count"),
        scene.column("open", "count"),
        scene.column("kept_share", "share"),
        scene.column("missed", "count"),
        scene.column("to_own", "seconds"),
        scene.column("to_resolve", "seconds"),
    )
    rows = [
        (
            name, one.assigned, one.resolved, one.open, one.kept_share, one.missed, median(one.to_own),
            median(one.to_resolve),
        )
        for name, one in works
    ]  # fmt: skip
    return scene.table("operators", columns, rows)


REPORT = Report(
    name="operators",
    order=30,
    icon=":material/support_agent:",
    parameters=(
        Parameter("priority", offered.texts("tickets.priorities", PRIORITIES), PRIORITIES),
        Parameter("site", offered.sites),
    ),
    needs=lambda _values: ("tickets.view",),
    make=_make,
)
