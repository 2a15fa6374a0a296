"""Hearing through a service that speaks OpenAI's form, against a real local one; and what is refused offline."""

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from core.errors import PermanentError, SettingsError, TollwatchError
from core.recordings.cues import Cue
from core.recordings.offline_english import OfflineEnglish
from core.recordings.speech_errors import (
    TranscriptionBusyError,
    TranscriptionKeyError,
    TranscriptionLanguageError,
    TranscriptionRefusedError,
    TranscriptionTooLargeError,
    TranscriptionUnusableError,
)
from core.recordings.transcribe import TranscriptionService, transcriber
from core.settings import Settings, load_settings
from tests.local_server import local_server

KEY = "tr-test-91fa77c2"
HEARD: dict[str, Any] = {
    "task": "transcribe",
    "language": "spanish",
    "duration": 9.5,
    "text": "Buenos días. La línea se corta.",
    "segments": [
        {"id": 1, "start": 4.25, "end": 9.0, "text": " La línea\n se corta.\u202e"},
        {"id": 0, "start": 0.0, "end": 3.5, "text": " Buenos días.", "no_speech_prob": 0.01, "avg_logprob": -0.2},
        {"id": 2, "start": 9.0, "end": 8.0, "text": " fin"},
        {"id": 3, "start": 9.1, "end": 9.4, "text": " Gracias por ver", "no_speech_prob": 0.9, "avg_logprob": -1.4},
        {"id": 4, "start": -3, "end": "x", "text": ""},
    ],
}


@dataclass
class Service:
    """``answers`` are given in turn, then what was heard; keeps the fields, the sound and the headers it got."""

    url: str = ""
    answers: deque[Response] = field(default_factory=deque)
    fields: list[dict[str, str]] = field(default_factory=list)
    sounds: list[bytes] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        async with request.form() as form:
            self.fields.append({name: value for name, value in form.items() if isinstance(value, str)})
            sound = form["file"]
            assert not isinstance(sound, str)
            self.sounds.append(await sound.read())
        self.keys.append(request.headers.get("authorization", ""))
        return self.answers.popleft() if self.answers else JSONResponse(HEARD)


@pytest.fixture(scope="module")
def running() -> Iterator[Service]:
    service = Service()
    app = Starlette(routes=[Route("/v1/audio/transcriptions", service.answer, methods=["POST"])])
    with local_server(app) as port:
        service.url = f"http://127.0.0.1:{port}/v1/"
        yield service


@pytest.fixture
def service(running: Service) -> Service:
    for kept in (running.answers, running.fields, running.sounds, running.keys):
        kept.clear()
    return running


@pytest.fixture
def audio(tmp_path: Path) -> Path:
    path = tmp_path / "call.mp3"
    path.write_bytes(os.urandom(3000))
    return path


def configured(service: Service, tmp_path: Path, **changes: Any) -> Settings:
    fields = {
        "data_dir": tmp_path / "var",
        "transcription_url": service.url,
        "transcription_api_key": KEY,
        "allow_insecure_endpoints": True,
    }
    return load_settings({**fields, **changes})


def heard_by(service: Service, tmp_path: Path, **changes: Any) -> TranscriptionService:
    made = transcriber(configured(service, tmp_path, **changes))
    assert isinstance(made, TranscriptionService)
    return made


def test_segments_become_cues_in_order_without_silence_taken_for_words(
    service: Service, tmp_path: Path, audio: Path
) -> None:
    made = heard_by(service, tmp_path)
    assert made.source == "service"
    assert made.transcribe(audio, "es-CO") == [
        Cue(0, 3500, "", "Buenos días."),
        Cue(4250, 9000, "", "La línea se corta."),
        Cue(9000, 9000, "", "fin"),
    ]
    assert service.fields == [{"model": "whisper-1", "response_format": "verbose_json", "language": "es"}]
    assert service.sounds == [audio.read_bytes()]
    assert service.keys == [f"Bearer {KEY}"]


def test_language_and_key_are_sent_only_where_known(service: Service, tmp_path: Path, audio: Path) -> None:
    heard_by(service, tmp_path, transcription_api_key="").transcribe(audio, None)
    heard_by(service, tmp_path, transcription_language="en").transcribe(audio, None)
    assert [fields.get("language") for fields in service.fields] == [None, "en"]
    assert service.keys[0] == ""


def test_an_answer_without_segments_is_one_cue(service: Service, tmp_path: Path, audio: Path) -> None:
    service.answers.append(JSONResponse({"text": "hola", "duration": 2.5}))
    assert heard_by(service, tmp_path).transcribe(audio, None) == [Cue(0, 2500, "", "hola")]
    service.answers.append(JSONResponse({"text": ""}))
    assert heard_by(service, tmp_path).transcribe(audio, None) == []


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503])
def test_a_busy_service_is_asked_again(service: Service, tmp_path: Path, audio: Path, status: int) -> None:
    service.answers.extend([PlainTextResponse("later", status, headers={"retry-after": "99999999"})] * 2)
    assert len(heard_by(service, tmp_path).transcribe(audio, None)) == 3
    assert len(set(service.sounds)) == 1
    assert len(service.sounds) == 3


@pytest.mark.parametrize(
    ("answer", "error", "times"),
    [
        (PlainTextResponse("no", 401), TranscriptionKeyError, 1),
        (PlainTextResponse("no", 403), TranscriptionKeyError, 1),
        (PlainTextResponse("no", 400), TranscriptionRefusedError, 1),
        (PlainTextResponse("no", 404), TranscriptionRefusedError, 1),
        (PlainTextResponse("no", 415), TranscriptionRefusedError, 1),
        (PlainTextResponse("no", 413), TranscriptionTooLargeError, 1),
        (RedirectResponse("http://127.0.0.1:9/", 307), TranscriptionRefusedError, 1),
        (PlainTextResponse("<html>portal</html>"), TranscriptionUnusableError, 1),
        (JSONResponse([1, 2]), TranscriptionUnusableError, 1),
        (JSONResponse({"text": 7}), TranscriptionUnusableError, 1),
        (JSONResponse({"segments": "x"}), TranscriptionUnusableError, 1),
        (JSONResponse({"segments": [1]}), TranscriptionUnusableError, 1),
        (JSONResponse({"hello": "world"}), TranscriptionUnusableError, 1),
        (PlainTextResponse("busy", 503), TranscriptionBusyError, 3),
    ],
)
def test_the_kind_of_error_says_whether_it_is_tried_again(
    service: Service, tmp_path: Path, audio: Path, answer: Response, error: type[TollwatchError], times: int
) -> None:
    service.answers.extend([answer] * 3)
    with pytest.raises(error) as caught:
        heard_by(service, tmp_path).transcribe(audio, "es")
    assert len(service.sounds) == times
    assert isinstance(caught.value, PermanentError) is (times == 1)
    assert KEY not in str(caught.value) + str(caught.value.facts)


def test_a_recording_that_is_too_large_is_never_sent(service: Service, tmp_path: Path, audio: Path) -> None:
    with audio.open("ab") as file:
        file.truncate((1 << 20) + 1)
    with pytest.raises(TranscriptionTooLargeError):
        heard_by(service, tmp_path, transcription_largest_mb=1).transcribe(audio, None)
    assert service.sounds == []


def test_nobody_there_is_a_busy_service(service: Service, tmp_path: Path, audio: Path) -> None:
    with pytest.raises(TranscriptionBusyError):
        heard_by(service, tmp_path, transcription_url="http://127.0.0.1:9").transcribe(audio, None)


def test_a_service_without_encryption_is_refused_unless_permitted(service: Service, tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        transcriber(configured(service, tmp_path, allow_insecure_endpoints=False))


@pytest.mark.parametrize(("language", "otherwise"), [("es", "en"), ("es-CO", ""), (None, ""), (None, "es"), ("pt", "")])
def test_the_offline_model_hears_nothing_that_is_not_known_to_be_english(
    audio: Path, language: str | None, otherwise: str
) -> None:
    with pytest.raises(TranscriptionLanguageError):
        OfflineEnglish(otherwise).transcribe(audio, language)


def test_nobody_hears_where_nothing_is_set_up(service: Service, tmp_path: Path) -> None:
    made = transcriber(configured(service, tmp_path, transcription_url=""))
    assert made is None or isinstance(made, OfflineEnglish)
