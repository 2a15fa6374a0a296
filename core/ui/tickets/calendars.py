"""The calendars by which promises count: each as a sentence, and a form with the days that are free."""

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from core.errors import InvalidInputError
from core.store.models.tickets import TicketCalendarRow
from core.tickets import book_words, calendars, opening, policy_book
from core.tickets.calendars import MINUTES_A_DAY, WEEKDAYS, Calendar, office_hours
from core.tickets.opening import Opening
from core.tickets.policy_book import SITES_OWN
from core.ui import dialogs, reading, refusals, session, states, times
from core.ui.edited_rows import edited
from core.ui.text import escaped, language, t
from core.ui.tickets import actions

_FORM = "ticket_calendar"
_ICON = ":material/calendar_month:"
_FIELDS = ("weekdays", "begins", "ends")
_LONGEST_DAYS = 6000
_AHEAD, _MOST_AHEAD = timedelta(days=120), 6
_WORKING_DAY = timedelta(hours=8)


def draw() -> None:
    """Every calendar in words with the promises that count by it, and what may be done to it."""
    with session.services().database.read() as opened:
        kept, policies = policy_book.kept_calendars(opened), policy_book.kept_policies(opened)
    may = session.may(actions.MANAGE)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(t("tickets_page.calendars.help"))
        if may and st.button(
            t("tickets_page.calendars.add"), key="calendar_add", icon=":material/add:", type="primary"
        ):
            _ask(None)
    if not kept:
        states.empty(t("tickets_page.calendars.none"), t("tickets_page.promises.none"))
    for row in kept:
        count = sum(policy.calendar_id == row.id for policy in policies)
        with st.container(border=True, key=f"card-calendar-{row.id}", gap="small"):
            st.markdown(f"**{escaped(book_words.name_of(row.name, language()))}**")
            st.markdown(escaped(_sentence(policy_book.calendar_of(row))))
            st.caption(t("tickets_page.calendars.used", n=count) if count else t("tickets_page.calendars.unused"))
            if may:
                _deeds(row, is_used=count > 0)


def _sentence(calendar: Calendar) -> str:
    country = reading.country_names().get(calendar.country, calendar.country)
    return book_words.calendar_sentence(calendar, language(), country=country)


def _deeds(row: TicketCalendarRow, *, is_used: bool) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        if st.button(t("tickets_page.actions.edit"), key=f"calendar_edit_{row.id}", icon=":material/edit:"):
            _ask(row)
        with st.popover(t("tickets_page.book.remove"), icon=":material/delete:", disabled=is_used):
            st.markdown(t("tickets_page.calendars.remove_help"))
            st.button(
                t("tickets_page.book.remove"),
                key=f"calendar_remove_{row.id}",
                type="primary",
                on_click=_remove,
                args=(row.id,),
            )


def _ask(row: TicketCalendarRow | None) -> None:
    title = t("tickets_page.calendars.edit" if row else "tickets_page.calendars.add")
    dialogs.asked(_FORM, title, _ICON, lambda: _fields(row), width="large")


def _fields(row: TicketCalendarRow | None) -> None:
    """The form: what it says stands below it as a sentence, with the next free days."""
    new = Calendar(time_zone=SITES_OWN, country=SITES_OWN, hours=office_hours(8 * 60, 18 * 60))
    began = policy_book.calendar_of(row) if row else new
    mark = f"{row.id}_{row.version}" if row else "new"
    st.text_input(
        t("tickets_page.calendars.name"), value=began.name, max_chars=policy_book.LONGEST_NAME, key=f"tc_name_{mark}"
    )
    is_always = st.toggle(t("tickets_page.calendars.always"), value=began.is_always, key=f"tc_always_{mark}")
    rows = _rows(began)
    if not is_always:
        _opening(began, rows, mark)
    try:
        _preview(_told(rows, mark))
    except InvalidInputError as error:
        st.warning(escaped(refusals.words(error)), icon=":material/edit_note:")
        return
    st.button(
        t("tickets_page.book.save"),
        key="tc_save",
        type="primary",
        width="stretch",
        on_click=_save,
        args=(rows, mark, row.id if row else None, row.version if row else None),
    )


def _told(rows: Sequence[Mapping[str, Any]], mark: str) -> Calendar:
    """The calendar as the widgets have it now. Raises ``InvalidInputError``."""

    def given(name: str) -> Any:
        return st.session_state[f"tc_{name}_{mark}"]

    name = str(given("name") or "")
    if given("always"):
        return Calendar(name, is_always=True)
    hours = opening.hours_of([_span(row) for row in edited(rows, st.session_state.get(f"tc_hours_{mark}", {}))])
    days = _days(str(given("closed") or ""))
    return Calendar(name, str(given("zone")), str(given("country")), hours=hours, closed_days=days)


def _opening(began: Calendar, rows: Sequence[Mapping[str, Any]], mark: str) -> None:
    """Hours, clock and free days."""
    st.data_editor(
        pd.DataFrame(rows, columns=list(_FIELDS)),
        key=f"tc_hours_{mark}",
        num_rows="dynamic",
        hide_index=True,
        placeholder="–",
        column_config=_columns(),
    )
    st.caption(t("tickets_page.calendars.hours_help"))
    left, right = st.columns(2)
    zones = [SITES_OWN, *times.all_zones()]
    left.selectbox(
        t("tickets_page.calendars.zone"),
        zones,
        index=zones.index(began.time_zone) if began.time_zone in zones else 0,
        format_func=lambda one: t("tickets_page.calendars.sites_zone") if one == SITES_OWN else one,
        key=f"tc_zone_{mark}",
    )
    codes = [SITES_OWN, "", *calendars.known_countries()]
    named = {SITES_OWN: t("tickets_page.calendars.sites_country"), "": t("tickets_page.calendars.no_country")}
    named |= reading.country_names()
    right.selectbox(
        t("tickets_page.calendars.country"),
        codes,
        index=codes.index(began.country) if began.country in codes else 0,
        format_func=lambda one: named.get(one, one),
        key=f"tc_country_{mark}",
    )
    st.text_area(
        t("tickets_page.calendars.closed_days"),
        value="\n".join(began.closed_days),
        max_chars=_LONGEST_DAYS,
        height=100,
        placeholder="2026-12-24",
        key=f"tc_closed_{mark}",
    )


def _rows(began: Calendar) -> list[dict[str, Any]]:
    return [
        {
            "weekdays": [str(day) for day in one.weekdays],
            "begins": _time(one.begins),
            "ends": _time(one.ends),
        }
        for one in opening.openings_of(began.hours)
    ]


def _columns() -> dict[str, Any]:
    titles = {name: t(f"tickets_page.calendars.{name}") for name in _FIELDS}
    return {
        "weekdays": st.column_config.MultiselectColumn(
            titles["weekdays"],
            options=[str(day) for day in WEEKDAYS],
            format_func=lambda day: t(f"operators_page.weekdays.{day}"),
            required=True,
            width=180,
        ),
        "begins": st.column_config.TimeColumn(titles["begins"], format="HH:mm", required=True),
        "ends": st.column_config.TimeColumn(titles["ends"], format="HH:mm", required=True),
    }


def _time(minute: int) -> time:
    """A minute of the day; the end of the day is midnight."""
    return time(minute % MINUTES_A_DAY // 60, minute % 60)


def _span(row: Mapping[str, Any]) -> Opening:
    return Opening(tuple(int(day) for day in row.get("weekdays") or ()), _minute(row["begins"]), _minute(row["ends"]))


def _minute(value: Any) -> int:
    """Minutes of the day. Raises ``InvalidInputError`` for none."""
    if isinstance(value, str) and value:
        value = time.fromisoformat(value)
    if not isinstance(value, time):
        raise InvalidInputError(field="hours", problem="–")
    return value.hour * 60 + value.minute


def _days(written: str) -> tuple[str, ...]:
    """The days of a text, parted by lines, spaces or commas. Raises ``InvalidInputError`` for what is none."""
    found = set()
    for word in written.replace(",", " ").replace(";", " ").split():
        try:
            found.add(date.fromisoformat(word).isoformat())
        except ValueError as error:
            raise InvalidInputError(field="closed_days", problem=word[:20]) from error
    return tuple(sorted(found))


def _preview(calendar: Calendar) -> None:
    """The sentence, when a day's work that begins now would end, and the free days to come."""
    with st.container(border=True, key="calendar-preview", gap="xsmall"):
        st.markdown(escaped(_sentence(calendar)))
        if calendar.is_always:
            return
        now = session.services().clock.now()
        with session.services().database.read() as opened:
            here = policy_book.at_site(opened, calendar)
        ends = here.after(now, _WORKING_DAY)
        told = [
            t("tickets_page.calendars.now", at=times.to_the_minute(ends)) if ends else t("tickets_page.calendars.never")
        ]
        if free := _free_days(here, times.local(now).date()):
            told.append(t("tickets_page.calendars.next_free", days=", ".join(free)))
        st.caption(" ".join(told))


def _free_days(calendar: Calendar, today: date) -> Sequence[str]:
    """The coming days that would be open and are not."""
    ahead = (today + timedelta(days=n) for n in range(_AHEAD.days))
    free = [day.isoformat() for day in ahead if calendar.hours[day.weekday()] and not calendar.is_working_day(day)]
    return free[:_MOST_AHEAD]


def _save(rows: Sequence[Mapping[str, Any]], mark: str, calendar_id: int | None, version: int | None) -> None:
    """Callback: keep the calendar as the form has it."""
    actions.change_book(
        lambda opened, who: policy_book.save_calendar(
            opened, _told(rows, mark), actor=who.name, at=who.at, calendar_id=calendar_id, version=version
        ),
        t("tickets_page.done.calendar"),
        form=_FORM,
    )


def _remove(calendar_id: int) -> None:
    actions.change_book(
        lambda opened, who: policy_book.remove_calendar(opened, calendar_id, actor=who.name, at=who.at),
        t("tickets_page.done.calendar"),
    )
