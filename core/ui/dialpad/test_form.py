"""The form of a scheduled test: one to add, one to change each, all with the same fields."""

import streamlit as st

from core.dialer import policy_book
from core.number_tests import book
from core.number_tests.definition import (
    LONGEST_HOLD,
    LONGEST_NAME,
    LONGEST_WAIT_MINUTES,
    LONGEST_WITHIN,
    SHORTEST_WAIT_MINUTES,
    NumberTest,
    definition_of,
)
from core.number_tests.vocabulary import EXPECTATIONS
from core.store.models.number_tests import NumberTestRow
from core.ui import session, times
from core.ui.attempts import pressed
from core.ui.dialpad.sounds import SOUNDS, sound_words
from core.ui.text import t

PERMISSION = "dialer.manage"
EXAMPLE = "PJSIP/{number}@trunk-b"
_FIELDS = tuple(NumberTest.__dataclass_fields__)
_TO_FILL_IN = "000"
"""Stands for what is not typed yet in a test that only lends its defaults."""


def draw(row: NumberTestRow | None) -> None:
    """The fields of a test, or of a new one."""
    mark = str(row.id) if row else "new"
    test = definition_of(row) if row else NumberTest(_TO_FILL_IN, _TO_FILL_IN, time_zone=str(times.zone()))
    name, number = (row.name, row.number) if row else ("", "")
    with st.form(f"number_test_{mark}", border=False):
        st.text_input(t("number_tests.page.name"), name, key=f"nt_name_{mark}", max_chars=LONGEST_NAME)
        left, right = st.columns(2)
        left.text_input(t("number_tests.page.number"), number, key=f"nt_number_{mark}", max_chars=40)
        right.text_input(
            t("number_tests.page.endpoint"),
            test.endpoint,
            key=f"nt_endpoint_{mark}",
            max_chars=120,
            help=t("number_tests.page.endpoint_help", example=f"`{EXAMPLE}`"),
        )
        _origin(test, mark)
        _expectation(test, mark)
        _times(test, mark)
        st.form_submit_button(
            t("number_tests.page.save"),
            type="primary",
            key=f"nt_save_{mark}",
            on_click=pressed,
            args=(lambda: _save(row, mark), t("number_tests.page.saved")),
        )


def _origin(test: NumberTest, mark: str) -> None:
    parts = session.services()
    with parts.database.read() as opened:
        known, _ = policy_book.rules(opened)
        sites = [place.name for place in policy_book.places(opened, known)]
    left, right = st.columns(2)
    _choose(left, "site", test.site, list(dict.fromkeys([test.site or sites[0], *sites])), mark, t("dialpad.site"))
    offered = list(dict.fromkeys([test.caller_id, "", *policy_book.caller_ids(known, parts.settings)]))
    _choose(right, "caller_id", test.caller_id, offered, mark, t("dialpad.caller_id"), t("dialpad.default"))


def _expectation(test: NumberTest, mark: str) -> None:
    left, right = st.columns(2)
    left.selectbox(
        t("number_tests.page.expects"),
        EXPECTATIONS,
        EXPECTATIONS.index(test.expects),
        key=f"nt_expects_{mark}",
        format_func=lambda one: t(f"number_tests.expects.{one}"),
    )
    offered = list(dict.fromkeys([test.media, "", *SOUNDS]))
    _choose(right, "media", test.media, offered, mark, t("number_tests.page.media"), t("number_tests.page.silence"))
    with st.grid(3, min_column_width=110, gap="small"):
        _number("within_seconds", test.within_seconds, 1, LONGEST_WITHIN, mark)
        _number("hold_seconds", test.hold_seconds, 1, LONGEST_HOLD, mark)
        _number("every_minutes", test.every_minutes, SHORTEST_WAIT_MINUTES, LONGEST_WAIT_MINUTES, mark)


def _times(test: NumberTest, mark: str) -> None:
    st.pills(
        t("number_tests.page.weekdays"),
        range(7),
        selection_mode="multi",
        default=list(test.weekdays),
        key=f"nt_weekdays_{mark}",
        format_func=lambda day: t(f"visits.weekdays.{day}"),
    )
    with st.grid(3, min_column_width=110, gap="small"):
        _number("first_hour", test.first_hour, 0, 23, mark)
        _number("last_hour", test.last_hour, 1, 24, mark)
        zones = list(dict.fromkeys([test.time_zone, *times.all_zones()]))
        st.selectbox(t("number_tests.page.time_zone"), zones, key=f"nt_time_zone_{mark}")


def _number(name: str, value: int, least: int, most: int, mark: str) -> None:
    st.number_input(t(f"number_tests.page.{name}"), least, most, value, key=f"nt_{name}_{mark}")


def _choose(
    place: st.delta_generator.DeltaGenerator,
    name: str,
    value: str,
    offered: list[str],
    mark: str,
    label: str,
    none: str = "",
) -> None:
    index = offered.index(value) if value in offered else 0
    place.selectbox(
        label, offered, index, key=f"nt_{name}_{mark}", format_func=lambda one: sound_words(one) or none or "–"
    )


def _save(row: NumberTestRow | None, mark: str) -> None:
    person, parts, kept = session.check(PERMISSION), session.services(), st.session_state
    told = {name: kept[f"nt_{name}_{mark}"] for name in _FIELDS}
    test = NumberTest(**told | {"weekdays": tuple(told["weekdays"] or ())})
    now = parts.clock.now()
    with parts.database.write() as opened:
        if row is None:
            book.add(opened, test, actor=person.name, at=now)
        else:
            book.change(opened, row.id, test, version=row.version, actor=person.name, at=now)
