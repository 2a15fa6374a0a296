"""Realistic call records in any number, quickly and always the same for the same seed.

For other figures::

    from bench.records import fill, write_jsonl
    fill(CallTable(path), 1_000_000, days=30, seed=7)      # straight into a table, compacted, about 20 s a million
    write_jsonl(path, 1_000_000)                           # a file as ``python -m jobs import`` takes it

``pages(count)`` yields lists of records spelt as the live feed does, newest day last, all 87 keys. People, sites and
destinations follow a long-tailed distribution, nearly all in office hours; a fifth of the legs are internal and a
twentieth international.
"""

import argparse
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from core.calls.fields import FIELDS
from core.calls.normalise import normalise_records
from core.calls.table import CallTable

LAST_DAY = datetime(2026, 11, 20, tzinfo=UTC)
PEOPLE = 2000
RECORDS_A_PAGE = 5000

_SITES = (
    ("Bogotá", "+576015550100", "-300"),
    ("San José", "+50622220100", "-360"),
    ("Guatemala", "+50222220100", "-360"),
    ("San Salvador", "+50322220100", "-360"),
    ("Miami", "+13055550100", "-300"),
)
_ABROAD = ("+5355", "+1876555", "+44207946", "+8816123", "+21261234", "+34915550", "+525555", "+3725555")
_HOURS = np.array([1, 1, 1, 1, 1, 2, 6, 20, 45, 60, 60, 50, 35, 45, 60, 60, 55, 40, 20, 8, 4, 3, 2, 1], float)


def pages(count: int, *, days: int = 30, seed: int = 7, size: int = RECORDS_A_PAGE) -> Iterator[list[dict[str, Any]]]:
    """``count`` records in pages of ``size``, over ``days`` days up to ``LAST_DAY``, in order of start time."""
    random = np.random.default_rng(seed)
    empty = {field.key: "" for field in FIELDS}
    offsets = np.sort(_seconds(random, count, days))
    first = LAST_DAY - timedelta(days=days - 1)
    for start in range(0, count, size):
        chosen = offsets[start : start + size]
        starts = np.datetime64(first.replace(tzinfo=None), "ms") + (chosen * 1000).astype("timedelta64[ms]")
        yield _page(random, empty, starts, start)


def _seconds(random: np.random.Generator, count: int, days: int) -> np.ndarray:
    hours = random.choice(24, count, p=_HOURS / _HOURS.sum())
    return random.integers(0, days, count) * 86400.0 + hours * 3600.0 + random.random(count) * 3600.0


def _page(random: np.random.Generator, empty: dict[str, Any], starts: np.ndarray, first: int) -> list[dict[str, Any]]:
    count = len(starts)
    kinds = random.choice(4, count, p=(0.5, 0.25, 0.2, 0.05))
    people = np.minimum(random.zipf(1.3, count), PEOPLE) - 1
    talks = np.where(random.random(count) < 0.75, random.gamma(1.5, 90, count).astype(int) + 1, 0)
    rings = random.integers(1, 25, count)
    answers = starts + (rings * 1000).astype("timedelta64[ms]")
    ends = answers + (talks * 1000).astype("timedelta64[ms]")
    texts = [np.datetime_as_string(times, unit="ms").tolist() for times in (starts, answers, ends)]
    numbers = random.integers(0, 10**7, count).tolist()
    identities = random.bytes(16 * 5 * count)
    columns = zip(kinds.tolist(), people.tolist(), talks.tolist(), rings.tolist(), *texts, numbers, strict=True)
    return [
        _record(empty, row, identities[80 * position : 80 * position + 80], first + position)
        for position, row in enumerate(columns)
    ]


def _record(empty: dict[str, Any], row: tuple[Any, ...], identity: bytes, number: int) -> dict[str, Any]:
    kind, person, talk, ring, start, answer, end, tail = row
    location, main_number, zone = _SITES[person % len(_SITES)]
    own = f"{main_number[:-4]}{person:04d}"
    outbound = kind != 1
    far = _far_number(kind, main_number, tail)
    reports, correlation, interaction, network, session = (identity[at : at + 16].hex() for at in range(0, 80, 16))
    return empty | {
        "Report ID": _dashed(reports),
        "Start time": start + "Z",
        "Answer time": answer + "Z" if talk else "",
        "Release time": end + "Z",
        "Report time": end + "Z",
        "Duration": talk,
        "Ring duration": str(ring),
        "Hold duration": 0,
        "Direction": "ORIGINATING" if outbound else "TERMINATING",
        "Call type": ("SIP_NATIONAL", "SIP_INBOUND", "SIP_ENTERPRISE", "SIP_INTERNATIONAL")[kind],
        "Call outcome": "Success",
        "Call outcome reason": "Normal" if talk else "NoAnswer",
        "Answered": "true" if talk else "false",
        "Answer indicator": "Yes" if talk else "No",
        "Releasing party": "Local" if tail % 2 else "Remote",
        "User": f"Person {person:04d}",
        "User number": own,
        "User UUID": _identity(f"person {person}"),
        "User type": "User",
        "Department ID": _identity(f"department {person % 12}"),
        "Location": location,
        "Site UUID": _identity(location),
        "Site main number": main_number,
        "Site timezone": zone,
        "Org UUID": _identity("org"),
        "Calling number": own if outbound else far,
        "Called number": far if outbound else own,
        "Called line ID": "NA",
        "Dialed digits": far if outbound else "",
        "Caller ID number": main_number if outbound else far,
        "Correlation ID": _dashed(correlation),
        "Interaction ID": _dashed(interaction),
        "Local call ID": f"{100_000_000 + number}:0",
        "Network call ID": f"BW{network}@10.0.0.1",
        "Call ID": f"SSE{network}@10.0.0.1",
        "Local SessionID": session,
        "PSTN vendor name": "Acme Telecom",
        "PSTN legal entity": "Acme Telecom S.A.",
        "Client type": "WXC_CLIENT",
        "Client version": "45.8.0.32875",
        "Sub client type": "DESKTOP_APP",
        "OS type": "windows",
        "Public Calling IP Address": "NA",
        "Public Called IP Address": "NA",
        "Auto Attendant Key Pressed": "NA",
        "International country": "",
    }


def _far_number(kind: int, main_number: str, tail: int) -> str:
    if kind == 2:
        return f"{tail % PEOPLE:04d}"
    prefix = _ABROAD[tail % len(_ABROAD)] if kind == 3 else main_number[:-5]
    return f"{prefix}{tail % 50_000:05d}"


def _dashed(text: str) -> str:
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@cache
def _identity(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


def write_jsonl(path: Path, count: int, *, days: int = 30, seed: int = 7) -> int:
    """Write records one a line; gives the bytes."""
    with path.open("wb") as file:
        for page in pages(count, days=days, seed=seed):
            file.write(b"".join(orjson.dumps(record) + b"\n" for record in page))
        return file.tell()


def fill(table: CallTable, count: int, *, days: int = 30, seed: int = 7, rows_a_file: int = 50_000) -> None:
    """Store records in an empty table as a compacted history looks: few sorted files a day."""
    for page in pages(count, days=days, seed=seed, size=rows_a_file):
        rows = normalise_records(page, source="feed", stored_at=LAST_DAY + timedelta(days=1)).table
        table.append(rows)


def main() -> None:
    """``python -m bench.records COUNT FILE.jsonl`` or ``… FOLDER`` for a table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("target", type=Path)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    if given.target.suffix == ".jsonl":
        write_jsonl(given.target, given.count, days=given.days, seed=given.seed)
    else:
        fill(CallTable(given.target), given.count, days=given.days, seed=given.seed)


if __name__ == "__main__":
    main()
