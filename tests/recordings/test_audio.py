"""Files that are what they claim, as long as promised, in their place; and the shape that is drawn of them."""

import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.language import LANGUAGES
from core.recordings import audio
from core.recordings.errors import (
    ImplausibleAudioError,
    SizeDiffersError,
    UndecodableAudioError,
    WrongContentError,
)
from core.recordings.waveform import PEAKS, SLOWEST_RATE, waveform
from core.sandbox import speech
from core.settings import Settings
from core.store.models.recordings import RecordingRow
from core.webex.downloads import Received

SPOKEN = Path(speech.__file__).with_name("late_delivery.mp3")


def written(folder: Path, content: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"ID3\x04" + bytes(20), "mp3"),
        (b"\xff\xf3\x18\xc4", "mp3"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "wav"),
        (b"OggS\x00", "ogg"),
        (b"\x00\x00\x00\x18ftypM4A ", "m4a"),
    ],
)
def test_a_file_is_known_by_its_first_bytes(tmp_path: Path, content: bytes, kind: str) -> None:
    assert audio.kind_of(written(tmp_path, content)) == kind


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "empty"),
        (b"\n <!doctype html><html>", "HTML"),
        (b'{"message": "no"}', "JSON"),
        (b"MZ\x90\x00", "?"),
        (b"\xff", "?"),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, content: bytes, found: str) -> None:
    with pytest.raises(WrongContentError) as caught:
        audio.kind_of(written(tmp_path, content))
    assert caught.value.facts["found"] == found


def test_sizes_are_held_against_both_promises() -> None:
    audio.check_size(Received(1000, "audio/mpeg", "", 1000), 1005)
    audio.check_size(Received(1000, "audio/mpeg", "", None), 0)
    for received, by_server, by_list in ((1000, 1001, 0), (500, None, 1000), (1100, 1100, 1000)):
        with pytest.raises(SizeDiffersError):
            audio.check_size(Received(received, "audio/mpeg", "", by_server), by_list)


def test_a_file_is_kept_by_the_day_and_leaves_no_empty_folders(settings: Settings, tmp_path: Path) -> None:
    row = RecordingRow(id=7, recorded_at=datetime(2026, 11, 20, 23, 59, tzinfo=UTC), audio_path="", audio_bytes=0)
    draft = audio.draft_path(settings, 7)
    draft.write_bytes(b"ID3 sound")
    row.audio_path, media_type = audio.keep(settings, draft, row, "mp3")
    row.audio_bytes = 9
    assert (row.audio_path, media_type) == ("recordings/2026/11/20/7.mp3", "audio/mpeg")
    assert not draft.exists()
    kept = audio.path_of(settings, row)
    assert kept is not None
    assert kept.stat().st_mode & 0o077 == 0
    row.audio_bytes = 10
    assert audio.path_of(settings, row) is None, "a file of another length does not count"
    audio.remove(settings, row.audio_path)
    audio.remove(settings, row.audio_path)
    assert not (settings.data_dir / "recordings" / "2026").exists()


def test_drafts_of_downloads_that_died_are_removed_after_a_day(settings: Settings) -> None:
    draft = audio.draft_path(settings, 8)
    draft.write_bytes(b"half")
    now = datetime.fromtimestamp(draft.stat().st_mtime, UTC)
    assert audio.remove_old_drafts(settings, now + timedelta(hours=23)) == 0
    assert audio.remove_old_drafts(settings, now + timedelta(hours=25)) == 1
    assert not draft.exists()


def test_the_shape_of_a_spoken_file_has_pairs_low_and_high() -> None:
    shape = waveform(SPOKEN)
    levels = struct.unpack(f"{len(shape.peaks)}b", shape.peaks)
    pairs = list(zip(levels[::2], levels[1::2], strict=True))
    assert 33 < shape.seconds < 35
    assert 500 < len(pairs) <= PEAKS
    assert all(low <= high for low, high in pairs)
    assert max(high for _, high in pairs) > 20


@pytest.mark.parametrize("content", [b"ID3" + bytes(500), b"\xff\xe0" + b"hello" * 500, b"RIFF\xff\xff\xff\x7fWAVE"])
def test_what_cannot_be_decoded_says_so(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UndecodableAudioError):
        waveform(written(tmp_path, content))


def wave_file(rate: int = 8000, *, channels: int = 1, bits: int = 16, claimed: int | None = None) -> bytes:
    """Two seconds and a half of silence at 8000 Hz under a header that says whatever is wanted."""
    data, frame = bytes(40_000), channels * bits // 8
    length = len(data) if claimed is None else claimed
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * frame & 0xFFFFFFFF, frame & 0xFFFF, bits)
    size = struct.pack("<I", min(length + 36, 0xFFFFFFFF))
    return b"RIFF" + size + b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", length) + data


@pytest.mark.parametrize("rate", [1, 7, SLOWEST_RATE - 1])
def test_a_rate_that_no_call_has_is_refused_before_a_sample_is_made_up(tmp_path: Path, rate: int) -> None:
    with pytest.raises(ImplausibleAudioError) as caught:
        waveform(written(tmp_path, wave_file(rate)))
    assert caught.value.facts == {"told": f"{rate} Hz"}
    for language in LANGUAGES:
        assert f"{rate} Hz" in caught.value.message(language)
        assert "Control Hub" in caught.value.remedy(language)


@pytest.mark.parametrize(
    "header",
    [{"rate": 0}, {"rate": 0xFFFFFFFF}, {"channels": 0}, {"channels": 0xFFFF}, {"bits": 0}, {"bits": 0xFFFF}],
    ids=str,
)
def test_a_header_that_cannot_be_is_no_sound(tmp_path: Path, header: dict[str, int]) -> None:
    with pytest.raises(UndecodableAudioError):
        waveform(written(tmp_path, wave_file(**header)))


def test_a_file_is_as_long_as_its_sound_whatever_it_claims(tmp_path: Path) -> None:
    assert waveform(written(tmp_path, wave_file(claimed=0xFFFFFFFF))).seconds == pytest.approx(2.5)


def test_a_file_of_more_than_half_a_day_is_not_decoded(tmp_path: Path) -> None:
    path = written(tmp_path, wave_file(SLOWEST_RATE, bits=8, claimed=SLOWEST_RATE * 13 * 3600))
    with path.open("r+b") as file:
        file.truncate(44 + SLOWEST_RATE * 13 * 3600)
    with pytest.raises(ImplausibleAudioError) as caught:
        waveform(path)
    assert caught.value.facts == {"told": "13 h"}


def test_a_cut_file_has_the_shape_of_what_is_left(tmp_path: Path) -> None:
    whole = SPOKEN.read_bytes()
    assert waveform(written(tmp_path, whole[: len(whole) // 3])).seconds == pytest.approx(34 / 3, abs=1)
