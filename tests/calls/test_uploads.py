"""Files that a page received, hostile ones among them."""

import io
import resource
import signal
from collections.abc import Iterator

import pytest

from core.calls import uploads
from core.calls.errors import StorageFullError
from core.errors import NotFoundError
from core.settings import Settings


@pytest.fixture
def little_room() -> Iterator[None]:
    """No file of this process can grow beyond a thousand bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize(
    "name",
    ["../../state.db", "..\\..\\state.db", "/etc/passwd", "..", "", "\x00", "a" * 5000, ".hidden", "ñ\u202egpj.csv"],
)
def test_no_name_leads_out_of_its_folder(settings: Settings, name: str) -> None:
    kept = uploads.path_of(settings, uploads.keep(settings, name, io.BytesIO(b"content")))
    assert kept.parent.parent == settings.data_dir / uploads.FOLDER
    assert kept.read_bytes() == b"content"
    assert len(kept.name) <= 120


@pytest.mark.parametrize("upload", ["", "..", "../calls", "00000000-0000-0000-0000-000000000000"])
def test_an_id_that_is_none_leads_nowhere(settings: Settings, upload: str) -> None:
    with pytest.raises(NotFoundError):
        uploads.path_of(settings, upload)


def test_without_room_nothing_is_left_behind(settings: Settings, little_room: None) -> None:
    with pytest.raises(StorageFullError) as told:
        uploads.keep(settings, "calls.csv", io.BytesIO(b"x" * 5000))
    assert told.value.remedy("es")
    assert list((settings.data_dir / uploads.FOLDER).iterdir()) == []
