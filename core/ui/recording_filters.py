"""The filter of recordings as widgets. The address holds the one state; widgets show it, and a change rewrites it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import streamlit as st

from core.recordings import keyword_lists, query
from core.recordings.filters import SORTS, SOURCES, RecordingFilter
from core.recordings.summary import LABELS
from core.recordings.vocabulary import DATA_VERSION, STATES, STEPS
from core.store import data_version
from core.ui import address, session, times
from core.ui.filter_address import FilterAddress, days_of, period_of
from core.ui.text import escaped, language, named, t

PERIODS = ("24h", "7d", "30d", "all")
KEPT = ("view",)
FLAGS: dict[str, bool | None] = {"any": None, "yes": True, "no": False}
_ANY = "any"
_LIVE = "500ms"

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
    person = session.current_user()
    if found.deleted and (person is None or not person.may("recordings.delete")):
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
    with st.container(horizontal=True, vertical_alignment="bottom", key="recording_filters"):
        _typed("text", current.text, width=280)
        _typed("party", current.party, width=200)
        _state(current)
        _moods(current)
        with st.popover(t("filters.more", n=len(current.clauses())), icon=":material/tune:"):
            _more(current)
    ADDRESS.tell_problem()


def sentence(current: RecordingFilter, shown: int) -> None:
    """How many there are and the filter in words, and a button for each part that takes the part away."""
    most = query.COUNTED_TO
    number = f"{most:,}+" if shown > most else f"{shown:,}"
    names = offered().lists
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="chips"):
        told = current.sentence(language(), times.zone(), names)
        st.markdown(f"**{number}** · {escaped(told)}", width="content")
        cleared = RecordingFilter(sort=current.sort)
        ADDRESS.chips(current, current.clauses(language(), names), cleared if current != cleared else None)


_TYPED = {"text": ("search", 120), "party": ("who", 80)}


def _typed(field: str, value: str, *, width: int) -> None:
    name, longest = _TYPED[field]
    key = address.shown(f"rf_{field}", value)
    st.text_input(
        t(f"recordings_page.filters.{name}"),
        key=key,
        type="search",
        live=_LIVE,
        placeholder=t(f"recordings_page.filters.{name}_hint"),
        max_chars=longest,
        width=width,
        on_change=ADDRESS.change,
        args=(key, lambda was, typed: replace(was, **{field: (typed or "").strip()})),
    )


def _state(current: RecordingFilter) -> None:
    key = address.shown("rf_states", current.states[0] if len(current.states) == 1 else _ANY)
    st.selectbox(
        t("recordings_page.filters.state"),
        [_ANY, *STATES],
        format_func=lambda one: (
            t("recordings_page.filters.any_state") if one == _ANY else t(f"recordings.states.{one}")
        ),
        key=key,
        width=150,
        on_change=ADDRESS.change,
        args=(key, lambda was, one: replace(was, states=() if one == _ANY else (one,))),
    )


def _moods(current: RecordingFilter) -> None:
    key = address.shown("rf_sentiments", list(current.sentiments))
    st.pills(
        t("recordings_page.filters.sentiment"),
        LABELS,
        selection_mode="multi",
        format_func=lambda one: t(f"recordings_page.feelings.{one}"),
        key=key,
        on_change=ADDRESS.change,
        args=(key, lambda was, chosen: replace(was, sentiments=tuple(chosen))),
    )


def _more(current: RecordingFilter) -> None:
    found, lists = offered(), offered().lists
    _period(current)
    left, right = st.columns(2)
    with left:
        _several("sites", current.sites, found.sites, str)
        _several("languages", current.languages, found.languages, lambda one: named("recordings_page.tongues", one))
        _several("lists", current.lists, tuple(lists), lambda one: lists.get(one, one))
    with right:
        _several("missing", current.missing, STEPS, lambda one: t(f"recordings.steps.{one}"))
        _several("sources", current.sources, SOURCES, lambda one: t(f"recordings_page.sources.{one}"))
        _bounds(current)
    for field in ("has_audio", "has_transcript", "has_summary"):
        _flag(field, getattr(current, field))
    _sort(current)
    person = session.current_user()
    if person is not None and person.may("recordings.delete"):
        _deleted(current)


def _period(current: RecordingFilter) -> None:
    key = address.shown("rf_last", current.last if current.last in PERIODS else None)
    st.pills(
        t("recordings_page.filters.period"),
        PERIODS,
        format_func=lambda period: t(f"filters.periods.{period}"),
        key=key,
        on_change=ADDRESS.change,
        args=(key, lambda was, last: was.over_last(last or "all")),
    )
    key = address.shown("rf_dates", days_of(current.since, current.until))
    st.date_input(
        t("filters.dates_label", zone=str(times.zone())),
        key=key,
        format="YYYY-MM-DD",
        on_change=ADDRESS.change,
        args=(key, _between),
    )


def _between(was: RecordingFilter, days: Sequence[date]) -> RecordingFilter:
    period = period_of(days)
    return was.within(*period) if period else was


def _several(field: str, value: tuple[str, ...], options: Sequence[str], name: Callable[[str], str]) -> None:
    key = address.shown(f"rf_{field}", list(value))
    st.multiselect(
        t(f"recordings_page.filters.{field}"),
        [*options, *(one for one in value if one not in options)],
        format_func=name,
        key=key,
        placeholder=t("filters.any"),
        on_change=ADDRESS.change,
        args=(key, lambda was, chosen: replace(was, **{field: tuple(chosen)})),
    )


def _bounds(current: RecordingFilter) -> None:
    left, right = st.columns(2)
    for column, field in ((left, "min_seconds"), (right, "max_seconds")):
        key = address.shown(f"rf_{field}", getattr(current, field))
        column.number_input(
            t(f"recordings_page.filters.{field}"),
            min_value=0,
            value=None,
            step=30,
            key=key,
            on_change=ADDRESS.change,
            args=(key, lambda was, seconds, field=field: replace(was, **{field: seconds})),
        )


def _flag(field: str, value: bool | None) -> None:
    key = address.shown(f"rf_{field}", next(name for name, flag in FLAGS.items() if flag is value))
    st.segmented_control(
        t(f"recordings_page.filters.{field}"),
        list(FLAGS),
        format_func=lambda name: t(f"recordings_page.flags.{name}"),
        required=True,
        key=key,
        on_change=ADDRESS.change,
        args=(key, lambda was, name: replace(was, **{field: FLAGS[name]})),
    )


def _sort(current: RecordingFilter) -> None:
    key = address.shown("rf_sort", current.sort or SORTS[0])
    st.segmented_control(
        t("recordings_page.filters.sort"),
        SORTS,
        format_func=lambda one: t(f"recordings_page.sorts.{one}"),
        required=True,
        key=key,
        on_change=ADDRESS.change,
        args=(key, lambda was, one: replace(was, sort=one)),
    )


def _deleted(current: RecordingFilter) -> None:
    key = address.shown("rf_deleted", bool(current.deleted))
    st.toggle(
        t("recordings_page.filters.deleted"),
        key=key,
        on_change=ADDRESS.change,
        args=(key, lambda was, wanted: replace(was, deleted=True if wanted else None)),
    )
