"""Recordings summed up without Claude get its summary later: few at once, many as a batch, none twice."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from core.recordings.backfill import BackfillCounts, catch_up
from core.recordings.summary_batches import FEWEST
from core.services import Services
from core.store.models.recordings import RecordingRow, RecordingSummaryRow, SummaryBatchRow
from tests.assistant.messages_server import MessagesServer, failed, message, said
from tests.recordings.heard.told import TURNS, claim, summary
from tests.recordings.rows import recording, store

GENERAL = summary(
    summary=[claim("La línea se corta.", 1, "se corta desde el lunes")], bullets=[], action_items=[], topics=[]
)


def fill(services: Services, count: int, error_code: str = "") -> None:
    with services.database.write() as session:
        for number in range(1, count + 1):
            row = recording(number, word_count=60)
            store(session, row, TURNS)
            session.scalars(
                select(RecordingSummaryRow).where(RecordingSummaryRow.recording_id == row.id)
            ).one().error_code = error_code


def sources(services: Services) -> list[str]:
    with services.database.read() as session:
        return list(session.scalars(select(RecordingRow.summary_source).order_by(RecordingRow.id)))


def batch_states(services: Services) -> Sequence[str]:
    with services.database.read() as session:
        return session.scalars(select(SummaryBatchRow.state)).all()


def test_few_are_summed_up_at_once_and_then_left_alone(services: Services, server: MessagesServer) -> None:
    fill(services, 2)
    server.answers.extend([said(GENERAL), said(GENERAL)])
    assert catch_up(services) == BackfillCounts(summed_up=2)
    assert sources(services) == ["claude", "claude"]
    assert catch_up(services) == BackfillCounts()


@pytest.mark.parametrize("code", ["assistant_declined", "assistant_unusable"])
def test_what_claude_did_not_do_is_not_asked_again(services: Services, server: MessagesServer, code: str) -> None:
    fill(services, 1, code)
    assert catch_up(services) == BackfillCounts()
    assert server.sent == []


def test_a_closed_door_is_tried_once_a_run(services: Services, server: MessagesServer) -> None:
    fill(services, 3, "assistant_key")
    server.answers.extend([failed(401, "authentication_error")] * 3)
    assert catch_up(services) == BackfillCounts()
    assert len(server.sent) == 1


def test_many_go_as_a_batch_and_come_back_when_it_is_ready(services: Services, server: MessagesServer) -> None:
    fill(services, FEWEST + 2)
    assert catch_up(services) == BackfillCounts(handed_over=FEWEST + 2, batches_open=1)
    assert catch_up(services) == BackfillCounts(batches_open=1)
    assert len(server.sent) == 1
    names = [request["custom_id"] for request in server.sent[0]["requests"]]
    server.batch_lines = [
        {"custom_id": name, "result": {"type": "succeeded", "message": message(GENERAL)}} for name in reversed(names)
    ]
    assert catch_up(services) == BackfillCounts(summed_up=FEWEST + 2)
    assert set(sources(services)) == {"claude"}
    assert batch_states(services) == ["done"]
    assert catch_up(services) == BackfillCounts()
