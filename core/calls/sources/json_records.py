"""Records in JSON: ``cdr_feed`` pages, arrays, and one object a line, also mixed and also larger than memory."""

import re
from collections.abc import Iterator
from typing import Any

import orjson

from core.calls.normalise import Rejected
from core.calls.sources.batch import Batch, Position, batched, shown
from core.calls.sources.lines import numbered_lines
from core.calls.sources.opening import Source
from core.json_text import parsed

LARGEST_OBJECT = 8 * 1024 * 1024
LARGEST_PAGE = 64 * 1024 * 1024
"""A page whose ``items`` do not come first is read whole; a feed page of 5000 has about 13 MB."""

_CHUNK = 4 * 1024 * 1024
_ARRAY_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[")
_ARRAY_TAIL = re.compile(rb"\][\s,]*+")
_PAGE_HEAD = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"items"\s*:\s*\[')
_PAGE_TAIL = re.compile(
    rb'\]\s*+(?:,\s*+"[^"]*+"\s*+:\s*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"|[^{}\[\]",]*+)\s*+)*+\}[\s,]*+', re.DOTALL
)
_PAGE_TAIL_BYTES = 64 * 1024
_BETWEEN = re.compile(rb"\}\s*,\s*\{")
# A string that does not end is one token up to the end of the buffer: each byte is looked at once.
_TOKENS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?P<ended>"?)|[\[\]{}]', re.DOTALL)
_TRIES = 8


def json_batches(source: Source, position: Position) -> Iterator[Batch]:
    """The records of a JSON file in any of the shapes Webex and its tools write."""
    yield from batched(_records(source), position)


def _records(source: Source) -> Iterator[Any]:
    if source.encoding.startswith("utf-16"):
        yield from _line_records(source)
        return
    head = source.head
    if _ARRAY_HEAD.match(head):
        yield from _Array(source, _ARRAY_HEAD, _ARRAY_TAIL).records()
    elif _PAGE_HEAD.match(head):
        yield from _Array(source, _PAGE_HEAD, _PAGE_TAIL).records()
    else:
        yield from _line_records(source)


class _Array:
    """Reads one array of objects, or several pages one after the other, through a bounded buffer."""

    def __init__(self, source: Source, head: re.Pattern[bytes], tail: re.Pattern[bytes]) -> None:
        self._source = source
        self._head = head
        self._tail = tail
        self._buffer = b""
        self._ended = False
        self._count = 0

    def records(self) -> Iterator[Any]:
        self._fill()
        while self._buffer.strip():
            head = self._head.match(self._buffer)
            if head is None:
                raise self._source.problem("no_further_page", record=self._count)
            self._buffer = self._buffer[head.end() :]
            yield from self._items()
            self._skip_rest_of_page()

    def _fill(self) -> None:
        more = self._source.stream.read(_CHUNK)
        self._ended = not more
        self._buffer += more

    def _items(self) -> Iterator[Any]:
        """Up to the array's closing bracket, in stretches that parse as a whole."""
        while True:
            self._buffer = self._buffer.lstrip(b" \t\r\n,")
            if self._buffer.startswith(b"]"):
                return
            found = self._stretch()
            if found is None:
                found = self._last_stretch()
            self._count += len(found)
            yield from found

    def _stretch(self) -> list[Any] | None:
        """As many whole objects as the buffer surely holds: a wrong cut inside a string never parses."""
        cut = len(self._buffer)
        for _ in range(_TRIES):
            cut = _last_cut(self._buffer, cut)
            if cut < 0:
                return None
            try:
                found: list[Any] = orjson.loads(b"[" + self._buffer[: cut + 1] + b"]")
            except orjson.JSONDecodeError as error:
                cut = min(cut, error.pos)
                continue
            self._buffer = self._buffer[cut + 1 :]
            return found
        return None

    def _last_stretch(self) -> list[Any]:
        """One object after which the array ends, or the buffer needs more."""
        problem = ""
        while True:
            end = _closing(self._buffer)
            if end is not None:
                try:
                    found: list[Any] = parsed(b"[" + self._buffer[:end] + b"]")
                except orjson.JSONDecodeError as error:
                    problem = error.msg
                else:
                    self._buffer = self._buffer[end:]
                    return found
            self._refuse_or_fill(problem)

    def _refuse_or_fill(self, problem: str) -> None:
        if self._ended and problem:
            raise self._source.problem("bad_record", record=self._count + 1, reason=problem)
        if self._ended:
            raise self._source.problem("cut", record=self._count + 1)
        if len(self._buffer) > LARGEST_OBJECT + _CHUNK:
            told = problem or f"> {LARGEST_OBJECT >> 20} MiB"
            raise self._source.problem("bad_record", record=self._count + 1, reason=told)
        self._fill()

    def _skip_rest_of_page(self) -> None:
        """Past ``]`` and, in a page, other small members and ``}``, up to the next page."""
        while len(self._buffer) < _PAGE_TAIL_BYTES and not self._ended:
            self._fill()
        tail = self._tail.match(self._buffer, 0, _PAGE_TAIL_BYTES)
        if tail is None:
            raise self._source.problem("cut", record=self._count + 1)
        self._buffer = self._buffer[tail.end() :]


def _last_cut(buffer: bytes, before: int) -> int:
    """Position of the last ``}`` followed by ``, {`` that ends before ``before``; -1 when there is none."""
    at = before
    while (at := buffer.rfind(b"}", 0, at)) >= 0:
        if _BETWEEN.match(buffer, at):
            return at
    return -1


def _closing(buffer: bytes) -> int | None:
    """Where the array's items end: the position of its ``]``, or the end of the first whole object."""
    depth = 0
    for token in _TOKENS.finditer(buffer):
        mark = token.group()
        if token.group("ended") == b"":
            return None
        if mark in (b"{", b"["):
            depth += 1
        elif mark in (b"}", b"]"):
            if depth == 0:
                return token.start()
            depth -= 1
            if depth == 0:
                return token.end()
    return None


def _line_records(source: Source) -> Iterator[Any]:
    """One object a line; a line may also be a page. A single object over many lines is read whole."""
    failures = 0
    read = 0
    for number, line in numbered_lines(source):
        if not line.strip():
            continue
        try:
            value = parsed(line)
        except orjson.JSONDecodeError as error:
            if read == 0 and failures == 0 and line.strip() in ("{", "["):
                yield from _whole(source, line)
                return
            failures += 1
            yield Rejected(shown(line.rstrip()), "line_unreadable", f"line {number}: {error.msg}")
            if read == 0 and failures > _TRIES:
                raise source.problem("not_json", number) from error
            continue
        read += 1
        yield from _unpacked(value)


def _whole(source: Source, first_line: str) -> Iterator[Any]:
    text = first_line
    for _, line in numbered_lines(source):
        text += line
        if len(text) > LARGEST_PAGE:
            raise source.problem("one_large_value", mib=LARGEST_PAGE >> 20)
    try:
        value = parsed(text)
    except orjson.JSONDecodeError as error:
        raise source.problem("not_json", error.lineno) from error
    yield from _unpacked(value)


def _unpacked(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        yield from value
    elif isinstance(value, dict) and isinstance(value.get("items"), list):
        yield from value["items"]
    else:
        yield value
