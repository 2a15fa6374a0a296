"""The filter of recordings as widgets. The address holds the one state; widgets show it, and a change rewrites it."""

from dataclasses import dataclass, replace

import streamlit as st

from core.recordings import keyword_lists, query
from core.recordings.filters import SORTS, SOURCES, RecordingFilter
from core.recordings.summary import LABELS
from core.recordings.vocabulary import DATA_VERSION, STATES, STEPS
from core.store import data_version
from core.ui import address, numbers, session, times
from core.ui.filter_address import FilterAddress
from core.ui.filter_widgets import FilterWidgets
from core.ui.text import escaped, language, named, t

PERIODS = ("24h", "7d", "30d", "all")
KEPT = ("view",)
_ANY = "any"

ADDRESS = FilterAddress(RecordingFilter, KEPT)
to_address = ADDRESS.write


@dataclass(frozen=True)
class Offered:
    """The values the lists of the filter offer; ``lists`` are the names of keyword lists by their numbers."""

    sites: tuple[str, ...]
    languages: tuple[str, ...]
    lists: dict[str, str]


def from_address() -> RecordingFilter:
    """The filter of the page's address; deleted ones are shown to administrators alone."""
    found = ADDRESS.read()
    if found.deleted and (not session.may("recordings.delete")):
        return found.without("deleted")
    return found


def version() -> int:
    """The data version of the recordings."""
    with session.services().database.read() as opened:
        return data_version.current(opened, DATA_VERSION)[0]


def offered() -> Offered:
    """What can be chosen, as the recordings are now."""
    return _offered(version())


@st.cache_data(max_entries=4, ttl="1h", show_spinner=False)
def _offered(number: int) -> Offered:  # noqa: ARG001 - what the answer is remembered under
    with session.services().database.read() as opened:
        found = query.choices(opened)
        lists = {str(row.id): row.name for row in keyword_lists.every(opened)}
    return Offered(tuple(found["sites"]), tuple(found["languages"]), lists)


def bar(current: RecordingFilter) -> None:
    """The row of widgets."""
    widgets = FilterWidgets(ADDRESS, "rf", current)
    with st.container(horizontal=True, vertical_alignment="bottom", key="recording_filters"):
        for field, (name, longest, width) in _TYPED.items():
            widgets.typed(field, _label(name), hint=_label(f"{name}_hint"), width=width, longest=longest)
        _state(widgets)
        widgets.any_of("sentiments", _label("sentiment"), LABELS, lambda one: t(f"recordings_page.feelings.{one}"))
        with st.popover(t("filters.more", n=len(current.clauses())), icon=":material/tune:"):
            _more(widgets)
    ADDRESS.tell_problem()


def sentence(current: RecordingFilter, shown: int) -> None:
    """How many there are and the filter in words, and a button for each part that takes the part away."""
    number = numbers.counted(shown, query.COUNTED_TO)
    names = offered().lists
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="chips"):
        told = current.sentence(language(), times.zone(), names)
        st.markdown(f"**{number}** · {escaped(told)}", width="content")
        cleared = RecordingFilter(sort=current.sort)
        ADDRESS.chips(current, current.clauses(language(), names), cleared if current != cleared else None)


_TYPED = {"text": ("search", 120, 280), "party": ("who", 80, 200)}
"""Fields that are typed: their text, the most signs, and the width in pixels."""


def _label(name: str) -> str:
    return t(f"recordings_page.filters.{name}")


def _state(widgets: FilterWidgets[RecordingFilter]) -> None:
    chosen = widgets.current.states
    widgets.choice(
        "states",
        _label("state"),
        [_ANY, *STATES],
        lambda one: _label("any_state") if one == _ANY else t(f"recordings.states.{one}"),
        width=150,
        shown=chosen[0] if len(chosen) == 1 else _ANY,
        change=lambda was, one: replace(was, states=() if one == _ANY else (one,)),
    )


def _more(widgets: FilterWidgets[RecordingFilter]) -> None:
    found, lists = offered(), offered().lists
    widgets.period(_label("period"), PERIODS)
    widgets.dates()
    left, right = st.columns(2)
    with left:
        widgets.several("sites", _label("sites"), found.sites)
        widgets.several(
            "languages", _label("languages"), found.languages, lambda one: named("recordings_page.tongues", one)
        )
        widgets.several("lists", _label("lists"), tuple(lists), lambda one: lists.get(one, one))
    with right:
        widgets.several("missing", _label("missing"), STEPS, lambda one: t(f"recordings.steps.{one}"))
        widgets.several("sources", _label("sources"), SOURCES, lambda one: t(f"recordings_page.sources.{one}"))
        widgets.seconds({field: _label(field) for field in ("min_seconds", "max_seconds")}, step=30)
    for field in ("has_audio", "has_transcript", "has_summary"):
        widgets.flag(field, _label(field), lambda word: t(f"recordings_page.flags.{word}"))
    widgets.one("sort", _label("sort"), SORTS, lambda one: t(f"recordings_page.sorts.{one}"))
    if session.may("recordings.delete"):
        _deleted(widgets.current)


def _deleted(current: RecordingFilter) -> None:
    key = address.shown("rf_deleted", bool(current.deleted))
    st.toggle(
        t("recordings_page.filters.deleted"),
        key=key,
        on_change=ADDRESS.change,
        args=(key, lambda was, wanted: replace(was, deleted=True if wanted else None)),
    )
