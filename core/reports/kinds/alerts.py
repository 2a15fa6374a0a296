"""Alerts and verdicts: what was raised, how it was judged, how soon somebody owned and closed it."""

from collections.abc import Iterator, Mapping, Sequence

from core.access import people
from core.alerts import explain
from core.alerts.filters import AlertFilter
from core.alerts.query import Stats
from core.alerts.vocabulary import VERDICTS, alert_types
from core.detection.finding import SEVERITIES
from core.language import Language
from core.reports import alert_figures, offered
from core.reports.alert_figures import Group, median
from core.reports.document import Content, Figure, Table
from core.reports.registry import Choice, Parameter, Report
from core.reports.scene import Scene
from core.reports.spelling import sentences
from core.services import Services

RANKS = 10


def _rules(_services: Services, language: Language) -> list[Choice]:
    named = [Choice(kind, explain.rule_name(kind, language)) for kind in alert_types()]
    return sorted(named, key=lambda one: one.label.casefold())


def _filter(scene: Scene) -> AlertFilter:
    given = {name: list(scene.given(name)) for name in ("severity", "site", "rule", "verdict")}
    return AlertFilter.from_query({name: values for name, values in given.items() if values})


def _make(scene: Scene) -> Content:
    asked = _filter(scene)
    wanted = alert_figures.in_period(asked, scene.period)
    before = alert_figures.in_period(asked, scene.period.previous())
    parts = scene.period.parts()
    with scene.services.database.read() as session:
        now_stats = alert_figures.stats(session, wanted, scene.now)
        then_stats = alert_figures.stats(session, before, scene.now)
        closed = (
            alert_figures.closed_between(session, scene.period),
            alert_figures.closed_between(session, scene.period.previous()),
        )
        raised = alert_figures.by_severity(session, wanted, parts, scene.now)
        groups = alert_figures.grouped(session, wanted, ("rule", "site", "owner"), scene.now)
        called = people.called(session)
    worst_first = tuple(reversed(SEVERITIES))
    none = [0] * len(parts)
    series = {scene.named("alerts.severities", one): raised.get(one, none) for one in worst_first}
    return Content(
        figures=_figures(scene, now_stats, then_stats, closed),
        pictures=(
            scene.picture("by_time", "bars", [part.since for part in parts], series, ("red", "amber", "blue", "grey")),
            scene.picture(
                "rules",
                "ranks",
                [explain.rule_name(group.value, scene.language) for group in groups["rule"][:RANKS]],
                {scene.text("columns.raised"): [group.raised for group in groups["rule"][:RANKS]]},
            ),
            scene.picture(
                "verdicts",
                "ranks",
                [scene.named("alerts.verdicts", verdict) for verdict in VERDICTS],
                {scene.text("columns.alerts"): [now_stats.by_verdict.get(verdict, 0) for verdict in VERDICTS]},
            ),
        ),
        tables=(
            *(_groups(scene, name, found, called) for name, found in groups.items()),
            _list(scene, wanted, called),
        ),
        sentence=sentences(clause for _, clause in asked.clauses(scene.language)),
    )


def _figures(scene: Scene, now: Stats, then: Stats, closed: tuple[int, int]) -> tuple[Figure, ...]:
    return (
        scene.figure("raised", now.total, "count", then.total),
        scene.figure("closed", closed[0], "count", closed[1]),
        scene.figure("precision", now.precision, "share", then.precision),
        scene.figure("cost_at_risk", now.cost_at_risk, "money", then.cost_at_risk),
        scene.figure("to_own", now.seconds_to_own, "seconds", then.seconds_to_own),
        scene.figure("to_resolve", now.seconds_to_resolve, "seconds", then.seconds_to_resolve),
    )


def _groups(scene: Scene, name: str, groups: Sequence[Group], called: Mapping[str, str]) -> Table:
    def words(value: object) -> str:
        return explain.rule_name(str(value), scene.language) if name == "rule" else called.get(str(value), str(value))

    columns = (
        scene.column(name, words=words),
        scene.column("raised", "count"),
        scene.column("closed", "count"),
        *(scene.column(verdict, "count") for verdict in VERDICTS),
        scene.column("precision", "share"),
        scene.column("cost", "money"),
        scene.column("to_own", "seconds"),
        scene.column("to_resolve", "seconds"),
    )
    rows = [
        (
            group.value,
            group.raised,
            group.closed,
            *(group.verdicts.get(verdict, 0) for verdict in VERDICTS),
            group.precision,
            round(group.cost, 2),
            median(group.to_own),
            median(group.to_resolve),
        )
        for group in groups
    ]
    return scene.table(f"by_{name}", columns, rows)


def _list(scene: Scene, wanted: AlertFilter, called: Mapping[str, str]) -> Table:
    columns = (
        scene.column("id"),
        scene.column("raised_at", "instant"),
        scene.column("severity", words=lambda value: scene.named("alerts.severities", value)),
        scene.column("alert"),
        scene.column("who"),
        scene.column("site"),
        scene.column("state", words=lambda value: scene.named("alerts.states", value)),
        scene.column("owner", words=lambda value: called.get(value, value)),
        scene.column("calls", "count"),
        scene.column("cost", "money"),
        scene.column("resolved_at", "instant"),
        scene.column("verdict", words=lambda value: scene.named("alerts.verdicts", value)),
    )

    def rows() -> Iterator[tuple[object, ...]]:
        for row in alert_figures.listed(scene.services.database, wanted, scene.now):
            yield (
                row.public_id, row.emitted_at, row.severity, explain.title(row, scene.language),
                row.entity_name or row.entity, row.site, row.state, row.owner, row.evidence_count, round(row.cost, 2),
                row.resolved_at, row.verdict,
            )  # fmt: skip

    return scene.table("list", columns, rows)


REPORT = Report(
    name="alerts",
    order=40,
    icon=":material/notifications_active:",
    parameters=(
        Parameter("severity", offered.severities, SEVERITIES),
        Parameter("site", offered.sites),
        Parameter("rule", _rules),
        Parameter("verdict", offered.texts("alerts.verdicts", VERDICTS), VERDICTS),
    ),
    needs=lambda _values: ("alerts.view",),
    make=_make,
)
