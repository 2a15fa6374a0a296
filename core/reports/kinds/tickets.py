"""Tickets by state and priority: how many, how soon owned and resolved, which promises were kept."""

from collections.abc import Iterator

from core.reports import offered, ticket_figures
from core.reports.document import Content, Figure, Table
from core.reports.registry import Parameter, Report
from core.reports.scene import Scene
from core.reports.spelling import sentences
from core.store.models.tickets import TicketRow
from core.tickets.figures import TicketStats
from core.tickets.filters import TicketFilter
from core.tickets.vocabulary import PRIORITIES, SOURCES, STATES, public_id

_PARAMETERS = ("state", "priority", "source", "site")


def _make(scene: Scene) -> Content:
    filters = {name: scene.given(name) for name in _PARAMETERS}
    wanted = ticket_figures.in_period(filters, scene.period)
    before = ticket_figures.in_period(filters, scene.period.previous())
    parts = scene.period.parts()
    with scene.services.database.read() as session:
        now, then = (ticket_figures.figures(session, each, scene.now) for each in (wanted, before))
        grid = ticket_figures.by_state_and_priority(session, wanted, scene.now)
        made = ticket_figures.over_time(session, wanted, parts, TicketRow.created_at, TicketRow.priority, scene.now)
        resolved = ticket_figures.resolved_by_day(session, filters, parts, scene.now)
    begins = [part.since for part in parts]
    none = [0] * len(parts)
    worst_first = tuple(reversed(PRIORITIES))
    by_priority = {scene.named("tickets.priorities", one): made.get(one, none) for one in worst_first}
    all_made = [sum(values) for values in zip(*(made.get(one, none) for one in PRIORITIES), strict=True)]
    return Content(
        figures=_figures(scene, now, then),
        pictures=(
            scene.picture("by_time", "bars", begins, by_priority, ("red", "amber", "blue", "grey")),
            scene.picture(
                "made_and_resolved",
                "lines",
                begins,
                {scene.text("series.made"): all_made, scene.text("series.resolved"): resolved},
            ),
            scene.picture(
                "states",
                "ranks",
                [scene.named("tickets.states", state) for state in now.by_state],
                {scene.text("columns.tickets"): list(now.by_state.values())},
            ),
        ),
        tables=(_grid(scene, grid), _sources(scene, now), _list(scene, wanted)),
        sentence=sentences(clause for _, clause in TicketFilter.from_query(filters).clauses(scene.language)),
    )


def _figures(scene: Scene, now: TicketStats, then: TicketStats) -> tuple[Figure, ...]:
    return (
        scene.figure("tickets", now.total, "count", then.total),
        scene.figure("open", now.open, "count", then.open),
        scene.figure("kept", now.resolve.share, "share", then.resolve.share),
        scene.figure("overdue", now.overdue, "count"),
        scene.figure("to_own", now.to_own.median, "seconds", then.to_own.median),
        scene.figure("to_resolve", now.to_resolve.median, "seconds", then.to_resolve.median),
    )


def _grid(scene: Scene, grid: dict[tuple[str, str], int]) -> Table:
    columns = (
        scene.column("state", words=lambda value: scene.named("tickets.states", value)),
        *(scene.column(f"priority_{priority}", "count") for priority in PRIORITIES),
        scene.column("total", "count"),
    )
    rows = []
    for state in STATES:
        counts = [grid.get((state, priority), 0) for priority in PRIORITIES]
        if any(counts):
            rows.append((state, *counts, sum(counts)))
    return scene.table("by_state", columns, rows)


def _sources(scene: Scene, now: TicketStats) -> Table:
    columns = (
        scene.column("source", words=lambda value: scene.named("tickets.sources", value)),
        scene.column("tickets", "count"),
    )
    return scene.table("by_source", columns, sorted(now.by_source.items(), key=lambda item: (-item[1], item[0])))


def _list(scene: Scene, wanted: TicketFilter) -> Table:
    columns = (
        scene.column("id"),
        scene.column("created_at", "instant"),
        scene.column("title"),
        scene.column("priority", words=lambda value: scene.named("tickets.priorities", value)),
        scene.column("state", words=lambda value: scene.named("tickets.states", value)),
        scene.column("source", words=lambda value: scene.named("tickets.sources", value)),
        scene.column("site"),
        scene.column("owned_at", "instant"),
        scene.column("resolved_at", "instant"),
        scene.column("due_at", "instant"),
    )

    def rows() -> Iterator[tuple[object, ...]]:
        for row in ticket_figures.listed(scene.services.database, wanted, scene.now):
            title = str((row.texts.get("title") or {}).get(scene.language) or row.title)
            yield (
                public_id(row.id), row.created_at, title, row.priority, row.state, row.source, row.site, row.owned_at,
                row.resolved_at, row.due_at,
            )  # fmt: skip

    return scene.table("list", columns, rows)


REPORT = Report(
    name="tickets",
    order=20,
    icon=":material/confirmation_number:",
    parameters=(
        Parameter("state", offered.texts("tickets.states", STATES), STATES),
        Parameter("priority", offered.texts("tickets.priorities", PRIORITIES), PRIORITIES),
        Parameter("source", offered.texts("tickets.sources", SOURCES), SOURCES),
        Parameter("site", offered.sites),
    ),
    needs=lambda _values: ("tickets.view",),
    make=_make,
)
