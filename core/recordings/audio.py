"""Audio files on disk: under our own ids, by the day of the recording, whole or not at all."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.recordings.errors import SizeDiffersError, WrongContentError
from core.settings import Settings
from core.store.models.recordings import RecordingRow
from core.webex.downloads import Received

FOLDER = "recordings"
SIZE_TOLERANCE = 0.01
"""Between the size a list tells and the file: headers may be written anew, seconds may not be missing."""

_DRAFT = ".part"
_DRAFTS_KEPT = timedelta(days=1)
_KINDS: dict[str, tuple[str, str]] = {
    "mp3": ("mp3", "audio/mpeg"),
    "wav": ("wav", "audio/wav"),
    "ogg": ("ogg", "audio/ogg"),
    "m4a": ("m4a", "audio/mp4"),
}


def draft_path(settings: Settings, recording_id: int, suffix: str = "audio") -> Path:
    """Where a download is written before it is known to be good."""
    folder = settings.data_dir / FOLDER / "incoming"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f"{recording_id}.{suffix}{_DRAFT}"


def kind_of(path: Path) -> str:
    """What a file is by its first bytes: mp3, wav, ogg, m4a. Raises ``WrongContentError`` for anything else."""
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0):
        return "mp3"
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "wav"
    if head.startswith(b"OggS"):
        return "ogg"
    if head[4:8] == b"ftyp":
        return "m4a"
    raise WrongContentError(found=_other(head))


def check_size(received: Received, promised_by_webex: int) -> None:
    """Raise ``SizeDiffersError`` when a file is not as long as its server, or the list before it, promised."""
    size = received.bytes_received
    if received.promised is not None and size != received.promised:
        raise SizeDiffersError(promised=received.promised, received=size)
    if promised_by_webex and abs(size - promised_by_webex) > promised_by_webex * SIZE_TOLERANCE:
        raise SizeDiffersError(promised=promised_by_webex, received=size)


def keep(settings: Settings, draft: Path, row: RecordingRow, kind: str) -> tuple[str, str]:
    """Put a good file in its place, durably; gives its path below the data folder and its media type.

    A second time puts the same file in the same place.
    """
    extension, media_type = _KINDS[kind]
    day = row.recorded_at.astimezone(UTC)
    relative = Path(FOLDER) / f"{day:%Y}" / f"{day:%m}" / f"{day:%d}" / f"{row.id}.{extension}"
    target = settings.data_dir / relative
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.chmod(0o600)
    draft.replace(target)
    _sync_folder(target.parent)
    return relative.as_posix(), media_type


def path_of(settings: Settings, row: RecordingRow) -> Path | None:
    """The audio of a recording, if it is here and whole."""
    if not row.audio_path:
        return None
    path = settings.data_dir / row.audio_path
    try:
        return path if path.stat().st_size == row.audio_bytes else None
    except OSError:
        return None


def remove(settings: Settings, relative: str) -> None:
    """Take a file from the disk, and the day's folder when it was the last; one that is gone already is fine."""
    if not relative:
        return
    path = settings.data_dir / relative
    path.unlink(missing_ok=True)
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        try:
            folder.rmdir()
        except OSError:
            return


def remove_old_drafts(settings: Settings, now: datetime) -> int:
    """Remove what downloads that died left behind; gives how many."""
    folder = settings.data_dir / FOLDER / "incoming"
    oldest = (now - _DRAFTS_KEPT).timestamp()
    old = [path for path in folder.glob(f"*{_DRAFT}") if path.stat().st_mtime < oldest] if folder.exists() else []
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _other(head: bytes) -> str:
    start = head.lstrip()[:1]
    if not head:
        return "empty"
    if start == b"<":
        return "HTML"
    return "JSON" if start in (b"{", b"[") else "?"
