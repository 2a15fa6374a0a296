"""Taking a deletion back: what was asked of Webex and not begun is called off, what was done there is told."""

import pytest

from core.calls.table import CallTable
from core.clock import SteppedClock
from core.errors import NotFoundError
from core.recordings import query, work
from core.recordings.deleting import delete_in_webex
from core.recordings.errors import DeletionUnderWayError
from core.services import Services
from core.settings import Settings
from core.store import audit, commands
from core.store.audit import AuditFilter
from core.store.engine import Database
from core.store.models.operations import Command
from tests.conftest import NOON
from tests.recordings.rows import recording, store


def deleted(database: Database, **more: bool) -> tuple[int, int | None]:
    """A recording that was deleted, and the number of what was asked of Webex."""
    with database.write() as session:
        number = store(session, recording(1)).id
        return number, work.delete(session, number, reason="Wrong number", actor="ana", at=NOON, **more)


def restored(database: Database, number: int) -> str:
    with database.write() as session:
        return work.restore(session, number, actor="ana", at=NOON)


def test_a_deletion_in_webex_that_nobody_began_is_called_off(database: Database, clock: SteppedClock) -> None:
    number, asked = deleted(database, in_webex=True)
    assert asked is not None
    assert restored(database, number) == "cancelled"
    assert commands.claim(database, ["run_job"], clock, 60) == []
    with database.read() as session:
        told = session.get_one(Command, asked)
        assert (told.state, told.result) == (commands.DONE, {"outcome": commands.WITHDRAWN})
        assert query.one(session, number).deleted_at is None
        [noted] = audit.entries(session, AuditFilter(action="recordings.restore")).entries
    assert noted.detail == {"in_webex": "cancelled"}


def test_while_webex_is_being_asked_nothing_is_taken_back(database: Database, clock: SteppedClock) -> None:
    number, _ = deleted(database, in_webex=True)
    [claimed] = commands.claim(database, ["run_job"], clock, 60)
    with pytest.raises(DeletionUnderWayError):
        restored(database, number)
    with database.read() as session:
        assert query.one(session, number, with_deleted=True).deleted_at
    commands.fail(database, claimed, NotFoundError(what="recording"), clock)
    assert restored(database, number) == "kept"
    with pytest.raises(NotFoundError):
        restored(database, number)


def test_what_webex_carried_out_is_told_and_stays_so(sqlite_database: Database) -> None:
    number, _ = deleted(sqlite_database, in_webex=True)
    with sqlite_database.write() as session:
        query.one(session, number, with_deleted=True).deleted_in_webex_at = NOON
    assert restored(sqlite_database, number) == "deleted"
    with sqlite_database.read() as session:
        row = query.one(session, number)
    assert (row.deleted_at, row.deleted_in_webex_at) == (None, NOON)


def test_an_old_wish_never_deletes_in_webex_what_was_deleted_anew_here_alone(
    settings: Settings, clock: SteppedClock, sqlite_database: Database
) -> None:
    services = Services(settings, clock, sqlite_database, CallTable(settings.calls_path))
    number, asked = deleted(services.database, in_webex=True)
    assert asked is not None
    with services.database.read() as session:
        version = session.get_one(Command, asked).arguments["version"]
    assert restored(services.database, number) == "cancelled"
    with services.database.write() as session:
        assert work.delete(session, number, reason="Again", actor="ana", at=NOON) is None
    with pytest.raises(NotFoundError):
        delete_in_webex(services, number, version)
