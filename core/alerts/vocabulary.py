"""The words of alerts: states, verdicts, kinds of entity, types, and the identifiers people read and say."""

import base64
import hashlib
import re
from typing import Literal, get_args

from core.detection.finding import SEVERITIES
from core.detection.registry import detectors
from core.errors import InvalidInputError

State = Literal["open", "investigating", "resolved"]
STATES: tuple[State, ...] = get_args(State)
OPEN_STATES: tuple[State, ...] = ("open", "investigating")

Verdict = Literal["true_positive", "benign", "duplicate", "tuned"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
"""Why an alert was closed: abuse; real but harmless; told by another alert; expected from now on."""

EntityKind = Literal["user", "location", "org", "number"]
ENTITY_KINDS: tuple[EntityKind, ...] = get_args(EntityKind)

ALIASES = {"unusual_international_calls": "international_calls", "mass_dialling": "mass_dialing"}
"""Other spellings of alert types that programs send."""

RECORDING_KEYWORD = "recording_keyword"
"""What raises an alert when words of a list were said on a call."""

OF_WORDS = (RECORDING_KEYWORD,)
"""Raised by what was said on a call, not by how it was made: never the same abuse as an alert over its records, and
its verdict says nothing about them."""

NUMBER_TEST = "number_test"
"""What raises an alert when a number does not behave as a scheduled test of it expects."""

MANUAL = "manual"
DETECTION = "detection"
"""Who acts when nobody does: the actor of what detection writes into a timeline."""

_TYPE = re.compile(r"[a-z][a-z0-9_]{0,59}", re.ASCII)
_PUBLIC_ID = re.compile(r"[AC]-[A-Z2-7]{8}", re.ASCII)


def rank(severity: str) -> int:
    """The place of a severity on the scale, 0 for low. Raises ``InvalidInputError`` for an unknown one."""
    if severity not in SEVERITIES:
        raise InvalidInputError(field="severity", problem=severity[:20])
    return SEVERITIES.index(severity)


def checked_type(value: str) -> str:
    """An alert type in our spelling. Raises ``InvalidInputError`` for what is none."""
    value = value.strip().lower()
    if not _TYPE.fullmatch(value):
        raise InvalidInputError(field="alert_type", problem=value[:60])
    return ALIASES.get(value, value)


def alert_types() -> list[str]:
    """The types alerts can have from the start: every detector's id, missed tests, and those made by hand."""
    return [*(known.id for known in detectors()), NUMBER_TEST, MANUAL]


def public_id(prefix: Literal["A", "C"], key: str) -> str:
    """The id people read and say, always the same for one key: ``A-`` an alert, ``C-`` a case."""
    digest = hashlib.sha256(key.encode()).digest()
    return f"{prefix}-{base64.b32encode(digest[:5]).decode()}"


def is_public_id(text: str) -> bool:
    """Whether a text looks like an id of ours."""
    return _PUBLIC_ID.fullmatch(text) is not None
