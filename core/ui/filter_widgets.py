"""The widgets of a filter: each shows one part of what the address holds, and a change rewrites the address."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Generic, Literal, TypeVar

import streamlit as st

from core.calls.filter_terms import ALL_HISTORY, LONGEST_VALUE
from core.calls.term_filter import TermFilter
from core.ui import address, times
from core.ui.filter_address import FilterAddress
from core.ui.text import t

FLAGS: dict[str, bool | None] = {"any": None, "yes": True, "no": False}
LIVE = "300ms"
F = TypeVar("F", bound=TermFilter)
Name = Callable[[str], str]
Width = int | Literal["stretch"]


class FilterWidgets(Generic[F]):
    """The widgets of one page's filter as it now is. Keys of widgets are ``prefix`` and the field's name."""

    def __init__(self, filter_address: FilterAddress[F], prefix: str, current: F) -> None:
        self._address = filter_address
        self._prefix = prefix
        self.current = current

    def typed(
        self, field: str, label: str, *, hint: str, width: int, longest: int = LONGEST_VALUE, live: bool = True
    ) -> None:
        """A line to type into, which looks while it is typed where ``live``."""
        key = self._shown(field, getattr(self.current, field))
        st.text_input(
            label,
            key=key,
            type="search",
            live=LIVE if live else False,
            placeholder=hint,
            max_chars=longest,
            width=width,
            on_change=self._address.change,
            args=(key, lambda was, words: _with(was, field, (words or "").strip())),
        )

    def any_of(self, field: str, label: str, options: Sequence[str], name: Name, *, help: str | None = None) -> None:
        """A few alternatives, of which any number is chosen."""
        key = self._shown(field, list(getattr(self.current, field)))
        st.pills(
            label,
            options,
            selection_mode="multi",
            format_func=name,
            key=key,
            help=help,
            on_change=self._address.change,
            args=(key, lambda was, chosen: _with(was, field, tuple(chosen or ()))),
        )

    def one(
        self,
        field: str,
        label: str,
        options: Sequence[str],
        name: Name,
        *,
        change: Callable[[F, str], F] | None = None,
    ) -> None:
        """A few alternatives, of which one always holds."""
        key = self._shown(field, getattr(self.current, field) or options[0])
        st.segmented_control(
            label,
            options,
            required=True,
            format_func=name,
            key=key,
            on_change=self._address.change,
            args=(key, change or (lambda was, chosen: _with(was, field, chosen))),
        )

    def choice(
        self,
        field: str,
        label: str,
        options: Sequence[str],
        name: Name,
        *,
        width: Width = "stretch",
        shown: str = "",
        change: Callable[[F, str], F] | None = None,
    ) -> None:
        """A list of which one is chosen; ``shown`` and ``change`` serve fields that hold something else than it."""
        value = shown or getattr(self.current, field)
        key = self._shown(field, value)
        st.selectbox(
            label,
            options if value in options else [*options, value],
            format_func=name,
            key=key,
            width=width,
            on_change=self._address.change,
            args=(key, change or (lambda was, chosen: _with(was, field, chosen))),
        )

    def several(
        self, field: str, label: str, options: Sequence[str], name: Name = str, *, width: Width = "stretch"
    ) -> None:
        """A list of which any number is chosen; values of the address that it does not hold are offered too."""
        value = getattr(self.current, field)
        key = self._shown(field, list(value))
        st.multiselect(
            label,
            [*options, *(one for one in value if one not in options)],
            format_func=name,
            key=key,
            placeholder=t("filters.any"),
            width=width,
            on_change=self._address.change,
            args=(key, lambda was, chosen: _with(was, field, tuple(chosen))),
        )

    def flag(self, field: str, label: str, name: Name) -> None:
        """Yes, no, or either."""
        value = getattr(self.current, field)
        key = self._shown(field, next(word for word, flag in FLAGS.items() if flag is value))
        st.segmented_control(
            label,
            list(FLAGS),
            required=True,
            format_func=name,
            key=key,
            on_change=self._address.change,
            args=(key, lambda was, word: _with(was, field, FLAGS[word])),
        )

    def seconds(self, labels: Mapping[str, str], *, step: int = 10) -> None:
        """Bounds in whole seconds, ``labels`` by field, side by side in two columns."""
        columns = st.columns(2)
        for position, (field, label) in enumerate(labels.items()):
            key = self._shown(field, getattr(self.current, field))
            columns[position % 2].number_input(
                label,
                min_value=0,
                value=None,
                step=step,
                key=key,
                on_change=self._address.change,
                args=(key, lambda was, number, field=field: _with(was, field, number)),
            )

    def period(self, label: str, periods: Sequence[str]) -> None:
        """How far back; taken back, it is all history where that is offered without another usual period."""
        key = self._shown("last", self.current.last if self.current.last in periods else None)
        usual = type(self.current).last
        st.pills(
            label,
            periods,
            format_func=lambda period: t(f"filters.periods.{period}"),
            key=key,
            on_change=self._address.change,
            args=(key, lambda was, last: was.over_last(last or (ALL_HISTORY if usual == ALL_HISTORY else was.last))),
        )

    def dates(self, *, width: Width = "stretch") -> None:
        """The first and the last day by the viewer's clock."""
        key = self._shown("dates", _days_of(self.current.since, self.current.until))
        st.date_input(
            t("filters.dates_label", zone=str(times.zone())),
            key=key,
            format="YYYY-MM-DD",
            width=width,
            on_change=self._address.change,
            args=(key, _between),
        )

    def dates_behind_button(self, help: str = "") -> None:
        """The choice of days behind a button, which stands out while days are chosen."""
        absolute = self.current.since is not None or self.current.until is not None
        with st.popover(t("filters.dates"), icon=":material/date_range:", type="primary" if absolute else "secondary"):
            self.dates()
            if help:
                st.caption(help)

    def _shown(self, field: str, value: Any) -> str:
        return address.shown(f"{self._prefix}_{field}", value)


def _with(was: F, field: str, value: Any) -> F:
    changed: dict[str, Any] = {field: value}
    return replace(was, **changed)


def _between(was: F, days: Sequence[date]) -> F:
    if not days:
        return replace(was, since=None, until=None)
    period = _period_of(days)
    return was.within(*period) if period else was


def _days_of(since: datetime | None, until: datetime | None) -> tuple[date, ...]:
    """The viewer's first and last day of a period, as the choice of dates shows it; empty for an open one."""
    if not since:
        return ()
    first = times.local(since).date()
    last = times.local(until - timedelta(microseconds=1)).date() if until else first
    return (first, last)


def _period_of(days: Sequence[date]) -> tuple[datetime, datetime] | None:
    """Begin and end of two chosen days by the viewer's clock; ``None`` while only one is chosen."""
    if len(days) != 2:
        return None
    first, last = (datetime(day.year, day.month, day.day, tzinfo=times.zone()) for day in days)
    return first, last + timedelta(days=1)
