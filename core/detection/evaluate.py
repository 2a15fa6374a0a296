"""How good alerts are against labelled incidents: recall, precision, false alerts per 1,000 users and day, delay.

An alert is true when at least half of its evidence belongs to one incident. An incident is found when a true alert
points at it; its delay runs from the Report time of its first record to the first such alert.
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from core.detection.finding import SEVERITIES
from core.detection.observation import DAY

TRUE_SHARE = 0.5
_SEVERE = SEVERITIES[SEVERITIES.index("high") :]


@dataclass(frozen=True)
class Incident:
    """One labelled abuse; ``began`` is the Report time (epoch seconds) of its first record."""

    id: str
    kind: str
    records: frozenset[str]
    began: float


@dataclass(frozen=True)
class Judged:
    """One alert and the incident it points at, if any."""

    detector: str
    severity: str
    emitted_at: float
    incident: str | None
    entity: str = ""


@dataclass
class Score:
    """The figures of one run; delays in minutes."""

    incidents: int = 0
    found: int = 0
    alerts: int = 0
    true_alerts: int = 0
    false_per_thousand: float = 0.0
    severe_false_per_thousand: float = 0.0
    delay_median: float | None = None
    delay_p90: float | None = None
    in_campaigns: int = 0
    by_kind: dict[str, tuple[int, int, float | None]] = field(default_factory=dict)
    false_by_detector: dict[str, int] = field(default_factory=dict)

    @property
    def recall(self) -> float:
        """Found incidents of all."""
        return self.found / self.incidents if self.incidents else 1.0

    @property
    def precision(self) -> float:
        """True alerts of all."""
        return self.true_alerts / self.alerts if self.alerts else 1.0


def incidents_of(labels: Iterable[Mapping[str, Any]]) -> list[Incident]:
    """Incidents from rows ``{"id", "kind", "began", "records": [Report ID…]}``; ``began`` in epoch seconds or ISO 8601.

    The sandbox's own labels say ``started`` (of the first call) and ``report_ids`` instead. Raises ``KeyError`` for
    what is missing, ``TypeError`` or ``ValueError`` for what cannot be meant.
    """
    return [
        Incident(
            id=str(row["id"]),
            kind=str(row.get("kind", "")),
            records=frozenset(row["report_ids"] if "report_ids" in row else row["records"]),
            began=_seconds(row["started"] if "started" in row else row["began"]),
        )
        for row in labels
    ]


def _seconds(told: Any) -> float:
    """Epoch seconds of a number or of an instant in ISO 8601, UTC unless it says otherwise."""
    try:
        return float(told)
    except ValueError:
        at = datetime.fromisoformat(told)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def judge(alerts: Iterable[Mapping[str, Any]], incidents: Sequence[Incident]) -> list[Judged]:
    """Each alert line with the incident that at least half of its evidence belongs to."""
    incident_of = {record: incident.id for incident in incidents for record in incident.records}
    judged = []
    for alert in alerts:
        evidence = alert["evidence"]
        hits = Counter(incident_of[record] for record in evidence if record in incident_of)
        best, count = hits.most_common(1)[0] if hits else (None, 0)
        points_at = best if count and count >= TRUE_SHARE * len(evidence) else None
        judged.append(
            Judged(
                alert["detector"],
                alert["severity"],
                float(alert["emitted_at"]),
                points_at,
                str(alert.get("entity", "")),
            )
        )
    return judged


def score(judged: Sequence[Judged], incidents: Sequence[Incident], *, users: int, days: float) -> Score:
    """The figures; ``users`` and ``days`` say over how much quiet the false alerts are spread."""
    first: dict[str, float] = {}
    for alert in judged:
        if alert.incident is not None:
            first[alert.incident] = min(alert.emitted_at, first.get(alert.incident, alert.emitted_at))
    delays = {incident.id: (first[incident.id] - incident.began) / 60 for incident in incidents if incident.id in first}
    false = [alert for alert in judged if alert.incident is None]
    exposure = max(1e-9, users * days / 1000)
    result = Score(
        incidents=len(incidents),
        found=len(delays),
        alerts=len(judged),
        true_alerts=len(judged) - len(false),
        false_per_thousand=len(false) / exposure,
        severe_false_per_thousand=sum(alert.severity in _SEVERE for alert in false) / exposure,
        delay_median=quantile(list(delays.values()), 0.5),
        delay_p90=quantile(list(delays.values()), 0.9),
        false_by_detector=dict(Counter(alert.detector for alert in false).most_common()),
    )
    for kind in sorted({incident.kind for incident in incidents}):
        of_kind = [incident for incident in incidents if incident.kind == kind]
        known = [delays[incident.id] for incident in of_kind if incident.id in delays]
        result.by_kind[kind] = (len(known), len(of_kind), quantile(known, 0.5))
    return result


def false_in_campaigns(judged: Iterable[Judged], campaigns: Mapping[str, Container[int]]) -> int:
    """False alerts on users during their campaigns; ``campaigns`` tells each user's days since 1970 (UTC)."""
    return sum(
        alert.incident is None and int(alert.emitted_at // DAY) in campaigns.get(alert.entity, ()) for alert in judged
    )


def quantile(values: list[float], share: float) -> float | None:
    """The value that ``share`` of ``values`` do not exceed, interpolated; ``None`` of none."""
    if not values:
        return None
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)
