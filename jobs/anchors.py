"""Two simple ways to find abuse, to compare detection with: static thresholds, and an Isolation Forest a day."""

import math
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from core.detection.observation import DAY, Observation
from core.detection.user_days import features

HOUR = 3600
CALLS_AN_HOUR, CALLS_ABROAD_A_DAY, NIGHT_CALLS = 30, 5, 5
CONCURRENT, LONG_SECONDS, INBOUND_TEN_MINUTES, FORWARDED_ABROAD = 4, 2 * HOUR, 15, 1
RISKY_TIER = 3
TRAINING_DAYS, TREES, SAMPLE = 21, 200, 1024
SUSPICIOUS_SHARE = 0.004
_MOST_EVIDENCE = 200


def static_thresholds(legs: Iterable[Observation]) -> Iterator[dict[str, Any]]:
    """Alerts of fixed limits, the same for everybody; at most one a rule, user and day."""
    recent: dict[tuple[str, str], deque[Observation]] = {}
    told: set[tuple[str, str, int]] = set()
    for leg in legs:
        for rule, severity, span, limit in _rules(leg):
            window = recent.setdefault((rule, leg.user), deque())
            window.append(leg)
            while window[0].reported < leg.reported - span:
                window.popleft()
            if len(window) >= limit and (rule, leg.user, leg.day) not in told:
                told.add((rule, leg.user, leg.day))
                yield _alert(f"static_{rule}", severity, leg.user, leg.reported, list(window))


def _rules(leg: Observation) -> Iterator[tuple[str, str, float, int]]:
    if leg.inbound_public:
        yield "inbound", "high", 600, INBOUND_TEN_MINUTES
    if not (leg.outbound and leg.external):
        return
    abroad = leg.to.foreign or leg.premium
    if leg.redirected and abroad:
        yield "forward", "high", DAY, FORWARDED_ABROAD
    if abroad and (leg.to.tier >= RISKY_TIER or leg.premium):
        yield "risky", "high", DAY, 1
    if abroad:
        yield "abroad", "medium", DAY, CALLS_ABROAD_A_DAY
    if leg.quiet:
        yield "night", "medium", 8 * HOUR, NIGHT_CALLS
    if leg.seconds >= LONG_SECONDS:
        yield "long", "medium", DAY, 1
    yield "volume", "high", HOUR, CALLS_AN_HOUR


def isolation_forest(legs: Iterable[Observation]) -> Iterator[dict[str, Any]]:
    """Alerts of a forest over user-days, trained on the first three weeks, judged at each day's end."""
    from sklearn.ensemble import IsolationForest

    by_day: dict[int, dict[str, list[Observation]]] = {}
    for leg in legs:
        by_day.setdefault(leg.day, {}).setdefault(leg.user, []).append(leg)
    days = sorted(by_day)
    training = [features(mine) for day in days[:TRAINING_DAYS] for mine in by_day[day].values()]
    if not training:
        return
    forest = IsolationForest(n_estimators=TREES, max_samples=min(SAMPLE, len(training)), random_state=1, n_jobs=1)
    forest.fit(np.array(training))
    limit = float(np.quantile(forest.score_samples(np.array(training)), SUSPICIOUS_SHARE))
    for day in days[TRAINING_DAYS:]:
        users = list(by_day[day])
        scores = forest.score_samples(np.array([features(by_day[day][user]) for user in users]))
        for user, score in zip(users, scores.tolist(), strict=True):
            if score < limit:
                mine = by_day[day][user]
                yield _alert("isolation_forest", "low", user, max(leg.reported for leg in mine), mine)


def _alert(name: str, severity: str, user: str, at: float, evidence: list[Observation]) -> dict[str, Any]:
    # A day's calls are mostly innocent even under attack, so the suspicious ones stand for it.
    suspicious = [leg for leg in evidence if leg.to.foreign or leg.premium or leg.quiet] or evidence
    return {
        "detector": name,
        "severity": severity,
        "entity": user,
        "kind": "user",
        "emitted_at": math.ceil(at),
        "evidence": [leg.report_id for leg in suspicious[-_MOST_EVIDENCE:]],
    }
