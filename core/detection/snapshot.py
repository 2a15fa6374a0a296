"""The engine's memory on disk, so that a new process need not read weeks of calls again.

The file is a pickle, which is code to whoever loads it; therefore it carries a keyed digest made with this
installation's secret, checked before anything is read, and only this package's own plain classes may appear in it.
A file of other code, another key or another version is passed over, and the memory is then built from the calls.
"""

import hashlib
import hmac
import importlib
import io
import os
import pickle
from functools import cache
from pathlib import Path
from typing import Any

_MAGIC = b"tollwatch detection memory 1\n"
_DIGEST_BYTES = 32
_CLASSES = frozenset(
    {
        ("collections", "deque"),
        ("core.detection.baselines", "Baseline"),
        ("core.detection.baselines", "DayTally"),
        ("core.detection.baselines", "Hours"),
        ("core.detection.baselines", "Relation"),
        ("core.detection.engine", "_Open"),
        ("core.detection.finding", "AlertDraft"),
        ("core.detection.habits", "Habits"),
        ("core.detection.habits", "Person"),
        ("core.detection.numbering", "Destination"),
        ("core.detection.observation", "Observation"),
        ("core.detection.scene", "Windows"),
        ("core.detection.site_hours", "HourCount"),
        ("core.detection.site_hours", "SiteHours"),
        ("core.detection.timeline", "Timeline"),
        ("core.detection.withheld", "Withheld"),
        ("datetime", "datetime"),
        ("datetime", "timezone"),
        ("datetime", "timedelta"),
    }
)


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _CLASSES:
            raise pickle.UnpicklingError(f"{module}.{name}")
        return getattr(importlib.import_module(module), name)


def save(path: Path, memory: dict[str, Any], key: bytes) -> None:
    """Write ``memory`` in place of what is there; another process sees the old file or the new one, whole."""
    body = pickle.dumps(memory, protocol=pickle.HIGHEST_PROTOCOL)
    part = path.with_suffix(f".{os.getpid()}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    for left_by_the_killed in path.parent.glob(f"{path.stem}.*.part"):
        left_by_the_killed.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(_MAGIC + _digest(body, key) + body)
    part.replace(path)


def load(path: Path, key: bytes) -> dict[str, Any] | None:
    """What ``save`` wrote with the same key and the same code; ``None`` for anything else."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    start = len(_MAGIC) + _DIGEST_BYTES
    body = content[start:]
    if not content.startswith(_MAGIC) or not hmac.compare_digest(content[len(_MAGIC) : start], _digest(body, key)):
        return None
    memory = _Reader(io.BytesIO(body)).load()
    return memory if isinstance(memory, dict) else None


def _digest(body: bytes, key: bytes) -> bytes:
    return hmac.digest(key, code_version() + body, "sha256")


@cache
def code_version() -> bytes:
    """A digest of detection's code: memory kept by other code may mean something else."""
    made = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        made.update(path.read_bytes())
    return made.digest()
