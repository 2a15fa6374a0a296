"""Working alerts: any sequence of changes leaves one row each, versions grow by one, nobody undoes another's unseen."""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import func, select

from core.alerts import query, work
from core.alerts.cases import Entity
from core.alerts.errors import AlertChangedError, AlertStateError
from core.alerts.manual import ManualAlert, create
from core.alerts.mutes import MuteScope
from core.alerts.receive import receive_drafts
from core.alerts.timeline import entries
from core.alerts.vocabulary import VERDICTS
from core.alerts.work import Actor, Target
from core.errors import InvalidInputError, NotFoundError
from core.store import audit
from core.store.audit import AuditFilter
from core.store.engine import Database
from core.store.migrate import upgrade
from core.store.models.alerts import AlertRow, CaseRow, TimelineRow
from tests.alerts.drafts import draft, legs
from tests.conftest import NOON

GRACE = Actor("grace@example", NOON)
ADA = Actor("ada@example", NOON + timedelta(minutes=1))


def raised(database: Database, *names: str) -> list[int]:
    drafts = [draft(name, who=name, evidence=(f"{name} 1",)) for name in names]
    with database.write() as session:
        received = receive_drafts(session, drafts, at=NOON, legs=legs(*(f"{name} 1" for name in names)))
    return [one.alert_id for one in received]


class Desk(RuleBasedStateMachine):
    """One alert under any sequence of changes, beside a model of what its state should be."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="desk-")
        self.database = Database(f"sqlite:///{Path(self.folder.name) / 'state.db'}")
        upgrade(self.database)
        self.number = raised(self.database, "ana")[0]
        self.state, self.acknowledged, self.version, self.rows = "open", False, 1, 1
        self.minutes = 0

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()

    def _do(self, is_allowed: bool, act: Any, *, stale: bool, **arguments: Any) -> bool:
        self.minutes += 1
        stale = stale and self.version > 1
        actor = Actor("ada@example" if stale else "grace@example", NOON + timedelta(minutes=self.minutes))
        of_hers = 1 if self.minutes % 2 else self.version
        target = Target(self.number, self.version - 1 if stale else of_hers)
        before = self._version()
        try:
            with self.database.write() as session:
                act(session, target, actor, **arguments)
        except AlertChangedError:
            assert stale
            return False
        except AlertStateError:
            assert not is_allowed
            assert not stale
            return False
        assert not stale
        if self._version() == before:
            return False
        assert is_allowed
        self.version += 1
        self.rows += 1
        return True

    def _version(self) -> int:
        with self.database.read() as session:
            return query.one(session, self.number).version

    @rule(stale=st.booleans())
    def acknowledge(self, stale: bool) -> None:
        is_allowed = self.state != "resolved" and not self.acknowledged
        self.acknowledged = self._do(is_allowed, work.acknowledge, stale=stale) or self.acknowledged

    @rule(stale=st.booleans(), owner=st.sampled_from(["", "ada@example", "grace@example"]))
    def assign(self, stale: bool, owner: str) -> None:
        done = self._do(self.state != "resolved", work.assign, stale=stale, owner=owner)
        self.acknowledged = self.acknowledged or (done and owner == "grace@example")

    @rule(stale=st.booleans())
    def investigate(self, stale: bool) -> None:
        if self._do(self.state == "open", work.investigate, stale=stale):
            self.state, self.acknowledged = "investigating", True

    @rule(stale=st.booleans(), verdict=st.sampled_from(VERDICTS))
    def close(self, stale: bool, verdict: str) -> None:
        if self._do(self.state != "resolved", work.close, stale=stale, verdict=verdict, notes="seen"):
            self.state, self.acknowledged = "resolved", True

    @rule(stale=st.booleans())
    def reopen(self, stale: bool) -> None:
        if self._do(self.state == "resolved", work.reopen, stale=stale):
            self.state = "open"

    @rule()
    def comment(self) -> None:
        with self.database.write() as session:
            work.comment(session, self.number, GRACE, text="looked")
        self.rows += 1

    @invariant()
    def what_is_stored_is_the_model(self) -> None:
        with self.database.read() as session:
            row = query.one(session, self.number)
            rows = list(reversed(entries(session, self.number)))
            case = session.get_one(CaseRow, row.case_id)
        assert (row.state, row.is_open, row.version) == (self.state, self.state != "resolved", self.version)
        assert (row.acknowledged_at is not None) == self.acknowledged
        assert (row.resolved_at is not None, bool(row.verdict)) == (self.state == "resolved",) * 2
        assert case.state == self.state
        assert len(rows) == self.rows
        for before, after in pairwise(rows):
            assert after.from_state == before.to_state
        assert rows[-1].to_state == self.state


Desk.TestCase.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
TestDesk = Desk.TestCase


def test_a_change_made_from_an_older_version_names_who_was_quicker(database: Database) -> None:
    number = raised(database, "ana")[0]
    with database.write() as session:
        work.acknowledge(session, Target(number, 1), GRACE)
    with pytest.raises(AlertChangedError) as stale, database.write() as session:
        work.close(session, Target(number, 1), ADA, verdict="benign")
    assert stale.value.facts["who"] == "grace@example"
    assert "grace@example" in stale.value.message("es")
    with database.read() as session:
        assert query.one(session, number).state == "open"
        assert session.scalar(select(func.count()).select_from(TimelineRow)) == 2


def test_what_the_machine_adds_and_what_one_did_oneself_refuses_nobody(database: Database) -> None:
    number = raised(database, "ana")[0]
    more = [draft("ana", who="ana", severity="critical", evidence=("ana 1", "ana 2", "ana 3"))]
    with database.write() as session:
        receive_drafts(session, more, at=NOON, legs=legs("ana 1", "ana 2", "ana 3"))
        scope = MuteScope(entity_kind="user", entity="ana")
        work.mute(session, GRACE, scope, expires_at=NOON + timedelta(days=1), reason="conference")
    for change in (work.acknowledge, work.acknowledge, work.investigate, work.investigate):
        with database.write() as session:
            row = change(session, Target(number, 1), ADA)
    assert (row.version, row.severity, row.acknowledged_by, row.owner) == (3, "critical", ADA.name, ADA.name)
    with pytest.raises(AlertChangedError) as stale, database.write() as session:
        work.close(session, Target(number, 1), GRACE, verdict="benign")
    assert stale.value.facts["who"] == ADA.name
    with pytest.raises(InvalidInputError), database.write() as session:
        work.close(session, Target(number, 9), GRACE, verdict="benign")


def test_several_at_once_do_what_can_be_done(database: Database) -> None:
    numbers = raised(database, "ana", "bob", "cid")
    with database.write() as session:
        work.close(session, Target(numbers[1]), GRACE, verdict="duplicate")
    outcomes = work.bulk(
        database,
        [*(Target(number, 1) for number in numbers), Target(999)],
        lambda session, target: work.close(session, target, ADA, verdict="benign", notes="all the same"),
    )
    assert [type(outcome.error) for outcome in outcomes] == [type(None), AlertChangedError, type(None), NotFoundError]
    with database.read() as session:
        verdicts = {row.id: row.verdict for row in session.scalars(select(AlertRow))}
    assert [verdicts[number] for number in numbers] == ["benign", "duplicate", "benign"]


def test_a_mute_hides_what_it_covers_and_nothing_else(database: Database) -> None:
    numbers = raised(database, "ana", "bob")
    scope = MuteScope(entity_kind="user", entity="ana")
    with database.write() as session:
        work.mute(session, GRACE, scope, expires_at=NOON + timedelta(days=1), reason="conference")
    with database.read() as session:
        hidden = [query.one(session, number).muted_until is not None for number in numbers]
        entry = audit.entries(session, AuditFilter(action="alerts.muted")).entries[0]
    assert hidden == [True, False]
    assert entry.detail["reason"] == "conference"


@pytest.mark.parametrize(
    ("scope", "hours", "reason"),
    [
        (MuteScope(), 1, "everything"),
        (MuteScope(detector="long_call"), 0, "no time"),
        (MuteScope(detector="long_call"), 24 * 400, "for ever"),
        (MuteScope(detector="long_call"), 1, "  "),
    ],
)
def test_a_mute_without_bounds_or_reason_is_refused(
    sqlite_database: Database, scope: MuteScope, hours: int, reason: str
) -> None:
    with pytest.raises(InvalidInputError), sqlite_database.write() as session:
        work.mute(session, GRACE, scope, expires_at=NOON + timedelta(hours=hours), reason=reason)


def test_a_deletion_is_audited_and_leaves_the_case(database: Database) -> None:
    number = raised(database, "ana")[0]
    with database.write() as session:
        work.delete(session, Target(number, 1), GRACE, reason="entered twice")
    with database.read() as session:
        with pytest.raises(NotFoundError):
            query.one(session, number)
        entry = audit.entries(session, AuditFilter(action="alerts.deleted")).entries[0]
        assert (entry.actor, entry.detail["reason"]) == ("grace@example", "entered twice")
        assert session.scalars(select(CaseRow.alerts)).one() == 0


def test_the_same_manual_alert_sent_by_many_at_once_is_one(database: Database) -> None:
    new = ManualAlert("Odd calls", "high", Entity("user", "ana", "Ana", "Bogotá"), key="ticket 7")
    together = Barrier(6)

    def send(_: int) -> int:
        together.wait()
        with database.write() as session:
            return create(session, new, GRACE).id

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(send, range(6)))) == 1
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(AlertRow)) == 1
        assert session.scalar(select(func.count()).select_from(TimelineRow)) == 1
