"""The second net over whole days, by night: an Isolation Forest over everybody's days of four weeks judges yesterday.

Only jobs load the library; the decision itself is the detector ``user_day_outlier``.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from core.alerts.filters import AlertFilter
from core.alerts.query import Reader, count
from core.alerts.vocabulary import STATES
from core.alerts.watching import receive_all
from core.detection import tuning
from core.detection.baselines import MEMORY_DAYS
from core.detection.calendar import day_name
from core.detection.detectors.user_day_outlier import Oddity, verdict
from core.detection.finding import AlertDraft, Finding
from core.detection.live import stored_calls, stored_directory
from core.detection.observation import DAY, Observation, observations
from core.detection.registry import detector
from core.detection.replay import first_copies
from core.detection.user_days import UserDay, features
from core.services import Services
from jobs.registry import JobContext, job

ID = "user_day_outlier"
TREES, SAMPLE = 200, 1024
NOISE = 0.15
LEAST_TRAINING = 200
"""Fewer user-days than these tell nothing about what is odd."""


@job("user_day_outliers", cron="50 5 * * *")
def user_day_outliers(context: JobContext) -> Mapping[str, Any]:
    """Judge the last finished local day of every user."""
    services = context.services
    now = services.clock.now()
    directory = stored_directory(services)
    with services.database.read() as session:
        changes, policy = tuning.parameter_changes(session), tuning.policy(session)
    if ID in policy.disabled:
        return {"state": "switched_off"}
    table = stored_calls(services, (now - timedelta(days=MEMORY_DAYS + 2)).date())
    days = days_of(first_copies(observations(table, directory)))
    yesterday = max((day.day for day in days), default=0)
    yesterday -= yesterday * DAY + DAY > now.timestamp()
    parameters = detector(ID).with_changes(changes.get(ID, {}))
    found = list(outliers(days, yesterday, parameters))
    drafts = []
    for day, finding in found:
        told = policy.judge(ID, finding)
        if told is not None and not directory.in_campaign(day.user, day.day) and not _is_told(services, day):
            drafts.append(draft_of(day, told, math.ceil(now.timestamp())))
    received = receive_all(services, drafts, actor="detection", fence=context.fence) if drafts else []
    return {"user_days": len(days), "raised": sum(one.is_new for one in received)}


def _is_told(services: Services, day: UserDay) -> bool:
    """Whether an alert about the user was raised since the day began."""
    since = datetime.fromtimestamp(min(leg.started for leg in day.legs), UTC)
    filter = AlertFilter(states=STATES, entity_kind="user", entity=day.user, muted="all", since=since)
    with services.database.read() as session:
        return count(session, filter, Reader(services.clock.now())) > 0


def days_of(legs: Iterable[Observation]) -> list[UserDay]:
    """The legs by user and local day; services have no days."""
    by_day: dict[tuple[str, int], list[Observation]] = {}
    for leg in legs:
        if not leg.service:
            by_day.setdefault((leg.user, leg.day), []).append(leg)
    return [UserDay(user, day, mine) for (user, day), mine in by_day.items()]


def outliers(
    days: Sequence[UserDay], judged: int, parameters: Mapping[str, float]
) -> Iterator[tuple[UserDay, Finding]]:
    """The days numbered ``judged`` that the detector tells, against the four weeks before."""
    from sklearn.ensemble import IsolationForest

    before = [day for day in days if judged - MEMORY_DAYS <= day.day < judged]
    today = [day for day in days if day.day == judged]
    if len(before) < LEAST_TRAINING or not today:
        return
    known = [features(day.legs) for day in before]
    own: dict[str, list[list[float]]] = {}
    for day, figures in zip(before, known, strict=True):
        own.setdefault(day.user, []).append(figures)
    forest = IsolationForest(n_estimators=TREES, max_samples=min(SAMPLE, len(known)), random_state=1, n_jobs=1)
    # A figure that never changed is never split on; a little noise lets the forest see when it does.
    noisy = np.array(known) + np.random.default_rng(1).uniform(-NOISE, NOISE, (len(known), len(known[0])))
    forest.fit(noisy)
    training = (-forest.score_samples(np.array(known))).tolist()
    scores = (-forest.score_samples(np.array([features(day.legs) for day in today]))).tolist()
    for day, score in zip(today, scores, strict=True):
        finding = verdict(Oddity(day, score, training, own.get(day.user, [])), parameters)
        if finding is not None:
            yield day, finding


def draft_of(day: UserDay, finding: Finding, at: int) -> AlertDraft:
    """The draft of an alert about one day, emitted ``at`` (seconds since 1970)."""
    known = detector(ID)
    evidence = list(finding.evidence)
    return AlertDraft(
        detector=ID,
        severity=finding.severity,
        entity_kind="user",
        entity=day.user,
        entity_name=evidence[0].user_name,
        destination_group=finding.group,
        local_day=day_name(day.day),
        emitted_at=at,
        evidence=[leg.report_id for leg in evidence],
        explanation={
            "detector": ID,
            "version": known.version,
            "observed": dict(finding.observed),
            "expected": dict(finding.expected),
        },
        cost=sum(leg.cost for leg in evidence),
        dedupe_key=f"{ID}|{day.user}|day|{day_name(day.day)}",
    )
