"""JSON from outside, with the small sins of its writers forgiven.

A lone surrogate or a ``NaN`` in one record must not cost the records around it.
"""

import json
import math
import re
from typing import Any

import orjson

# Each escape sequence in turn, so that an escaped backslash before a "u" is not taken for one; pairs stay whole.
_ESCAPE = re.compile(
    r"\\(?:u(?:[dD][89abAB][0-9a-fA-F]{2}(?P<pair>\\u[dD][c-fC-F][0-9a-fA-F]{2})?|[dD][c-fC-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_REPLACEMENT = "\ufffd"
_LONGEST_INTEGER = 18


def parsed(text: bytes | str) -> Any:
    """The value of a JSON text; lone surrogates become U+FFFD, numbers that are none become null.

    Raises ``orjson.JSONDecodeError`` for everything else that is not JSON, and for what nests too deep.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as strict:
        try:
            return _leniently(text)
        except (ValueError, RecursionError):
            raise strict from None


def _leniently(text: bytes | str) -> Any:
    whole = text if isinstance(text, str) else text.decode("utf-8", "surrogatepass")
    mended = _SURROGATE.sub(_REPLACEMENT, _ESCAPE.sub(_paired, whole))
    return json.loads(mended, parse_constant=_nothing, parse_float=_finite, parse_int=_integer)


def _paired(match: re.Match[str]) -> str:
    found = match.group()
    is_lone = len(found) == len("\\ud800") and found[1] == "u"
    return "\\ufffd" if is_lone else found


def _nothing(_name: str) -> None:
    return None


def _finite(digits: str) -> float | None:
    value = float(digits)
    return value if math.isfinite(value) else None


def _integer(digits: str) -> int | float | None:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else _finite(digits)
