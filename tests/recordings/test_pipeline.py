"""From Webex's list to a recording that can be heard, read and searched, and why one of them is not."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core.errors import InvalidInputError, NotFoundError
from core.recordings import work
from core.recordings.deleting import delete_in_webex
from core.sandbox.credentials import LAUNCHER_HEADER
from core.store import audit
from core.store.engine import Database
from core.store.models.recordings import RecordingCueRow, RecordingStepRow, RecordingSummaryRow, RecordingWordRow
from core.webex import oauth
from core.webex.errors import RecordingsRightMissingError
from jobs.process_recordings import delete_recordings_in_webex
from jobs.registry import JobContext
from tests.recordings.conftest import Recorder, recorder_for
from tests.sandbox.conftest import RunningCloud


def test_recordings_are_taken_as_far_as_they_go(
    database: Database, cloud: RunningCloud, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for library in ("httpx", "httpcore", "uvicorn"):
        caplog.set_level(logging.WARNING, logger=library)  # As core.logs keeps them in the product.
    recorder = recorder_for(database, cloud, tmp_path)
    recorder.connect()
    kept = recorder.kept()
    troubles = dict(zip([one["id"] for one in kept], ["none", "prevented", "no_transcript", "html"], strict=False))
    for webex_id, trouble in troubles.items():
        recorder.trouble(webex_id, trouble)
    counts = recorder.run()
    assert (counts["listed"], counts["new"], counts["worked"]) == (5, 5, 5)
    whole, prevented, silent, broken = (recorder.row(webex_id) for webex_id in troubles)

    assert (whole.state, whole.quality, whole.steps_done, whole.problem_code) == ("completed", 1.0, 6, "")
    clip_language = kept[0]["language"]
    assert (whole.language, whole.transcript_source, whole.summary_source) == (clip_language, "webex", "local")
    day = whole.recorded_at
    assert whole.audio_path == f"recordings/{day:%Y/%m/%d}/{whole.id}.mp3"
    assert recorder.audio(whole).stat().st_size == whole.audio_bytes == whole.promised_bytes
    assert whole.audio_type == "audio/mpeg"
    assert whole.waveform
    assert abs((whole.audio_seconds or 0) - whole.duration_seconds) < 2
    assert whole.call_session_key
    assert whole.call_half_id.endswith(":0")
    assert whole.recording_type == "alwaysON"
    assert whole.caller_number.startswith("+")
    assert (whole.callee_name, whole.callee_email) == (whole.owner_name, whole.owner_email)
    assert whole.site

    assert (prevented.state, prevented.problem_step, prevented.problem_code) == (
        "partial",
        "download_audio",
        "recording_download_prevented",
    )
    assert prevented.quality == pytest.approx(2 / 6, abs=0.001)
    assert (silent.problem_step, silent.problem_code) == ("transcript", "recording_no_transcript")
    assert silent.steps_done == 3
    assert recorder.steps(broken)["download_audio"].error_code == "recording_wrong_content"
    assert recorder.steps(broken)["transcript"].state == "done"
    assert not broken.audio_path

    _check_words(recorder, whole.id)
    _check_no_links(recorder, caplog.text)

    recorder.clock.step(120)
    recorder.run()
    assert recorder.row(broken.webex_id_as_given).state == "completed"
    recorder.trouble(prevented.webex_id_as_given, "none")
    recorder.clock.step(7 * 3600)
    recorder.run()
    assert recorder.row(prevented.webex_id_as_given).state == "completed"


def _check_words(recorder: Recorder, recording: int) -> None:
    """Cues in order, each judged; each word of them in the search, folded."""
    with recorder.services.database.read() as session:
        cues = session.scalars(select(RecordingCueRow).where(RecordingCueRow.recording_id == recording)).all()
        words = set(
            session.scalars(select(RecordingWordRow.word).where(RecordingWordRow.recording_id == recording)).all()
        )
        summaries = session.scalars(
            select(RecordingSummaryRow).where(RecordingSummaryRow.recording_id == recording)
        ).all()
    assert [cue.ordinal for cue in cues] == list(range(len(cues)))
    assert len(cues) >= 5
    assert all(cue.sentiment is not None for cue in cues)
    assert len({cue.speaker for cue in cues}) >= 1
    assert {"gracias", "thank", "thanks", "para", "the"} & words
    assert all(word.isascii() or not any(sign in "áéíóúñ" for sign in word) for word in words)
    assert len(summaries) == 1


def _check_no_links(recorder: Recorder, logged: str) -> None:
    """A link is a secret: it stands in no table and in no log."""
    assert "ticket=" not in logged
    with recorder.services.database.read() as session:
        for table in inspect(recorder.services.database.engine).get_table_names():
            for row in session.execute(select(text("*")).select_from(text(f'"{table}"'))):
                assert "ticket=" not in str(row), table


def test_without_a_compliance_officer_the_sound_is_missing_and_comes_with_one(unheard: Recorder) -> None:
    unheard.run(hours=30, limit=2)
    rows = unheard.rows()
    assert len(rows) == 2
    assert {(row.state, row.quality, row.problem_code) for row in rows} == {
        ("partial", 0.3333, "recording_compliance_missing")
    }
    steps = unheard.steps(rows[0])
    assert {name: step.state for name, step in steps.items()} == {
        "fetch_details": "done",
        "fetch_metadata": "done",
        "download_audio": "unavailable",
        "transcript": "unavailable",
        "generate_summary": "waiting",
        "detect_language": "waiting",
    }
    unheard.clock.step(60)
    assert unheard.run()["worked"] == 3, "only those that were not listed before"
    unheard.connect()
    counts = unheard.run()
    assert (counts["worked"], counts["completed"]) == (5, 5)


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        ({"missing_scopes": "spark-compliance:recordings_read"}, "recording_compliance_scope"),
        ({"compliance_role_missing": True}, "recording_compliance_role"),
    ],
)
def test_a_missing_scope_is_told_from_a_missing_role(unheard: Recorder, faults: dict[str, object], code: str) -> None:
    unheard.cloud.control("faults", **faults)
    unheard.connect()
    unheard.run(hours=30, limit=1)
    (row,) = unheard.rows()
    assert (row.problem_step, row.problem_code) == ("download_audio", code)
    unheard.cloud.control("faults", missing_scopes="", compliance_role_missing=False)


def test_what_webex_makes_late_completes_itself(recorder: Recorder) -> None:
    newest = recorder.kept()[0]
    made = datetime.fromisoformat(newest["created"])
    recorder.clock.step((made - recorder.clock.now()).total_seconds() + 30)
    recorder.trouble(newest["id"], "late_transcript")
    recorder.run(hours=2, limit=1)
    row = recorder.row(newest["id"])
    assert (row.problem_step, row.problem_code) == ("download_audio", "recording_not_ready")
    assert row.next_at == recorder.clock.now() + timedelta(minutes=10)
    recorder.clock.step(11 * 60)
    recorder.run()
    assert recorder.row(newest["id"]).problem_code == "recording_transcript_late"
    assert recorder.audio(recorder.row(newest["id"])).exists()
    recorder.clock.step(40 * 60)
    recorder.run()
    assert recorder.row(newest["id"]).state == "completed"


class BreakingOnce(Database):
    """A database whose connection breaks the first time that a step reads from it."""

    has_broken = False

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session, after the break; the first within a step is refused."""
        with super().read() as session:
            at_work = session.scalar(select(RecordingStepRow.step).where(RecordingStepRow.state == "running"))
            if at_work is not None and not self.has_broken:
                self.has_broken = True
                raise OperationalError("SELECT", {}, OSError("closed by the server"), connection_invalidated=True)
            yield session


def test_a_connection_to_the_database_that_breaks_in_a_step_is_no_fault_of_the_recording(recorder: Recorder) -> None:
    breaking = BreakingOnce(recorder.services.database.url)
    recorder.services = replace(recorder.services, database=breaking)
    with pytest.raises(OperationalError):
        recorder.run(limit=1)
    states = {step.state for row in recorder.rows() for step in recorder.steps(row).values()}
    assert states <= {"waiting", "done"}
    recorder.run(limit=1)
    assert [row.problem_code for row in recorder.rows() if row.state == "completed"] == [""]
    breaking.close()


def test_metadata_that_are_not_there_yet_keep_nothing_else_back(recorder: Recorder) -> None:
    newest = recorder.kept()[0]
    recorder.trouble(newest["id"], "late_metadata")
    made = datetime.fromisoformat(newest["created"])
    recorder.clock.step((made - recorder.clock.now()).total_seconds() + 600)
    recorder.run(hours=2, limit=1)
    row = recorder.row(newest["id"])
    assert (row.state, row.problem_step, row.steps_done) == ("partial", "fetch_metadata", 5)
    recorder.clock.step(45 * 60)
    recorder.run()
    assert recorder.row(newest["id"]).caller_number


def test_a_cut_file_and_an_expired_link_are_replaced(recorder: Recorder) -> None:
    cut, expired = (one["id"] for one in recorder.kept()[:2])
    recorder.trouble(cut, "truncated")
    recorder.trouble(expired, "expired_link")
    recorder.run(hours=30, limit=2)
    assert recorder.row(expired).state == "completed", "a fresh link is asked for in the same breath"
    step = recorder.steps(recorder.row(cut))["download_audio"]
    assert step.error_code == "recording_size_differs"
    assert int(step.error_facts["received"]) < int(step.error_facts["promised"])
    recorder.clock.step(60)
    recorder.run(limit=1)
    assert recorder.row(cut).state == "completed"


def test_a_lists_owners_are_asked_one_by_one_where_webex_hides_others(recorder: Recorder) -> None:
    recorder.cloud.control("faults", recordings_own_only=True)
    counts = recorder.run(hours=100)
    assert counts["new"] == 5
    assert all(row.owner_name for row in recorder.rows())


def test_what_people_ask_is_done_and_audited(recorder: Recorder) -> None:
    services = recorder.services
    recorder.run(hours=30, limit=2)
    first, second = recorder.rows()
    with services.database.write() as session:
        work.request_fetch(session, hours=24, limit=10, requested_by="ana", at=recorder.clock.now())
        work.request_reprocess(session, [first.id], requested_by="ana", at=recorder.clock.now(), everything=True)
    assert recorder.steps(first)["transcript"].state == "waiting"
    counts = recorder.run(ids=[first.id], limit=1)
    assert (counts["worked"], counts["completed"]) == (1, 1)
    again = recorder.row(first.webex_id_as_given)
    assert (again.state, again.audio_stored_at) == ("completed", first.audio_stored_at), "sound is not fetched twice"
    with pytest.raises(NotFoundError), services.database.write() as session:
        work.request_reprocess(session, [999], requested_by="ana", at=recorder.clock.now())
    with pytest.raises(InvalidInputError), services.database.write() as session:
        work.delete(session, second.id, reason="  ", actor="ana", at=recorder.clock.now())
    with services.database.write() as session:
        work.delete(session, second.id, reason="Wrong number", actor="ana", at=recorder.clock.now())
    assert recorder.row(second.webex_id_as_given).deleted_at
    recorder.clock.step(3600)
    recorder.run(hours=30)
    assert len(recorder.rows()) == len({row.webex_id for row in recorder.rows()}), "the deleted one is known"
    assert recorder.row(second.webex_id_as_given).deleted_at
    with services.database.write() as session:
        work.restore(session, second.id, actor="ana", at=recorder.clock.now())
    with services.database.read() as session:
        actions = [entry.action for entry in audit.entries(session).entries if entry.action.startswith("recordings.")]
    assert actions == ["recordings.restore", "recordings.delete", "recordings.reprocess", "recordings.fetch"]


def test_deleting_in_webex_names_the_missing_right_and_uses_the_one_there_is(recorder: Recorder) -> None:
    services = recorder.services
    recorder.run(hours=30, limit=2)
    first, second = recorder.rows()
    with services.database.write() as session:
        for row in (first, second):
            work.delete(session, row.id, reason="Private call", actor="ana", at=recorder.clock.now(), in_webex=True)
    with pytest.raises(RecordingsRightMissingError) as refused:
        delete_in_webex(services, first.id)
    assert "recordings_write" in refused.value.facts["scope"]
    statuses = {}
    for row, kind, left in ((first, "admin", "deleted"), (second, "compliance", "purged")):
        consent(recorder, kind)
        outcome = delete_recordings_in_webex(JobContext(services, arguments={"id": row.id}))["outcome"]
        statuses[left] = outcome
        shown = {one["id"]: one["status"] for one in recorder.kept()}
        assert shown[row.webex_id_as_given] == left
        assert delete_in_webex(services, row.id) == "gone", "a second time changes nothing"
    assert statuses == {"deleted": "binned", "purged": "purged"}


def consent(recorder: Recorder, kind: Any) -> None:
    """Give the right to delete, as the link on the Connections page does."""
    address = oauth.start_authorisation(recorder.services, kind=kind, actor="ana", browser="b", deletes_recordings=True)
    answer = recorder.cloud.http.get(f"{address}&auto_consent=1", headers={LAUNCHER_HEADER: "1"})
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    oauth.finish_authorisation(
        recorder.services, state=query["state"][0], code=query["code"][0], browser="b", actor="ana"
    )
