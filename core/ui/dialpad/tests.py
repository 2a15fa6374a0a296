"""Scheduled tests on the dial pad: each with its last results, and for an administrator what can be done with it."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.number_tests import book, query, slots, words
from core.number_tests.definition import NumberTest, definition_of
from core.number_tests.dialling import attempt_now
from core.number_tests.vocabulary import MISSED, PASSED, RUNNING
from core.store.models.number_tests import NumberTestRow, NumberTestRunRow
from core.ui import navigation, session, states, times
from core.ui.attempts import pressed
from core.ui.colors import BadgeColor
from core.ui.dialpad import test_form
from core.ui.dialpad.test_form import PERMISSION
from core.ui.session import CurrentUser
from core.ui.text import actor_name, escaped, language, t

REFRESH = "3s"
ROWS = 100
TEST = "test"
"""Parameter of an address: a test to show before the others."""
_COLORS: dict[str, BadgeColor] = {
    "passed": "green",
    "missed": "red",
    "unobserved": "orange",
    "not_dialled": "gray",
    "running": "blue",
}
_BARS = "▁▂▃▄▅▆▇█"


def draw(person: CurrentUser) -> None:
    """Every test, and a form for one more."""
    with session.services().database.read() as opened:
        tests = book.listed(opened)
        recent = query.recent(opened, [row.id for row in tests])
    chosen = st.query_params.get(TEST)
    tests.sort(key=lambda row: str(row.id) != chosen)
    if not tests:
        states.empty(t("number_tests.page.none"), t("number_tests.page.none_help"))
    for row in tests:
        _card(row, recent.get(row.id, []), person)
    if person.may(PERMISSION):
        with st.expander(t("number_tests.page.add"), icon=":material/add:", expanded=not tests):
            test_form.draw(None)
    _watch(tuple(run.id for runs in recent.values() for run in runs if run.outcome == RUNNING))


def picture(runs: Sequence[NumberTestRunRow]) -> str:
    """A bar for each run as Markdown: its colour is the outcome, its height how late the answer came."""
    return "".join(f":{_COLORS[run.outcome]}[{_bar(run)}]" for run in runs)


def _bar(run: NumberTestRunRow) -> str:
    if run.answered_after is None:
        return _BARS[-1] if run.outcome == MISSED else _BARS[0]
    share = run.answered_after / max(run.within_seconds, 1)
    return _BARS[min(int(share * len(_BARS)), len(_BARS) - 1)]


def _card(row: NumberTestRow, runs: list[NumberTestRunRow], person: CurrentUser) -> None:
    test, may = definition_of(row), person.may(PERMISSION)
    with st.container(border=True, key=f"card-number-test-{row.id}", gap="small"):
        _heading(row, test, runs)
        st.caption(escaped(f"{words.expectation(test, language())}. {words.schedule(test, language())}."))
        _last(row, runs, person)
        with st.container(horizontal=True):
            if may:
                _actions(row)
            if runs:
                with st.popover(t("number_tests.page.results"), icon=":material/list:"):
                    _results(row)


def _heading(row: NumberTestRow, test: NumberTest, runs: list[NumberTestRunRow]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{escaped(row.name)}** · {escaped(row.number)}", width="content")
        st.space("stretch")
        if runs:
            outcome = runs[-1].outcome
            st.badge(t(f"number_tests.outcomes.{outcome}"), color=_COLORS[outcome])
        if row.is_enabled:
            upcoming = slots.following(test, session.services().clock.now())
            st.badge(t("number_tests.page.next", at=times.to_the_minute(upcoming)), icon=":material/schedule:")
        else:
            st.badge(t("number_tests.page.paused"), icon=":material/pause:", color="gray")


def _last(row: NumberTestRow, runs: list[NumberTestRunRow], person: CurrentUser) -> None:
    if not runs:
        st.caption(t("number_tests.page.never"))
        return
    st.markdown(picture(runs), help=t("number_tests.page.legend"))
    counted = Counter(run.outcome for run in runs)
    other = len(runs) - counted[PASSED] - counted[MISSED]
    st.caption(t("number_tests.page.counted", n=len(runs), passed=counted[PASSED], missed=counted[MISSED], other=other))
    last = runs[-1]
    told = {"at": times.to_the_minute(last.slot), "outcome": t(f"number_tests.outcomes.{last.outcome}")}
    st.markdown(escaped(t("number_tests.page.last", why=words.reason_words(last, language()), **told)))
    if row.alert_id is not None and row.misses_in_a_row and person.may("alerts.view"):
        st.page_link(
            navigation.script("alerts"),
            label=t("number_tests.page.alert"),
            icon=":material/notifications:",
            query_params={"alert": str(row.alert_id)},
        )


def _actions(row: NumberTestRow) -> None:
    _button("run", row, ":material/play_arrow:", "asked")
    _button(
        *(("pause", row, ":material/pause:") if row.is_enabled else ("resume", row, ":material/play_circle:")), "saved"
    )
    with st.popover(t("number_tests.page.change"), icon=":material/edit:"):
        test_form.draw(row)
    with st.popover(t("number_tests.page.remove"), icon=":material/delete:"):
        st.markdown(t("number_tests.page.remove_sure"))
        _button("remove", row, ":material/delete:", "removed")


def _button(deed: str, row: NumberTestRow, icon: str, done: str) -> None:
    st.button(
        t(f"number_tests.page.{deed}"),
        key=f"nt_{deed}_{row.id}",
        icon=icon,
        on_click=pressed,
        args=(lambda: _do(deed, row.id), t(f"number_tests.page.{done}")),
    )


def _do(deed: str, test_id: int) -> None:
    person, parts = session.check(PERMISSION), session.services()
    if deed == "run":
        attempt_now(parts, test_id, actor=person.name)
        return
    now = parts.clock.now()
    with parts.database.write() as opened:
        if deed == "remove":
            book.remove(opened, test_id, actor=person.name, at=now)
        else:
            book.pause(opened, test_id, is_paused=deed == "pause", actor=person.name, at=now)


def _results(row: NumberTestRow) -> None:
    with session.services().database.read() as opened:
        runs = query.results(opened, row.id, limit=ROWS).rows
    shown = {
        "slot": [times.to_the_minute(run.slot) for run in runs],
        "outcome": [t(f"number_tests.outcomes.{run.outcome}") for run in runs],
        "why": [words.reason_words(run, language()) for run in runs],
        "after": [run.answered_after for run in runs],
        "asked_by": [actor_name(run.asked_by) for run in runs],
        "call": [f"/dialpad?call={run.call_id}" if run.call_id else None for run in runs],
    }
    labels = {name: t(f"number_tests.columns.{name}") for name in shown}
    st.dataframe(
        pd.DataFrame(shown),
        key=f"nt_results_{row.id}",
        width="content",
        hide_index=True,
        column_config=labels
        | {"call": st.column_config.LinkColumn(labels["call"], display_text=t("number_tests.columns.open"))},
        alt=t("number_tests.page.results_alt"),
    )


def _watch(running: tuple[int, ...]) -> None:
    """Draw the page again once a run that is under way has its result."""
    if running:
        st.fragment(_redraw_at_an_end, run_every=REFRESH)(running)


def _redraw_at_an_end(running: tuple[int, ...]) -> None:
    session.require("dialer.view")
    with session.services().database.read() as opened:
        if query.under_way(opened, running) != len(running):
            st.rerun()
