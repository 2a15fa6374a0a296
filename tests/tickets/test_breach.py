"""Missed deadlines are told beforehand once there is enough to learn from, with reasons, better than by chance."""

import random
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select

from core.clock import SteppedClock
from core.services import Services
from core.store.engine import Database
from core.store.models.tickets import TicketModelRow, TicketPredictionRow, TicketRow, TicketTimelineRow
from core.tickets import query, timeline
from core.tickets.breach import Load, Model, Past, features
from core.tickets.deadlines import POLICY, Happening, standing
from core.tickets.policies import founding
from core.tickets.query import Reader, TicketFilter
from jobs.predict_breaches import predict_breaches
from jobs.registry import JobContext
from tests.conftest import NOON
from tests.tickets.desk import after, change, make

HOUR = timedelta(hours=1)


def past(number: int, chance: random.Random) -> list[Happening]:
    """A ticket of the past: those nobody takes soon, that change hands, and the urgent ones tend to end late."""
    priority = chance.choice(("low", "medium", "high", "critical"))
    policy = founding(priority)
    assert policy.resolve is not None
    begun = NOON - timedelta(days=300) + number * 17 * HOUR
    slow, handed = chance.random() < 0.4, chance.random() < 0.3
    hardship = (
        {"critical": 0.55, "high": 0.45}.get(priority, 0.25) + 0.6 * slow + 0.35 * handed + chance.uniform(-0.1, 0.15)
    )
    taken, ended = (0.45 if slow else 0.1) * policy.resolve, max(0.15, hardship) * policy.resolve
    happened = [Happening(begun, "created", "new", "new", {POLICY: policy.to_json()})]
    if taken < ended:
        happened.append(Happening(begun + taken, "taken", "new", "open", {"from": None, "to": 1}))
    if handed and 0.2 * policy.resolve < ended:
        at = begun + max(taken, 0.2 * policy.resolve)
        happened.append(Happening(at, "assigned", "open", "open", {"from": 1, "to": 2}))
    state = happened[-1].to_state
    return [*happened, Happening(begun + ended, "resolved", state, "resolved", {})]


def remember(database: Database, histories: list[list[Happening]]) -> int:
    """Write tickets of the past as they would stand; gives how many missed their deadline."""
    missed = 0
    with database.write() as session:
        for history in histories:
            stands = standing(history)
            values = timeline.columns(stands)
            row = TicketRow(
                source="manual", title="x", priority=stands.policy.priority, priority_rank=0, state="resolved",
                is_open=False, created_at=history[0].at, changed_at=history[-1].at, **values,
            )  # fmt: skip
            session.add(row)
            session.flush()
            rows = [{"ticket_id": row.id, "actor": "a", "reason": "", "comment": "", **vars(one)} for one in history]
            session.execute(insert(TicketTimelineRow), rows)
            missed += values["resolved_at"] > values["resolve_due_at"]
    return missed


def predictions(database: Database) -> dict[int, TicketPredictionRow]:
    with database.read() as session:
        numbers = list(session.scalars(select(TicketRow.id)))
        return query.predictions(session, numbers)


def test_what_past_tickets_teach_tells_held_out_ones_and_open_ones(services: Services) -> None:
    database, chance = services.database, random.Random(6)
    context = JobContext(services)
    assert predict_breaches(context) == {"state": "too_few"}
    missed = remember(database, [past(number, chance) for number in range(400)])
    assert 80 < missed < 320
    stuck, fresh, waiting = (make(database, title, priority="high") for title in ("stuck", "fresh", "waiting"))
    with database.write() as session:
        row = session.get_one(TicketRow, stuck)
        row.created_at = NOON - 10 * HOUR
        first = session.scalars(select(TicketTimelineRow).where(TicketTimelineRow.ticket_id == stuck)).one()
        first.at = NOON - 10 * HOUR
        timeline.settle(session, row)
    change(database, waiting, 1, "waiting", reason="the carrier")
    told = predict_breaches(context)
    assert told["judged"] == 2, "what waits has no deadline that runs"
    with database.read() as session:
        model = session.scalars(select(TicketModelRow)).one()
    assert (model.tickets, model.missed) == (400, missed)
    assert model.auc is not None
    assert model.auc > 0.75
    found = predictions(database)
    assert found[stuck].probability > 0.6 > 0.5 > found[fresh].probability
    assert {one["feature"] for one in found[stuck].reasons} & {"used", "unowned"}
    assert all(one["weight"] for one in found[stuck].reasons)
    with database.read() as session:
        assert query.whole(session, stuck).prediction is not None
        assert query.stats(session, TicketFilter(view="all"), Reader(NOON)).resolve.missed == missed
    change(database, stuck, 2, "closed")
    assert predict_breaches(context)["judged"] == 1
    assert set(predictions(database)) == {fresh}
    clock = services.clock
    assert isinstance(clock, SteppedClock)
    clock.step(21 * 3600)
    predict_breaches(context)
    with database.read() as session:
        assert len(list(session.scalars(select(TicketModelRow)))) == 2, "learnt anew every night"


def test_with_all_ends_alike_nothing_is_learnt(services: Services) -> None:
    chance = random.Random(1)
    kept = [one for number in range(500) if standing(one := past(number, chance)).resolved_at < _due(one)]  # type: ignore[operator]
    remember(services.database, kept[:210])
    assert predict_breaches(JobContext(services)) == {"state": "too_few"}


def _due(history: list[Happening]) -> datetime | None:
    return standing(history).resolve_due_at


def test_features_see_only_what_had_happened() -> None:
    history = past(3, random.Random(2))
    ticket = Past("alert", "high", history[0].at, history[-1].at, history)
    load = Load.of([(history[0].at, history[-1].at), (history[0].at - HOUR, None)])
    first = features(ticket, load, history[0].at)
    assert first is not None
    assert (first["used"], first["unowned"], first["from_alert"]) == (0.0, 1.0, 1.0)
    assert first["load"] == pytest.approx(1.0986, abs=1e-3)
    assert features(ticket, load, history[0].at - HOUR) is None
    assert features(ticket, load, history[-1].at) is None


def test_a_model_is_kept_as_plain_numbers() -> None:
    model = Model({"used": 0.5}, {"used": 0.25}, {"used": 2.0}, -1.0)
    told = Model.from_json(model.to_json()).judge({"used": 1.0})
    assert told.probability == pytest.approx(0.9526, abs=1e-3)
    assert told.reasons == [{"feature": "used", "value": 1.0, "weight": 4.0}]
    assert after(0) == NOON
