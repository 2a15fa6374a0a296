"""Files that a page received for the import job: kept in a folder of their own until they were read."""

import re
import shutil
from pathlib import Path
from typing import IO
from uuid import UUID, uuid4

from core.calls.layout import raise_if_full
from core.errors import InvalidInputError, NotFoundError
from core.settings import Settings

FOLDER = "uploads"
LARGEST = 200 * 1024 * 1024
"""As ``maxUploadSize`` of the pages; larger files go by ``python -m jobs import``."""
_UNSAFE = re.compile(r"[^\w.() -]+")
_LONGEST_NAME = 120


def keep(settings: Settings, name: str, content: IO[bytes]) -> str:
    """Keep an upload; gives the id under which the import job finds it.

    Raises ``InvalidInputError``, and ``StorageFullError`` when the disk has no room, with nothing left behind.
    """
    if _size(content) > LARGEST:
        raise InvalidInputError(field="file", problem=f"> {LARGEST // 2**20} MiB")
    upload = str(uuid4())
    folder = settings.data_dir / FOLDER / upload
    content.seek(0)
    try:
        folder.mkdir(parents=True)
        with (folder / _safe(name)).open("wb") as file:
            shutil.copyfileobj(content, file)
    except OSError as error:
        remove(settings, upload)
        raise_if_full(error, folder.parent)
        raise
    return upload


def path_of(settings: Settings, upload: str) -> Path:
    """The file of an upload. Raises ``NotFoundError`` for an id that is none, or read and removed already."""
    try:
        folder = settings.data_dir / FOLDER / str(UUID(upload))
    except ValueError as error:
        raise NotFoundError(what="upload") from error
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    if not files:
        raise NotFoundError(what="upload")
    return files[0]


def remove(settings: Settings, upload: str) -> None:
    """Forget an upload; nothing happens when there is none."""
    shutil.rmtree(settings.data_dir / FOLDER / str(UUID(upload)), ignore_errors=True)


def _size(content: IO[bytes]) -> int:
    content.seek(0, 2)
    return content.tell()


def _safe(name: str) -> str:
    cleaned = _UNSAFE.sub("_", Path(name.replace("\\", "/")).name).strip(". ")
    return cleaned[-_LONGEST_NAME:] or "upload"
