"""Tariffs of the organisation's contract: read from a file, checked line by line, kept in versions, one of them in use.

A file is CSV with a heading: ``prefix`` or ``country`` (or both columns, one filled in each line), ``kind``,
``price`` a minute, ``increment`` in seconds, ``connection_fee``, ``currency``. The first two of a line say what it is
about; a kind left empty means every kind of line there. Decimal commas are understood.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from typing import Any, get_args

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from core.detection.numbering import Kind
from core.detection.rates import LONGEST_PREFIX, ContractTariff, Rate
from core.detection.suppression import DATA_VERSION, plain_reason
from core.errors import InvalidInputError, NotFoundError
from core.store import audit, data_version
from core.store.models.detection import TariffRate, TariffVersion

LARGEST_FILE = 4_000_000
MOST_RATES = 50_000
MOST_PROBLEMS = 100
HIGHEST_PRICE = 1e7
LOWEST_RATE = 1e-3
"""Units of a currency for a dollar; the dearest, Kuwait's dinar, is about 0.3. Far less would make infinite costs."""

LONGEST_INCREMENT = 3600
KINDS: tuple[str, ...] = get_args(Kind)
_COLUMNS = ("prefix", "country", "kind", "price", "increment", "connection_fee", "currency")
_CURRENCY = re.compile(r"[A-Z]{3}")
_PREFIX = re.compile(r"\+?[0-9][0-9 ()./-]*")
"""Digits as people part them; what a spreadsheet made of a long number (``5.7E+11``) is none."""

_AMOUNT = re.compile(r"[0-9]+([.,][0-9]*)?|[.,][0-9]+")


@dataclass(frozen=True)
class Line:
    """One usable line of a tariff, amounts in the file's currency."""

    prefix: str
    country: str
    kind: str
    price: float
    increment: int
    connection_fee: float


@dataclass(frozen=True)
class LineProblem:
    """Why a line cannot be used: ``reason`` is a key below ``tuning.tariffs.problems``; line 1 is the heading."""

    line: int
    reason: str
    value: str = ""


@dataclass
class TariffFile:
    """What a file says. It can be loaded when it has lines and no problems."""

    lines: list[Line] = field(default_factory=list)
    problems: list[LineProblem] = field(default_factory=list)
    currency: str = "USD"

    @property
    def is_usable(self) -> bool:
        """Whether the file can be loaded."""
        return bool(self.lines) and not self.problems


def read_file(content: bytes) -> TariffFile:
    """Read and check a file; never raises for what stands in it."""
    if len(content) > LARGEST_FILE:
        return TariffFile(problems=[LineProblem(0, "too_large")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    found = TariffFile()
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        _read_rows(rows, found)
    except csv.Error:
        found.problems.append(LineProblem(rows.line_num, "unreadable"))
    if not found.lines and not found.problems:
        found.problems.append(LineProblem(1, "empty"))
    return found


def _read_rows(rows: Any, found: TariffFile) -> None:
    heading = [cell.strip().casefold() for cell in next(rows, [])]
    if "price" not in heading or not {"prefix", "country"} & set(heading):
        found.problems.append(LineProblem(1, "heading", ", ".join(heading)[:100]))
        return
    currencies: set[str] = set()
    seen: set[tuple[str, str, str]] = set()
    for cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        told = {name: cell.strip()[:60] for name, cell in zip(heading, cells, strict=False) if name in _COLUMNS}
        _take(told, rows.line_num, found, seen)
        currencies.add((told.get("currency") or "USD").upper())
        if len(found.lines) > MOST_RATES:
            found.problems.append(LineProblem(rows.line_num, "too_many", str(MOST_RATES)))
        if len(found.problems) >= MOST_PROBLEMS or len(found.lines) > MOST_RATES:
            return
    if len(currencies) > 1 or not all(_CURRENCY.fullmatch(each) for each in currencies):
        found.problems.append(LineProblem(1, "currency", ", ".join(sorted(currencies))[:60]))
    elif currencies:
        found.currency = currencies.pop()


def _take(told: dict[str, str], number: int, found: TariffFile, seen: set[tuple[str, str, str]]) -> None:
    line, problem = _line_of(told)
    if line is None:
        found.problems.append(LineProblem(number, *problem))
        return
    key = (line.prefix, line.country, line.kind)
    if key in seen:
        found.problems.append(LineProblem(number, "twice", " ".join(filter(None, key))))
        return
    seen.add(key)
    found.lines.append(line)


def _line_of(told: dict[str, str]) -> tuple[Line | None, tuple[str, str]]:
    written = told.get("prefix", "")
    prefix = re.sub(r"[^0-9]", "", written)
    country = told.get("country", "").upper()
    kind = told.get("kind", "").casefold()
    if bool(written) == bool(country):
        return None, ("prefix_or_country", written or country)
    if (written and not _PREFIX.fullmatch(written)) or len(prefix) > LONGEST_PREFIX:
        return None, ("destination", written)
    if country and not re.fullmatch(r"[A-Z]{2}", country):
        return None, ("destination", country)
    if kind in ("any", "all"):
        kind = ""
    if kind and (kind not in KINDS or prefix):
        return None, ("kind", kind)
    price, fee = _amount(told.get("price", "")), _amount(told.get("connection_fee", "") or "0")
    if price is None or fee is None:
        return None, ("price", told.get("price", "") if price is None else told["connection_fee"])
    increment = told.get("increment", "") or "1"
    if not (increment.isascii() and increment.isdecimal()) or not 1 <= int(increment) <= LONGEST_INCREMENT:
        return None, ("increment", increment)
    return Line(prefix, country, kind, price, int(increment), fee), ("", "")


def _amount(text: str) -> float | None:
    if not _AMOUNT.fullmatch(text):
        return None
    value = float(text.replace(",", "."))
    return value if value <= HIGHEST_PRICE else None


def load(
    session: Session, content: TariffFile, *, name: str, per_dollar: float, reason: str, actor: str, at: datetime
) -> TariffVersion:
    """Keep a usable file as a new version and use it from now on. Raises ``InvalidInputError``.

    ``per_dollar``: how many units of the file's currency make a US dollar; 1 for dollars.
    """
    if not content.is_usable:
        raise InvalidInputError(field="tariff", problem=str(len(content.problems)))
    if content.currency == "USD":
        per_dollar = 1.0
    if not (isfinite(per_dollar) and LOWEST_RATE <= per_dollar <= HIGHEST_PRICE):
        raise InvalidInputError(field="per_dollar", problem=f"{per_dollar:g}")
    row = TariffVersion(
        name=plain_reason(name, 200),
        currency=content.currency,
        per_dollar=per_dollar,
        rates=len(content.lines),
        reason=plain_reason(reason),
        created_at=at,
        created_by=actor,
    )
    session.add(row)
    session.flush()
    session.execute(insert(TariffRate), [{"tariff_id": row.id, **vars(line)} for line in content.lines])
    use(session, row.id, actor=actor, at=at, action="tariff.loaded")
    return row


def use(session: Session, tariff_id: int | None, *, actor: str, at: datetime, action: str = "tariff.used") -> None:
    """Use another version, or the product's own prices with ``None``. Raises ``NotFoundError``."""
    wanted = session.get(TariffVersion, tariff_id) if tariff_id is not None else None
    if tariff_id is not None and wanted is None:
        raise NotFoundError(what=f"tariff {tariff_id}")
    before = in_use(session)
    session.execute(update(TariffVersion).values(is_in_use=False))
    if wanted is not None:
        wanted.is_in_use = True
    data_version.bump(session, DATA_VERSION, at)
    told = {"before": before.id if before else None, "after": tariff_id, "rates": wanted.rates if wanted else 0}
    audit.record(session, actor=actor, action=action, subject=wanted.name if wanted else "", detail=told, at=at)


def in_use(session: Session) -> TariffVersion | None:
    """The version in use; ``None`` while the product's own prices are."""
    return session.scalar(select(TariffVersion).where(TariffVersion.is_in_use.is_(True)).limit(1))


def versions(session: Session) -> list[TariffVersion]:
    """Every version, newest first."""
    return list(session.scalars(select(TariffVersion).order_by(TariffVersion.id.desc())))


def rates(session: Session, tariff_id: int, *, after: int = 0, limit: int = 200) -> list[TariffRate]:
    """Lines of a version in the order of its file."""
    query = select(TariffRate).where(TariffRate.tariff_id == tariff_id, TariffRate.id > after)
    return list(session.scalars(query.order_by(TariffRate.id).limit(limit)))


def tariff(session: Session) -> ContractTariff | None:
    """The prices in use, in dollars; ``None`` while the product's own are."""
    version = in_use(session)
    if version is None:
        return None
    columns = (TariffRate.prefix, TariffRate.country, TariffRate.kind, TariffRate.price, TariffRate.increment)
    found = session.execute(select(*columns, TariffRate.connection_fee).where(TariffRate.tariff_id == version.id))
    return _contract(found.all(), version.per_dollar)


def contract_of(content: TariffFile, per_dollar: float) -> ContractTariff:
    """The prices of a file that is not loaded yet, for a preview."""
    return _contract([tuple(vars(line).values()) for line in content.lines], per_dollar)


def _contract(lines: Sequence[tuple[Any, ...]], per_dollar: float) -> ContractTariff:
    by_prefix: dict[str, Rate] = {}
    by_country: dict[tuple[str, str], Rate] = {}
    for prefix, country, kind, price, increment, fee in lines:
        rate = Rate(price / per_dollar, increment, fee / per_dollar)
        if prefix:
            by_prefix[prefix] = rate
        else:
            by_country[country, kind] = rate
    return ContractTariff(by_prefix, by_country)
