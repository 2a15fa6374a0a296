"""Which recorded calls of the pretend organisation have a recording, what is said in it, and what is wrong with it.

A recording belongs to the leg of the agent who answered, as that leg's record says; one recorded call in a few has
been kept, of those about as long as the conversations in ``core/sandbox/speech``.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Literal, get_args

import orjson

from core.sandbox.archive import Archive, instant, milliseconds
from core.sandbox.legs import Record
from core.sandbox.randomness import named_uuid, share
from core.sandbox.world import Person, World

Trouble = Literal[
    "none", "prevented", "no_transcript", "late_transcript", "late_metadata", "html", "truncated", "expired_link"
]
"""``html``, ``truncated`` and ``expired_link`` happen once to each recording that has them, then all is well."""

TROUBLES: tuple[Trouble, ...] = get_args(Trouble)
SHARES: tuple[tuple[Trouble, float], ...] = (
    ("prevented", 0.03),
    ("no_transcript", 0.05),
    ("late_transcript", 0.05),
    ("late_metadata", 0.03),
    ("html", 0.02),
    ("truncated", 0.02),
    ("expired_link", 0.02),
)
KEPT = 0.25
SHORTEST, LONGEST = 20, 44
_SPEECH = Path(__file__).with_name("speech")
_MARK = b'"Call Recording Result":"successful"'
_MADE_AFTER = timedelta(seconds=45)
_LINKS_AFTER = timedelta(minutes=1)
_TRANSCRIPT_AFTER = timedelta(minutes=4)
_LATE = timedelta(minutes=40)
_KEPT_DAYS = 40


@dataclass(frozen=True)
class Turn:
    """What somebody says, in milliseconds from the start; ``who`` is ``a`` (answered) or ``c`` (called)."""

    start_ms: int
    end_ms: int
    who: str
    text: str


@dataclass(frozen=True)
class Clip:
    """A spoken conversation."""

    name: str
    language: str
    seconds: int
    size: int
    turns: tuple[Turn, ...]

    @cached_property
    def sound(self) -> bytes:
        """The MP3."""
        return (_SPEECH / f"{self.name}.mp3").read_bytes()


@cache
def clips() -> tuple[Clip, ...]:
    """All conversations."""
    written: dict[str, dict[str, Any]] = json.loads((_SPEECH / "clips.json").read_text(encoding="utf-8"))
    return tuple(
        Clip(name, one["language"], one["seconds"], one["size"], tuple(Turn(**turn) for turn in one["turns"]))
        for name, one in written.items()
    )


@dataclass(frozen=True)
class Kept:
    """One recording in the cloud; instants in milliseconds since 1970, UTC."""

    id: str
    owner: Person
    record: Record
    clip: Clip
    trouble: Trouble
    recorded: int
    created: int
    size: int

    @property
    def links_from(self) -> int:
        """From when on the cloud has download links."""
        return self.created + milliseconds_of(_LINKS_AFTER)

    def transcript_from(self, trouble: Trouble) -> int:
        """From when on the transcript is there."""
        return self.created + milliseconds_of(_LATE if trouble == "late_transcript" else _TRANSCRIPT_AFTER)

    def metadata_from(self, trouble: Trouble) -> int:
        """From when on the metadata are there."""
        return self.created + (milliseconds_of(_LATE) if trouble == "late_metadata" else 0)


@dataclass(frozen=True)
class Given:
    """What the control interface has the cloud serve in place of a file or of parts of a description."""

    body: bytes
    media_type: str


def milliseconds_of(span: timedelta) -> int:
    """A stretch of time as integer milliseconds."""
    return int(span.total_seconds() * 1000)


class RecordingShelf:
    """The recordings of an organisation; safe from threads. What was deleted is kept in ``path``."""

    def __init__(self, archive: Archive, world: World, path: Path) -> None:
        self._archive = archive
        self._world = world
        self._people = {person.uuid: person for person in world.people}
        self._path = path
        self._lock = Lock()
        self._days: dict[date, tuple[Kept, ...]] = {}
        self._statuses: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        self.troubles: dict[str, Trouble] = {}
        self.given: dict[tuple[str, str], Given] = {}

    def between(self, since: int, until: int, now: int) -> list[Kept]:
        """Recordings created in [since, until) and by ``now``, newest first."""
        first = max(instant(since).date() - timedelta(days=1), self._archive.begin)
        days = (instant(until).date() - first).days + 1
        found = [kept for ahead in range(max(days, 0)) for kept in self._day(first + timedelta(days=ahead))]
        chosen = [kept for kept in found if since <= kept.created < until and kept.created <= now]
        return sorted(chosen, key=lambda kept: (-kept.created, kept.id))

    def one(self, identifier: str, now: int) -> Kept | None:
        """The recording of that id, with dashes or without."""
        wanted = identifier.replace("-", "").lower()
        begin = milliseconds_at(self._archive.begin)
        return next((kept for kept in self.between(begin, now + 1, now) if kept.id.replace("-", "") == wanted), None)

    def trouble(self, kept: Kept) -> Trouble:
        """What is wrong with it, unless a test chose otherwise."""
        return self.troubles.get(kept.id, kept.trouble)

    def status(self, kept: Kept) -> str:
        """available, deleted or purged."""
        return self._statuses.get(kept.id, "available")

    def put(self, kept: Kept, status: str) -> None:
        """Change its status and keep that."""
        with self._lock:
            self._statuses[kept.id] = status
            self._path.write_text(json.dumps(self._statuses), encoding="utf-8")

    def _day(self, day: date) -> tuple[Kept, ...]:
        with self._lock:
            known = self._days.get(day)
        if known is not None:
            return known
        found: dict[str, Record] = {}
        for copy in self._archive.day(day):
            if _MARK in copy.body:
                found.setdefault(copy.report_id, orjson.loads(copy.body))
        made = tuple(kept for record in found.values() if (kept := self._kept(record)) is not None)
        with self._lock:
            self._days[day] = made
            while len(self._days) > _KEPT_DAYS:
                self._days.pop(next(iter(self._days)))
        return made

    def _kept(self, record: Record) -> Kept | None:
        seed, report = self._world.seed, record["Report ID"]
        owner = self._people.get(record["User UUID"])
        if owner is None or not SHORTEST <= record["Duration"] <= LONGEST:
            return None
        if share(seed, "recording kept", report) >= KEPT:
            return None
        recorded = milliseconds_at_text(record["Answer time"])
        ended = milliseconds_at_text(record["Release time"])
        clip = _clip_for(record, owner)
        return Kept(
            id=named_uuid(seed, "recording", report),
            owner=owner,
            record=record,
            clip=clip,
            trouble=_trouble(share(seed, "recording trouble", report)),
            recorded=recorded,
            created=ended + milliseconds_of(_MADE_AFTER),
            size=clip.size,
        )


def milliseconds_at(day: date) -> int:
    """The beginning of a day, UTC."""
    return (day - date(1970, 1, 1)).days * 86_400_000


def milliseconds_at_text(stamp: str) -> int:
    """An instant as records write it."""
    return milliseconds(datetime.fromisoformat(stamp))


def _clip_for(record: Record, owner: Person) -> Clip:
    """A conversation in the site's language of about the call's length; equal ones take turns."""
    language = "en" if owner.site.facts.language.startswith("en") else "es"
    duration = record["Duration"]
    spoken = [clip for clip in clips() if clip.language == language]
    spoken.sort(key=lambda clip: abs(clip.seconds - duration))
    return spoken[int(share("clip", record["Report ID"]) * 5)]


def _trouble(coin: float) -> Trouble:
    for trouble, part in SHARES:
        if coin < part:
            return trouble
        coin -= part
    return "none"
