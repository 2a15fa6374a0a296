"""Tickets that may miss their time to resolve: learnt from past tickets every night, told of open ones every while.

Only jobs load the library; what it learns is kept as plain numbers.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np

from core.services import Services
from core.store import data_version
from core.store.models.tickets import TicketModelRow
from core.tickets import breach
from core.tickets.breach import FEATURES, LEAST_OF_EACH, LEAST_TICKETS, Model, Past
from core.tickets.create import DATA_VERSION
from jobs.registry import JobContext, job

EVERY_SECONDS = 900.0
LEARNT_FOR = timedelta(hours=20)
HELD_OUT = 0.25
"""The newest share of the past tickets, on which what the others taught is tried."""


@job("predict_breaches", every_seconds=EVERY_SECONDS, timeout_seconds=1800)
def predict_breaches(context: JobContext) -> Mapping[str, Any]:
    """Learn when it is time and there is enough to learn from, then judge what is open."""
    services = context.services
    now = services.clock.now()
    with services.database.read() as session:
        model = breach.newest_model(session)
    if model is None or now - model.trained_at >= LEARNT_FOR:
        model = _learn(services, context) or model
    if model is None:
        return {"state": "too_few"}
    with services.database.write() as session:
        context.fence(session)
        data_version.bump(session, DATA_VERSION, now)
        judged = breach.judge_open(session, model, now)
    return {"judged": judged, "auc": model.auc}


def _learn(services: Services, context: JobContext) -> TicketModelRow | None:
    now = services.clock.now()
    with services.database.read() as session:
        past = breach.ended_tickets(session)
        missed = sum(one.missed for one in past)
        if len(past) < LEAST_TICKETS or min(missed, len(past) - missed) < LEAST_OF_EACH:
            return None
        load = breach.load_of(session, past[0].created_at)
    seen = [(one, breach.looks(one, load)) for one in past]
    split = int(len(seen) * (1 - HELD_OUT))
    auc = _tried(learnt(seen[:split]), seen[split:])
    model = learnt(seen)
    if model is None:
        return None
    row = TicketModelRow(trained_at=now, tickets=len(past), missed=missed, auc=auc, weights=model.to_json())
    with services.database.write() as session:
        context.fence(session)
        breach.keep(session, row)
    return row


def learnt(seen: Sequence[tuple[Past, Sequence[Mapping[str, float]]]]) -> Model | None:
    """The model of tickets and their looks; ``None`` when they all ended alike."""
    from sklearn.linear_model import LogisticRegression

    rows, ends = _table(seen)
    if len(set(ends)) < 2:
        return None
    means, scales = rows.mean(axis=0), rows.std(axis=0)
    scales[scales < 1e-9] = 1.0
    fitted = LogisticRegression(C=1.0, max_iter=500).fit((rows - means) / scales, ends)
    return Model(
        means=_named(means),
        scales=_named(scales),
        weights=_named(fitted.coef_[0]),
        intercept=float(fitted.intercept_[0]),
    )


def _tried(model: Model | None, seen: Sequence[tuple[Past, Sequence[Mapping[str, float]]]]) -> float | None:
    """The area under the curve on tickets that did not teach; ``None`` when they all ended alike."""
    from sklearn.metrics import roc_auc_score

    ends = [one.missed for one, looks in seen for _ in looks]
    if model is None or len(set(ends)) < 2:
        return None
    told = [model.judge(look).probability for _, looks in seen for look in looks]
    return float(roc_auc_score(ends, told))


def _table(seen: Sequence[tuple[Past, Sequence[Mapping[str, float]]]]) -> tuple[Any, list[bool]]:
    rows = np.array([[look[name] for name in FEATURES] for _, looks in seen for look in looks])
    return rows, [one.missed for one, looks in seen for _ in looks]


def _named(values: Sequence[float]) -> dict[str, float]:
    return {name: float(value) for name, value in zip(FEATURES, values, strict=True)}
