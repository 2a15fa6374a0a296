"""How a page's address holds a filter, whatever is filtered: read, rewritten by widgets, its parts taken away."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, Protocol, Self, TypeVar

import streamlit as st

from core.errors import InvalidInputError
from core.ui.text import error_texts, escaped, t


class Filter(Protocol):
    """What the filters of calls, journeys and alerts have in common."""

    @classmethod
    def read_query(cls, query: Mapping[str, str | Sequence[str]]) -> tuple[Self, tuple[InvalidInputError, ...]]:
        """The filter of the usable parameters, and what was wrong with the others."""

    def to_query(self) -> dict[str, list[str]]:
        """The parameters of an address that mean this filter."""

    def without(self, field: str) -> Self:
        """The same filter without one of its parts."""


F = TypeVar("F", bound=Filter)


class FilterAddress(Generic[F]):
    """The address of a page that shows what a filter leaves; ``kept`` parameters outlive a change of the filter."""

    def __init__(self, kind: type[F], kept: tuple[str, ...] = ()) -> None:
        self._kind = kind
        self._kept = kept
        self._problem = f"{kind.__name__}_problem"

    def read(self) -> F:
        """The filter of the page's address; says what could not be used and goes on without it."""
        found, problems = self._kind.read_query(_parameters())
        for problem in problems:
            message, remedy = error_texts(problem)
            st.warning(escaped(f"{message} {remedy}"), icon=":material/link_off:")
        return found

    def write(self, wanted: F, **others: str) -> None:
        """Make the address say this filter, and nothing of the former page of rows."""
        kept = {key: st.query_params[key] for key in self._kept if key in st.query_params}
        st.query_params.from_dict({**kept, **wanted.to_query(), **others})

    def change(self, key: str, change: Callable[[F, Any], F]) -> None:
        """What a widget does when it changed: its value, by ``change``, into the address."""
        current, _ = self._kind.read_query(_parameters())
        try:
            self.write(change(current, st.session_state[key]))
        except InvalidInputError as error:
            st.session_state[self._problem] = " ".join(error_texts(error))

    def tell_problem(self) -> None:
        """Say what was wrong with the last change, once."""
        if problem := st.session_state.pop(self._problem, None):
            st.error(escaped(problem), icon=":material/error:")

    def chips(self, current: F, clauses: Sequence[tuple[str, str]], cleared: F | None) -> None:
        """A button for each part of the filter that takes it away, and one for all (``None`` = not offered)."""
        for field, clause in clauses:
            st.button(
                escaped(clause),
                key=f"chip_{field}",
                icon=":material/close:",
                icon_position="right",
                on_click=self.write,
                args=(current.without(field),),
            )
        if cleared is not None:
            st.button(t("filters.clear"), key="chip_all", type="tertiary", on_click=self.write, args=(cleared,))


def _parameters() -> dict[str, list[str]]:
    return {key: st.query_params.get_all(key) for key in st.query_params}
