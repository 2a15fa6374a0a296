"""Lines of a text file: bounded in length, in whatever encoding a spreadsheet left it."""

import io
from collections.abc import Iterator

from core.calls.sources.opening import Source

LONGEST_LINE = 8 * 1024 * 1024
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
        yield number, _decoded(line, is_first=number == 1)


def _decoded(line: bytes, *, is_first: bool) -> str:
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
