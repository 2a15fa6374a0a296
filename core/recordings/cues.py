"""What was said, as it is kept: cues in order, and who took part."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["caller", "callee", "agent"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True)
class Cue:
    """One turn of a speaker: milliseconds from the start of the recording, and plain text on one line.

    ``speaker`` is the name the transcript gives, often a telephone number, or empty where none is known.
    """

    start_ms: int
    end_ms: int
    speaker: str
    text: str


@dataclass(frozen=True)
class Party:
    """Somebody on the call, as its metadata name them; what is not known is empty."""

    role: Role
    name: str = ""
    number: str = ""
    email: str = ""


@dataclass(frozen=True)
class Conversation:
    """A transcript with its parties; ``language`` is the code of what is spoken: es, en, or another's."""

    cues: Sequence[Cue]
    parties: Sequence[Party]
    language: str

    def transcript_hash(self) -> str:
        """Tells transcripts apart: SHA-256 (hexadecimal) of cues, parties and language."""
        told = {
            "cues": [(cue.start_ms, cue.end_ms, cue.speaker, cue.text) for cue in self.cues],
            "parties": sorted((party.role, party.name, party.number, party.email) for party in self.parties),
            "language": self.language,
        }
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")).hexdigest()


def words(cues: Sequence[Cue]) -> int:
    """How many words were said."""
    return sum(len(cue.text.split()) for cue in cues)
