"""Lines of a text file: bounded in length, in whatever encoding a spreadsheet left it."""

import io
from collections.abc import Iterator

from core.calls.sources.batch import RECORDS_A_BATCH
from core.calls.sources.opening import Source

LONGEST_LINE = 8 * 1024 * 1024
_BLOCK = 1024 * 1024
_FALLBACK = "cp1252"
"""What Excel on Windows writes when it saves a CSV; read only where a line is not UTF-8."""


def numbered_lines(source: Source) -> Iterator[tuple[int, str]]:
    """Each line with its number from 1. Raises ``SourceFileError`` for an endless line."""
    if source.encoding.startswith("utf-16"):
        yield from _wide_lines(source)
        return
    number = 0
    while line := source.stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise source.problem("endless_line", number, mib=LONGEST_LINE >> 20)
        yield number, decoded(line, is_first=number == 1)


def line_blocks(source: Source) -> Iterator[tuple[int, list[bytes]]]:
    """Up to ``RECORDS_A_BATCH`` lines at a time in UTF-8, or what was taken for it, with the number of the first.

    Raises ``SourceFileError`` for an endless line.
    """
    if source.encoding.startswith("utf-16"):
        yield from ((number, [line.encode("utf-8", "surrogatepass")]) for number, line in _wide_lines(source))
        return
    number, rest = 1, b""
    while more := source.stream.read(_BLOCK):
        lines = (rest + more).split(b"\n")
        rest = lines.pop()
        if max(map(len, [*lines, rest])) > LONGEST_LINE:
            place = next((at for at, line in enumerate(lines) if len(line) > LONGEST_LINE), len(lines))
            raise source.problem("endless_line", number + place, mib=LONGEST_LINE >> 20)
        for start in range(0, len(lines), RECORDS_A_BATCH):
            yield number + start, lines[start : start + RECORDS_A_BATCH]
        number += len(lines)
    if rest:
        yield number, [rest]


def decoded(line: bytes, *, is_first: bool) -> str:
    """A line as text, whatever an old spreadsheet wrote."""
    try:
        return line.decode("utf-8-sig" if is_first else "utf-8")
    except UnicodeDecodeError:
        return line.decode(_FALLBACK, "replace")


def _wide_lines(source: Source) -> Iterator[tuple[int, str]]:
    number = 0
    text = io.TextIOWrapper(source.stream, encoding=source.encoding, errors="replace", newline="")
    try:
        while line := text.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE:
                raise source.problem("endless_line", number, mib=LONGEST_LINE >> 20)
            yield number, line.removeprefix("\ufeff") if number == 1 else line
    finally:
        if not source.stream.closed:
            text.detach()
