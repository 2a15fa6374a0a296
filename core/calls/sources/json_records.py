"""Records in JSON: ``cdr_feed`` pages, arrays, and one object a line, also mixed and also larger than memory."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import orjson

from core.calls.normalise import Rejected
from core.calls.sources.batch import Batch, Position, Run, batched, shown
from core.calls.sources.lines import decoded, line_blocks
from core.calls.sources.opening import Source
from core.json_text import parsed

LARGEST_OBJECT = 8 * 1024 * 1024
LARGEST_PAGE = 64 * 1024 * 1024
"""A page whose ``items`` do not come first is read whole; a feed page of 5000 has about 13 MB."""

DEEPEST = 1000
"""How deep objects and arrays may lie in one another; the parser's own limit is near."""

_CHUNK = 4 * 1024 * 1024
_SHORTEST_REACH = 256
_OBJECTS_AHEAD = 4
_ARRAY_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[")
_ARRAY_TAIL = re.compile(rb"\][\s,]*+")
_PAGE_HEAD = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"items"\s*:\s*\[')
_PAGE_TAIL = re.compile(
    rb'\]\s*+(?:,\s*+"[^"]*+"\s*+:\s*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"|[^{}\[\]",]*+)\s*+)*+\}[\s,]*+', re.DOTALL
)
_PAGE_TAIL_BYTES = 64 * 1024
_BLANKS = re.compile(rb"[\s,]*+")
_BETWEEN = re.compile(rb"\}\s*,\s*\{")
# A string that does not end is one token up to the end of the buffer: each byte is looked at once.
_TOKENS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?P<ended>"?)|[\[\]{}]', re.DOTALL)
_TRIES = 8


def json_batches(source: Source, position: Position) -> Iterator[Batch]:
    """The records of a JSON file in any of the shapes Webex and its tools write."""
    yield from batched(_records(source), position)


def _records(source: Source) -> Iterator[Any]:
    head = source.head
    if source.encoding.startswith("utf-16"):
        yield from _Lines(source).records()
    elif _ARRAY_HEAD.match(head):
        yield from _Array(source, _ARRAY_HEAD, _ARRAY_TAIL).records()
    elif _PAGE_HEAD.match(head):
        yield from _Array(source, _PAGE_HEAD, _PAGE_TAIL).records()
    else:
        yield from _Lines(source).records()


class _Array:
    """Reads one array of objects, or several pages one after the other, through a bounded buffer.

    Objects are parsed by the stretch. How long a stretch is tried follows how long the last good one was, so that
    neither tiny pages nor odd objects make the reader go over the same bytes again and again.
    """

    def __init__(self, source: Source, head: re.Pattern[bytes], tail: re.Pattern[bytes]) -> None:
        self._source = source
        self._head = head
        self._tail = tail
        self._buffer = b""
        self._at = 0
        self._ended = False
        self._count = 0
        self._reach = _SHORTEST_REACH

    def records(self) -> Iterator[Any]:
        while self._has_more():
            head = self._head.match(self._buffer, self._at)
            if head is None:
                raise self._source.problem("no_further_page", record=self._count)
            self._at = head.end()
            yield from self._items()
            self._skip_rest_of_page()

    def _fill(self) -> None:
        more = self._source.stream.read(_CHUNK)
        self._ended = not more
        self._buffer = self._buffer[self._at :] + more
        self._at = 0

    def _left(self) -> int:
        return len(self._buffer) - self._at

    def _skip_blanks(self) -> None:
        found = _BLANKS.match(self._buffer, self._at)
        self._at = found.end() if found else self._at

    def _has_more(self) -> bool:
        """Whether anything but blanks follows; if so, as much of it is in the buffer as a page's head may take."""
        while not self._left() and not self._ended:
            self._fill()
            self._skip_blanks()
        while self._left() < _PAGE_TAIL_BYTES and not self._ended:
            self._fill()
        return self._left() > 0

    def _items(self) -> Iterator[Any]:
        """Up to the array's closing bracket, in stretches that parse as a whole."""
        while True:
            self._skip_blanks()
            if self._buffer.startswith(b"]", self._at):
                return
            found = self._stretch()
            if found is None:
                found = self._last_stretch()
            self._count += len(found)
            yield from found

    def _stretch(self) -> list[Any] | None:
        """As many whole objects as lie within reach: a wrong cut inside a string never parses."""
        cut = _last_cut(self._buffer, self._at, min(len(self._buffer), self._at + self._reach))
        if cut < 0:
            return None
        for _ in range(_TRIES):
            stretch = memoryview(self._buffer)[self._at : cut + 1]
            try:
                found: list[Any] = orjson.loads(b"".join((b"[", stretch, b"]")))
            except orjson.JSONDecodeError as error:
                self._reach = max(_SHORTEST_REACH, min(self._reach, error.pos))
                cut = _last_cut(self._buffer, self._at, min(cut, self._at + error.pos))
                if cut < 0:
                    return None
                continue
            self._at = cut + 1
            self._reach = min(2 * self._reach, _CHUNK)
            return found
        return None

    def _last_stretch(self) -> list[Any]:
        """One object after which the array ends, or the buffer needs more."""
        problem = ""
        while True:
            end = self._closing()
            if end is not None:
                try:
                    found: list[Any] = parsed(b"[" + self._buffer[self._at : end] + b"]")
                except orjson.JSONDecodeError as error:
                    problem = error.msg
                else:
                    self._reach = max(_SHORTEST_REACH, min(_OBJECTS_AHEAD * (end - self._at), _CHUNK))
                    self._at = end
                    return found
            self._refuse_or_fill(problem)

    def _closing(self) -> int | None:
        """Where the array's items end: the position of its ``]``, or the end of the first whole object.

        Raises ``SourceFileError`` for what nests deeper than any record.
        """
        depth = 0
        for token in _TOKENS.finditer(self._buffer, self._at):
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
            if depth > DEEPEST:
                raise self._source.problem("too_deep", record=self._count + 1, levels=DEEPEST)
        return None

    def _refuse_or_fill(self, problem: str) -> None:
        if problem:
            raise self._source.problem("bad_record", record=self._count + 1, reason=problem)
        if self._ended:
            raise self._source.problem("cut", record=self._count + 1)
        if self._left() > LARGEST_OBJECT + _CHUNK:
            told = f"> {LARGEST_OBJECT >> 20} MiB"
            raise self._source.problem("bad_record", record=self._count + 1, reason=told)
        self._fill()

    def _skip_rest_of_page(self) -> None:
        """Past ``]`` and, in a page, other small members and ``}``, up to the next page."""
        while self._left() < _PAGE_TAIL_BYTES and not self._ended:
            self._fill()
        tail = self._tail.match(self._buffer, self._at, self._at + _PAGE_TAIL_BYTES)
        if tail is None:
            raise self._source.problem("cut", record=self._count + 1)
        self._at = tail.end()
        self._skip_blanks()


def _last_cut(buffer: bytes, first: int, before: int) -> int:
    """Position of the last ``}`` followed by ``, {`` between ``first`` and ``before``; -1 when there is none."""
    at = before
    while (at := buffer.rfind(b"}", first, at)) >= 0:
        if _BETWEEN.match(buffer, at):
            return at
    return -1


class _Lines:
    """Reads one object a line; a line may also be a page. A single object over many lines is read whole."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._blocks = line_blocks(source)
        self._failures = 0
        self._read = 0

    def records(self) -> Iterator[Any]:
        for first, lines in self._blocks:
            run = _run(lines)
            if run is not None:
                self._read += len(run.records)
                yield run
                continue
            for position, line in enumerate(lines):
                if self._begins_one_value(line):
                    following = (one for _, more in self._blocks for one in more)
                    yield from self._whole(chain(lines[position:], following))
                    return
                if line.strip():
                    yield from self._one(first + position, line)

    def _begins_one_value(self, line: bytes) -> bool:
        return not self._read and not self._failures and line.strip() in (b"{", b"[", b"\xef\xbb\xbf{")

    def _one(self, number: int, line: bytes) -> Iterator[Any]:
        text = decoded(line, is_first=number == 1)
        try:
            value = parsed(text)
        except orjson.JSONDecodeError as error:
            self._failures += 1
            yield Rejected(shown(text.rstrip()), "line_unreadable", f"line {number}: {error.msg}")
            if not self._read and self._failures > _TRIES:
                raise self._source.problem("not_json", number) from error
            return
        self._read += 1
        yield from _unpacked(value)

    def _whole(self, lines: Iterable[bytes]) -> Iterator[Any]:
        parts: list[str] = []
        size = 0
        for line in lines:
            parts.append(decoded(line, is_first=not parts))
            size += len(line) + 1
            if size > LARGEST_PAGE:
                raise self._source.problem("one_large_value", mib=LARGEST_PAGE >> 20)
        try:
            value = parsed("\n".join(parts))
        except orjson.JSONDecodeError as error:
            raise self._source.problem("not_json", error.lineno) from error
        yield from _unpacked(value)


def _run(lines: list[bytes]) -> Run | None:
    """The records of lines that hold one object each; ``None`` when any line is something else."""
    texts = [text for line in lines if (text := line.strip())]
    try:
        records = [orjson.loads(text) for text in texts]
    except orjson.JSONDecodeError:
        return None
    return Run(records, texts) if all(type(one) is dict and "items" not in one for one in records) else None


def _unpacked(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        yield from value
    elif isinstance(value, dict) and isinstance(value.get("items"), list):
        yield from value["items"]
    else:
        yield value
