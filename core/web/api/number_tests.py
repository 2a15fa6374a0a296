"""Scheduled tests of numbers for programs: the tests with their last result, and the results of one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from core.language import Language
from core.number_tests import book, query, slots, words
from core.number_tests.definition import NumberTest, definition_of
from core.store.models.number_tests import NumberTestRow, NumberTestRunRow
from core.web.api.parameters import Identifier, Opened
from core.web.identity import Caller, require
from core.web.paging import DEFAULT_LIMIT, CursorText, Limit, Paged

router = APIRouter(tags=["number tests"])

Viewer = Annotated[Caller, Depends(require("dialer.view"))]


class ResultOut(BaseModel):
    """One run; instants are UTC, `answered_after` is seconds from dialing to the answer.

    `outcome` is `running`, `passed`, `missed`, `unobserved` or `not_dialled`; the last two say nothing of the number.
    """

    id: int
    slot: datetime
    began_at: datetime
    ended_at: datetime | None
    outcome: str
    reason: str
    message: str
    answered_after: float | None
    call_id: str | None
    asked_by: str | None
    alert_id: int | None


class NumberTestOut(BaseModel):
    """A test; hours are full hours by the clock of `time_zone`, `weekdays` count from Monday = 0."""

    id: int
    name: str
    number: str
    endpoint: str | None
    site: str | None
    caller_id: str | None
    expects: str
    within_seconds: int
    hold_seconds: int
    weekdays: list[int]
    first_hour: int
    last_hour: int
    time_zone: str
    every_minutes: int
    is_enabled: bool
    next_at: datetime | None
    misses_in_a_row: int
    alert_id: int | None
    last_result: ResultOut | None


class ResultsParameters(BaseModel):
    """Which page of results."""

    cursor: CursorText = None
    limit: Limit = DEFAULT_LIMIT


@router.get("/number-tests")
def tests(services: Opened, caller: Viewer) -> Paged[NumberTestOut]:
    """Every test by name, with its last result."""
    now = services.clock.now()
    with services.database.read() as session:
        rows = book.listed(session)
        last = query.recent(session, [row.id for row in rows], each=1)
    return Paged(items=[_test(row, last, now, caller.language) for row in rows])


@router.get("/number-tests/{test_id}/results")
def results(
    test_id: Identifier, services: Opened, caller: Viewer, asked: Annotated[ResultsParameters, Query()]
) -> Paged[ResultOut]:
    """The results of a test, newest first."""
    with services.database.read() as session:
        page = query.results(session, test_id, cursor=asked.cursor, limit=asked.limit)
    items = [_result(row, caller.language) for row in page.rows]
    return Paged(items=items, next=page.next, previous=page.previous)


def _test(
    row: NumberTestRow, last: Mapping[int, list[NumberTestRunRow]], now: datetime, language: Language
) -> NumberTestOut:
    told: dict[str, Any] = {name: getattr(row, name) for name in NumberTest.__dataclass_fields__ if name != "media"}
    told |= {name: told[name] or None for name in ("endpoint", "site", "caller_id")}
    runs = last.get(row.id)
    return NumberTestOut(
        **told,
        id=row.id,
        is_enabled=row.is_enabled,
        next_at=slots.following(definition_of(row), now) if row.is_enabled else None,
        misses_in_a_row=row.misses_in_a_row,
        alert_id=row.alert_id,
        last_result=_result(runs[-1], language) if runs else None,
    )


def _result(row: NumberTestRunRow, language: Language) -> ResultOut:
    return ResultOut(
        id=row.id,
        slot=row.slot,
        began_at=row.began_at,
        ended_at=row.ended_at,
        outcome=row.outcome,
        reason=row.reason,
        message=words.reason_words(row, language),
        answered_after=row.answered_after,
        call_id=row.call_id,
        asked_by=row.asked_by or None,
        alert_id=row.alert_id,
    )
