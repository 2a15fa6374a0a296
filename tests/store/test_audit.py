"""The audit: append-only by the database, and a chain that shows what was done to it anyway."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from core.store import audit
from core.store.engine import Database
from tests.conftest import NOON


def fill(database: Database, count: int, **values: str) -> None:
    for number in range(count):
        with database.write() as session:
            audit.record(
                session,
                actor=values.get("actor", "ana@example.com"),
                action=values.get("action", "calls.export"),
                subject=values.get("subject", f"export {number}"),
                detail={"rows": number, "sum": 1.5, "name": "José"},
                at=NOON + timedelta(seconds=number),
            )


def drop_triggers(database: Database) -> None:
    with database.write() as session:
        if database.is_sqlite:
            session.execute(text("DROP TRIGGER audit_entry_no_update"))
            session.execute(text("DROP TRIGGER audit_entry_no_delete"))
        else:
            session.execute(text("DROP TRIGGER audit_entry_no_change ON audit_entry"))


def test_a_chain_of_entries_is_intact(database: Database) -> None:
    fill(database, 5)
    found = audit.verify(database)
    assert (found.entries, found.intact) == (5, True)
    with database.read() as session:
        assert audit.head(session) == (5, found.head)


def test_an_empty_audit_is_intact(database: Database) -> None:
    assert audit.verify(database) == audit.Verification(entries=0, head=audit.GENESIS, broken_at=None)


def test_two_entries_of_one_transaction_are_chained_and_a_rollback_leaves_none(database: Database) -> None:
    with database.write() as session:
        for action in ("users.add", "users.role"):
            audit.record(session, actor="root", action=action, at=NOON)
    with database.write() as session:
        audit.record(session, actor="root", action="users.delete", at=NOON)
        session.rollback()
    fill(database, 1)
    assert audit.verify(database).entries == 3
    assert audit.verify(database).intact


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entry SET actor = 'nobody'", "DELETE FROM audit_entry", "DELETE FROM audit_entry WHERE id = 2"],
)
def test_the_database_refuses_to_change_or_remove_entries(database: Database, statement: str) -> None:
    fill(database, 3)
    with pytest.raises(DatabaseError, match="append-only"), database.write() as session:
        session.execute(text(statement))
    assert audit.verify(database).entries == 3


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE audit_entry SET actor = 'nobody' WHERE id = 2", 2),
        ("UPDATE audit_entry SET detail = '{\"rows\": 9}' WHERE id = 3", 3),
        ("DELETE FROM audit_entry WHERE id = 2", 3),
    ],
)
def test_a_change_past_the_triggers_breaks_the_chain(database: Database, statement: str, broken_at: int) -> None:
    fill(database, 4)
    drop_triggers(database)
    with database.write() as session:
        session.execute(text(statement))
    assert audit.verify(database).broken_at == broken_at


def test_a_cut_tail_shows_in_the_head(database: Database) -> None:
    fill(database, 4)
    with database.read() as session:
        noted = audit.head(session)
    drop_triggers(database)
    with database.write() as session:
        session.execute(text("DELETE FROM audit_entry WHERE id = 4"))
    with database.read() as session:
        assert audit.head(session) != noted


def test_writers_at_once_keep_one_chain(database: Database) -> None:
    threads = [threading.Thread(target=fill, args=(database, 8)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = audit.verify(database)
    assert (found.entries, found.intact) == (32, True)


def test_pages_go_back_and_forth_without_gaps(database: Database) -> None:
    fill(database, 7)
    with database.read() as session:
        first = audit.entries(session, limit=3)
        second = audit.entries(session, before=first.next, limit=3)
        third = audit.entries(session, before=second.next, limit=3)
        back = audit.entries(session, after=third.previous, limit=3)
    assert [entry.detail["rows"] for page in (first, second, third) for entry in page.entries] == [6, 5, 4, 3, 2, 1, 0]
    assert (first.previous, third.next) == (None, None)
    assert [entry.id for entry in back.entries] == [entry.id for entry in second.entries]


def test_filters_by_actor_action_subject_and_time(database: Database) -> None:
    fill(database, 3)
    fill(database, 2, actor="eva@example.com", action="users.role.change", subject="luis")

    def count(wanted: audit.AuditFilter) -> int:
        with database.read() as session:
            return len(audit.entries(session, wanted).entries)

    assert count(audit.AuditFilter(actor="eva@example.com")) == 2
    assert count(audit.AuditFilter(action="users")) == 2
    assert count(audit.AuditFilter(action="user")) == 0
    assert count(audit.AuditFilter(subject="export 1")) == 1
    assert count(audit.AuditFilter(since=NOON + timedelta(seconds=1))) == 3
    assert count(audit.AuditFilter(until=NOON + timedelta(seconds=1), action="calls.export")) == 1


def test_an_overlong_or_odd_value_is_cut_not_refused(database: Database) -> None:
    with database.write() as session:
        audit.record(session, actor="a" * 500, action="sign_in", subject="x\x00y", detail={"at": NOON}, at=NOON)
    with database.read() as session:
        (entry,) = audit.entries(session).entries
    assert (len(entry.actor), entry.subject) == (200, "xy")
    assert audit.verify(database).intact
