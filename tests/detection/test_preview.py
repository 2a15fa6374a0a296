"""A preview tells what a change would raise, over stored calls, and leaves nothing else behind."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from core.calls.ingest import store_records
from core.clock import SteppedClock
from core.detection import preview, tuning
from core.detection.finding import SEVERITIES, AlertDraft
from core.detection.tuning import Tuning
from core.errors import InvalidInputError, NotFoundError
from core.services import Services, open_services
from core.settings import Settings
from core.store import commands
from core.store.models.detection import DetectionPreview
from jobs.preview_detection import preview_detection
from jobs.registry import JobContext
from tests.calls.records import uuid_of
from tests.detection.fixtures import BEGIN, record, routine

NIGHT = BEGIN + timedelta(days=20, hours=22)
ATTACK = [record(8_000_000 + n, "ana", NIGHT + timedelta(minutes=9 * n), f"+5351234{n:04d}", 500) for n in range(10)]


@pytest.fixture
def services(settings: Settings) -> Services:
    """A store with three ordinary weeks and one attack."""
    opened = open_services(settings, SteppedClock(NIGHT + timedelta(hours=12)))
    store_records(opened, [*routine(20, ""), *ATTACK], source="import", origin="weeks")
    return opened


def asked(services: Services, proposal: Tuning) -> int:
    with services.database.write() as session:
        return preview.ask(session, "international_calls", proposal, asked_by="ana", at=services.clock.now()).id


def test_a_preview_shows_what_vanishes_and_changes_nothing(services: Services) -> None:
    number = asked(services, Tuning(is_enabled=False))
    with services.database.read() as session:
        (command,) = commands.recent(session)
    assert command.arguments == {"job": "preview_detection", "preview": number}
    outcome = preview_detection(JobContext(services, arguments={"preview": number}))
    with services.database.read() as session:
        row = preview.latest(session, "international_calls")
        assert row is not None
        assert (row.state, row.done, row.finished_at) == (preview.DONE, row.total, services.clock.now())
        assert tuning.parameter_changes(session) == {}
    assert row.result is not None
    assert sum(row.result["now"].values()) >= 1
    assert sum(row.result["then"].values()) <= sum(row.result["now"].values())
    assert row.result["now"] != row.result["then"] or row.result["changed"] + row.result["vanished"] == 0
    assert outcome["legs"] == row.total


def test_a_capped_detector_shows_as_changed(services: Services) -> None:
    number = asked(services, Tuning(severity_cap="low"))
    preview_detection(JobContext(services, arguments={"preview": number}))
    with services.database.read() as session:
        row = session.get(DetectionPreview, number)
    assert row is not None
    assert row.result is not None
    changed = row.result["examples"]["changed"]
    assert [one["entity"] for one in changed] == [uuid_of("ana")]
    assert SEVERITIES.index(changed[0]["severity"]) < SEVERITIES.index(changed[0]["was"])


def test_one_whose_connection_to_the_database_broke_is_tried_again(services: Services) -> None:
    number = asked(services, Tuning(is_enabled=False))

    def broken(_done: int, _total: int | None, _doing: str) -> None:
        raise OperationalError("UPDATE", {}, OSError("server closed the connection"), connection_invalidated=True)

    with pytest.raises(OperationalError):
        preview_detection(JobContext(services, arguments={"preview": number}, progress=broken))
    with services.database.read() as session:
        assert session.get_one(DetectionPreview, number).state == preview.RUNNING
    preview_detection(JobContext(services, arguments={"preview": number}))
    with services.database.read() as session:
        assert session.get_one(DetectionPreview, number).state == preview.DONE


def test_one_that_is_told_to_stop_begins_again_later(services: Services) -> None:
    number = asked(services, Tuning({"score": 8}))
    assert preview_detection(JobContext(services, arguments={"preview": number}, stopping=lambda: True)) == {}
    with services.database.read() as session:
        row = session.get(DetectionPreview, number)
    assert row is not None
    assert (row.state, row.result) == (preview.ASKED, None)


def test_what_cannot_be_previewed_is_refused(services: Services) -> None:
    with pytest.raises(InvalidInputError):
        asked(services, Tuning({"score": -1}))
    with pytest.raises(InvalidInputError):
        preview_detection(JobContext(services, arguments={"preview": "1"}))
    with pytest.raises(NotFoundError):
        preview_detection(JobContext(services, arguments={"preview": 99}))


def draft(entity: str, severity: str, *records: str) -> AlertDraft:
    made = AlertDraft("d", "low", "user", entity, entity, "", "", 1, list(records), {}, 0.0, f"{entity}{records}")
    return replace(made, severity=severity)  # type: ignore[arg-type]


def test_alerts_are_the_same_when_they_share_a_record_of_one_entity() -> None:
    now = [draft("a", "high", "1", "2"), draft("b", "low", "3"), draft("c", "low", "9")]
    then = [draft("a", "medium", "2"), draft("b", "low", "4"), draft("c", "low", "9")]
    found = preview.compared(now, then)
    assert (found["appeared"], found["vanished"], found["changed"]) == (1, 1, 1)
    assert found["now"] == {"low": 2, "medium": 0, "high": 1, "critical": 0}
    assert [one["entity"] for one in found["examples"]["vanished"]] == ["b"]
