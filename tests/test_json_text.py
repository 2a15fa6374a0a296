"""What one writer of JSON got wrong must not cost the rest of a page."""

import math
from typing import Any

import orjson
import pytest

from core.json_text import parsed

LONE = "\\ud800"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": "x"}', {"a": "x"}),
        (f'["{LONE}", "good"]', ["\ufffd", "good"]),
        ('["\\udc00\\ud800"]', ["\ufffd\ufffd"]),
        ('["\\ud83d\\ude00", NaN]', ["\U0001f600", None]),
        (f'["\\\\ud800", "{LONE}"]', ["\\ud800", "\ufffd"]),
        (f'["\\"{LONE}\\""]', ['"\ufffd"']),
        ("[NaN, Infinity, -Infinity, 1e999, -1e999, 1.5]", [None, None, None, None, None, 1.5]),
        ("[NaN, 12345678901234567890123]", [None, 12345678901234567890123.0]),
        (f"[NaN, {'9' * 400}]", [None, None]),
    ],
)
def test_lone_surrogates_and_numbers_that_are_none_are_forgiven(text: str, value: Any) -> None:
    assert parsed(text) == value
    assert parsed(text.encode()) == value
    orjson.dumps(parsed(text))


def test_a_surrogate_in_raw_bytes_is_forgiven_too() -> None:
    assert set(parsed(b'["\xed\xa0\x80"]')[0]) == {"\ufffd"}


@pytest.mark.parametrize("text", [b"", b"{", b'["\xff"]', b"[1,]", b"[" * 100_000, b"[NaN" + b"[" * 100_000, b"tru"])
def test_what_is_no_json_stays_an_error(text: bytes) -> None:
    with pytest.raises(orjson.JSONDecodeError):
        parsed(text)


def test_ordinary_numbers_stay_as_they_are() -> None:
    first, second = parsed("[9007199254740993, 0.1]")
    assert (first, second) == (9007199254740993, 0.1)
    assert not math.isnan(second)
