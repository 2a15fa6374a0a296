"""A summary in the other language: asked for once more, made once, kept beside the original and found by its words."""

from pathlib import Path

import pytest

from core.assistant.errors import AssistantOffError
from core.clock import SteppedClock
from core.errors import InvalidInputError, NotFoundError
from core.recordings import query, translations
from core.recordings.filters import RecordingFilter
from core.services import Services
from core.store import commands
from jobs.registry import JobContext
from jobs.translate_summary import translate_summary
from tests.assistant.messages_server import MessagesServer
from tests.conftest import NOON
from tests.recordings.heard.conftest import server, services, with_settings
from tests.recordings.heard.test_translate import translated
from tests.recordings.rows import recording, store

__all__ = ["server", "services"]


def test_it_is_made_once_and_kept_beside_the_original(services: Services, server: MessagesServer) -> None:
    with services.database.write() as session:
        number = store(session, recording(1)).id
        command = translations.request_translation(session, number, "en", requested_by="ana", at=NOON)
        arguments = dict(commands.find(session, command).arguments)
    server.answers.append(translated())
    context = JobContext(services, arguments=arguments)
    assert translate_summary(context) == {"outcome": "made"}
    assert translate_summary(context) == {"outcome": "known"}
    with services.database.read() as session:
        whole = query.whole(session, query.one(session, number))
        assert query.count(session, RecordingFilter(text="EN reclama"), NOON) == 1
    assert whole.summaries["en"].is_translation
    assert whole.summaries["en"].answer["claims"][0]["cue"] == 1
    assert whole.summary is whole.summaries["es"]
    assert (whole.row.summary_source, whole.row.sentiment_label) == ("local", "neutral")


def test_what_cannot_be_translated_is_said(services: Services, clock: SteppedClock, tmp_path: Path) -> None:
    with services.database.write() as session:
        mute = store(session, recording(1, cue_count=0, summary_source=""), ())
        said = store(session, recording(2))
        with pytest.raises(NotFoundError):
            translations.request_translation(session, mute.id, "en", requested_by="ana", at=NOON)
        with pytest.raises(InvalidInputError):
            translations.request_translation(session, said.id, "fr", requested_by="ana", at=NOON)
    off = with_settings(services.database, clock, tmp_path / "off")
    with pytest.raises(AssistantOffError):
        translations.translate(off, said.id, "en")
    with pytest.raises(InvalidInputError):
        translate_summary(JobContext(services, arguments={"id": "x", "into": "en"}))
