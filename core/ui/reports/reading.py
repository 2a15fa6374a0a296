"""What the Reports page asks core for, kept until what it was read from changes."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import streamlit as st

from core.language import Language
from core.reports.document import Figure, Kind, Picture, Table
from core.reports.making import make
from core.reports.order import ReportOrder
from core.reports.periods import Period
from core.store import data_version
from core.ui import session, times
from core.ui.text import language

ROWS = 500
"""Rows of a table that the page shows; the files hold them all."""

_SOURCES = ("calls", "alerts", "tickets", "recordings", "operators")


@dataclass(frozen=True)
class ShownTable:
    """The first rows of a table, spelt where words stand for values; ``more`` tells that there are others."""

    name: str
    title: str
    note: str
    columns: tuple[tuple[str, str, Kind], ...]
    rows: tuple[tuple[Any, ...], ...]
    more: bool


@dataclass(frozen=True)
class Shown:
    """A report as the page shows it."""

    title: str
    sentence: str
    period: Period
    figures: tuple[Figure, ...]
    pictures: tuple[Picture, ...]
    tables: tuple[ShownTable, ...]


@dataclass(frozen=True)
class Question:
    """What an answer is remembered under: the data it is read from, its minute, the order, zone and language."""

    versions: tuple[int, ...]
    minute: datetime
    order: ReportOrder
    zone: str
    language: Language


def shown(order: ReportOrder) -> Shown:
    """A report of this minute by the viewer's clock. Raises as the making of a report does."""
    minute = session.services().clock.now().replace(second=0, microsecond=0)
    with session.services().database.read() as opened:
        versions = tuple(data_version.current(opened, name)[0] for name in _SOURCES)
    return _shown(Question(versions, minute, order, str(times.zone()), language()))


@st.cache_data(max_entries=48, ttl="15m", show_spinner=False)
def _shown(asked: Question) -> Shown:
    period = asked.order.stretch(asked.minute, asked.zone)
    document = make(session.services(), asked.order, period, asked.language, at=asked.minute)
    return Shown(
        title=document.title,
        sentence=document.sentence,
        period=period,
        figures=document.figures,
        pictures=document.pictures,
        tables=tuple(_table(table) for table in document.tables),
    )


def _table(table: Table) -> ShownTable:
    rows = [
        tuple(
            column.words(value) if column.words is not None and value not in (None, "") else value
            for value, column in zip(row, table.columns, strict=True)
        )
        for row in islice(table.rows(), ROWS + 1)
    ]
    columns = tuple((column.name, column.title, "text" if column.words else column.kind) for column in table.columns)
    return ShownTable(table.name, table.title, table.note, columns, tuple(rows[:ROWS]), len(rows) > ROWS)
