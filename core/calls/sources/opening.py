"""Opening a file from outside: unwrapping gzip and ZIP, telling the format, refusing what is none of ours."""

import gzip
import io
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Literal, Protocol, cast

from core.calls.errors import SourceFileError

Format = Literal["csv", "json", "parquet"]

HIGHEST_RATIO = 300
"""Call records shrink 10 to 60 times; a bomb shrinks a thousand times."""

ALWAYS_UNPACKED = 64 * 1024 * 1024
_SNIFFED = 4096
_BUFFER = 1 << 20

_BOUNDED_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Others unpack a whole block before the first byte of it can be counted."""

_PACKED_ERRORS = (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)


@dataclass
class Source:
    """An opened file: its bytes unwrapped, what they are, and how far it is read on disk."""

    path: Path
    format: Format
    encoding: str
    stream: BinaryIO
    head: bytes
    done: Callable[[], int]
    total: int
    read: Callable[[], int]

    def problem(self, kind: str, line: int = 0, **details: Any) -> SourceFileError:
        """The error to raise about this file."""
        return refusal(self.path, kind, line, **details)


def refusal(path: Path, kind: str, line: int = 0, **details: Any) -> SourceFileError:
    """The error about a file; ``kind`` names a text under ``calls_file``."""
    return SourceFileError(file=path.name, kind=kind, line=line, **details)


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Open a file and tell what it is. Raises ``SourceFileError``, also for what goes wrong while it is read."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise refusal(path, "not_regular")
        with path.open("rb") as file, _unwrapped(path, file) as stream:
            head = stream.peek(_SNIFFED)[:_SNIFFED]
            form, encoding = _told(path, head, is_wrapped=stream.raw is not file)
            size, unpacked = path.stat().st_size, stream.raw.tell
            yield Source(path, form, encoding, cast(BinaryIO, stream), head, file.tell, size, unpacked)
    except _PACKED_ERRORS as error:
        raise refusal(path, "archive_damaged", reason=str(error)) from error
    except OSError as error:
        raise refusal(path, "unreadable", reason=error.strerror or str(error)) from error


@contextmanager
def _unwrapped(path: Path, file: BinaryIO) -> Iterator[io.BufferedReader]:
    head = file.read(4)
    file.seek(0)
    if head.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=file) as packed:
            yield io.BufferedReader(_Capped(path, cast(BinaryIO, packed), path.stat().st_size), _BUFFER)
    elif head.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(file) as archive, archive.open(_only_member(path, archive)) as packed:
            yield io.BufferedReader(_Capped(path, cast(BinaryIO, packed), path.stat().st_size), _BUFFER)
    else:
        yield io.BufferedReader(cast(io.RawIOBase, file), _BUFFER)


def _only_member(path: Path, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    names = {member.filename for member in archive.infolist()}
    if "[Content_Types].xml" in names:
        raise refusal(path, "office_document")
    members = [
        member
        for member in archive.infolist()
        if not member.is_dir()
        and not member.filename.startswith("__MACOSX/")
        and not PurePosixPath(member.filename).name.startswith(".")
    ]
    if len(members) != 1:
        raise refusal(path, "archive_of_many", count=len(members))
    if members[0].flag_bits & 1:
        raise refusal(path, "archive_encrypted")
    if members[0].compress_type not in _BOUNDED_PACKINGS:
        raise refusal(path, "archive_packing")
    return members[0]


class _Buffer(Protocol):
    """Anything with memory of its own; ``collections.abc`` has it only from Python 3.12."""

    def __buffer__(self, flags: int, /) -> memoryview: ...


class _Capped(io.RawIOBase):
    """Unpacked bytes, until they are absurdly many for the packed size."""

    def __init__(self, path: Path, stream: BinaryIO, packed_size: int) -> None:
        self._path = path
        self._stream = stream
        self._most = ALWAYS_UNPACKED + HIGHEST_RATIO * packed_size
        self._read = 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        """Bytes unpacked so far."""
        return self._read

    def readinto(self, buffer: _Buffer, /) -> int:
        view = memoryview(buffer)
        data = self._stream.read(len(view))
        self._read += len(data)
        if self._read > self._most:
            raise refusal(self._path, "bomb", times=HIGHEST_RATIO)
        view[: len(data)] = data
        return len(data)


def _told(path: Path, head: bytes, *, is_wrapped: bool) -> tuple[Format, str]:
    """Format and encoding from the first bytes."""
    if not head.strip():
        raise refusal(path, "empty")
    if head.startswith(b"PAR1"):
        if is_wrapped:
            raise refusal(path, "parquet_in_archive")
        return "parquet", ""
    encoding = _encoding(path, head)
    text = head.decode(encoding, "ignore").lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        raise refusal(path, "web_page")
    if text.startswith("%PDF"):
        raise refusal(path, "pdf")
    return ("json" if text[:1] in ("{", "[") else "csv"), encoding


def _encoding(path: Path, head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for wide, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if len(head) > 1 and zeros.count(0) * 10 > 9 * len(zeros):
            return wide
    if head.count(0) or _is_mostly_control(head):
        raise refusal(path, "binary")
    return "utf-8-sig"


def _is_mostly_control(head: bytes) -> bool:
    control = sum(byte < 32 and byte not in b"\t\r\n\f" for byte in head)
    return control * 20 > len(head)
