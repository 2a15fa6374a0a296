"""Where files of reports lie: one folder a report below DATA_DIR, each file whole or not there."""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from core.calls.layout import raise_if_full
from core.errors import NotFoundError
from core.settings import Settings

FOLDER = "reports"


def folder_of(settings: Settings, run_id: int) -> Path:
    """The folder of a report's files."""
    return settings.data_dir / FOLDER / str(run_id)


def keep(settings: Settings, run_id: int, name: str, write: Callable[[BinaryIO], None]) -> dict[str, Any]:
    """Write a file of a report, in place of one of that name; gives its name, bytes and SHA-256.

    Raises ``StorageFullError`` when the disk has no room, with the former file still there.
    """
    folder = folder_of(settings, run_id)
    draft = folder / f"{name}.part"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        draft.replace(folder / name)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise_if_full(error, folder)
        raise
    return {"name": name, "bytes": (folder / name).stat().st_size, "sha256": digest}


def path_of(settings: Settings, run_id: int, name: str) -> Path:
    """A file that is there. Raises ``NotFoundError``."""
    path = folder_of(settings, run_id) / Path(name).name
    if not path.is_file():
        raise NotFoundError(what=f"file of report {run_id}")
    return path


def remove(settings: Settings, run_id: int) -> None:
    """Remove all files of a report; nothing happens when there are none."""
    shutil.rmtree(folder_of(settings, run_id), ignore_errors=True)
