"""The schedules of the Reports page: each as a sentence, and a form to make or change one."""

from datetime import time
from uuid import uuid4

import streamlit as st

from core.language import LANGUAGES, is_text
from core.reports import due, periods, schedules
from core.reports.forms import FORMATS, USUAL
from core.reports.order import ReportOrder
from core.reports.registry import report, reports
from core.reports.schedules import Schedule, schedule_of
from core.store.models.reports import ReportScheduleRow
from core.ui import address, session, states, times
from core.ui.attempts import pressed
from core.ui.reports import report_address
from core.ui.text import escaped, language, t

PERMISSION = "reports.manage"
DAILY, WEEKLY, MONTHLY, CRON = "daily", "weekly", "monthly", "cron"
RHYTHMS = (DAILY, WEEKLY, MONTHLY, CRON)
_SIX = time(6, 0)
_UPCOMING = 3


def listing(order: ReportOrder, person: session.CurrentUser) -> None:
    """Every schedule, and a form for one more of the report that the address names."""
    may = person.may(PERMISSION)
    with session.services().database.read() as opened:
        rows = schedules.listed(opened)
    if not rows:
        states.empty(t("reports_page.schedules.empty"), t("reports_page.schedules.empty_help"))
    for row in rows:
        _card(row, may)
    if may:
        with st.expander(t("reports_page.schedules.add"), icon=":material/add:", expanded=not rows, key="schedule_add"):
            _new(order)


def _card(row: ReportScheduleRow, may: bool) -> None:
    with st.container(border=True, key=f"card-schedule-{row.id}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(" · ".join((f"**{escaped(row.name)}**", *_kind_beside(row))))
            st.space("stretch")
            if row.next_at is None:
                st.badge(t("reports_page.schedules.paused"), icon=":material/pause:", color="gray")
            else:
                st.badge(t("reports_page.schedules.next", at=times.to_the_minute(row.next_at)), color="green")
        st.caption(escaped(" ".join(filter(None, (_sentence(row), _upcoming(row))))))
        if may:
            _actions(row)


def _kind_beside(row: ReportScheduleRow) -> list[str]:
    """What kind it is, where its name is another."""
    return [] if row.name == _title(row.kind) else [escaped(_title(row.kind))]


def _upcoming(row: ReportScheduleRow) -> str:
    """Its next times by the viewer's clock."""
    if row.next_at is None:
        return ""
    seen = [row.next_at]
    while len(seen) < _UPCOMING:
        seen.append(due.following(row.cron, row.time_zone, seen[-1]))
    return t("reports_page.schedules.upcoming", times=", ".join(map(times.to_the_minute, seen)))


def _rhythm(cron: str) -> str:
    """When it is due, in words where they suffice."""
    rhythm, at, day, month_day = _read_cron(cron)
    if rhythm == CRON:
        return t("reports_page.schedules.by_cron", cron=cron)
    weekday = t(f"reports.weekdays.{day}")
    weekday = weekday if language() == "en" else weekday.lower()
    return t(f"reports_page.schedules.{rhythm}", at=f"{at:%H:%M}", weekday=weekday, day=month_day)


def _title(kind: str) -> str:
    return reports()[kind].title(language()) if kind in reports() else kind


def _sentence(row: ReportScheduleRow) -> str:
    tongue = t(f"ui.language_names.{row.language}")
    told = {
        "period": t(f"reports.periods.{row.period}"),
        "rhythm": _rhythm(row.cron),
        "zone": row.time_zone,
        "formats": ", ".join(t(f"reports_page.formats.{one}") for one in row.formats if one in FORMATS),
        "tongue": tongue if language() == "en" else tongue.lower(),
        "recipients": ", ".join(row.recipients) or t("reports_page.schedules.nobody"),
    }
    return t("reports_page.schedules.sentence", **told)


def _actions(row: ReportScheduleRow) -> None:
    rests = ("resume", ":material/play_circle:") if row.next_at is None else ("pause", ":material/pause:")
    deeds = (
        ("run", ":material/play_arrow:", t("reports_page.asked")),
        (*rests, t("reports_page.saved")),
        ("remove", ":material/delete:", t("reports_page.schedules.removed")),
    )
    with st.container(horizontal=True):
        for deed, icon, done in deeds:
            st.button(
                t(f"reports_page.schedules.{deed}"),
                key=f"schedule_{deed}_{row.id}",
                icon=icon,
                on_click=pressed,
                args=(lambda deed=deed: _do(deed, row.id), done),
            )
        with st.popover(t("reports_page.schedules.change"), icon=":material/edit:"):
            _form(schedule_of(row), row)


def _do(deed: str, schedule_id: int) -> None:
    person, parts = session.check(PERMISSION), session.services()
    now = parts.clock.now()
    with parts.database.write() as opened:
        if deed == "run":
            key = f"page:{uuid4().hex}"
            run = schedules.run_now(opened, schedule_id, actor=person.name, at=now, key=key)
            st.query_params.from_dict({"view": "history", "run": str(run)})
        elif deed == "remove":
            schedules.remove(opened, schedule_id, actor=person.name, at=now)
        else:
            schedules.pause(opened, schedule_id, paused=deed == "pause", actor=person.name, at=now)


def _new(order: ReportOrder) -> None:
    st.selectbox(
        t("reports_page.kind"),
        list(reports()),
        format_func=_title,
        key=address.shown("schedule_kind", order.kind),
        on_change=report_address.choose_kind,
        args=("schedule_kind",),
    )
    if order.parameters:
        told = "; ".join(f"{_parameter(order.kind, name)}: {', '.join(values)}" for name, values in order.parameters)
        st.caption(escaped(t("reports_page.schedules.narrowed", told=told)))
    else:
        st.caption(t("reports_page.schedules.narrow_help"))
    period = order.period if order.period in periods.NAMES and order.period.startswith("last") else ""
    name = report(order.kind).title(language())
    _form(
        Schedule(name, ReportOrder(order.kind, period or "last_week", parameters=order.parameters), "0 6 * * 1",
                 str(times.zone()), USUAL, language()),
        None,
    )  # fmt: skip


def _parameter(kind: str, name: str) -> str:
    for key in (f"report_{kind}.parameters.{name}", f"reports.parameters.{name}", f"reports_page.{name}"):
        if is_text(key):
            return t(key)
    return name


def _form(schedule: Schedule, row: ReportScheduleRow | None) -> None:
    mark = f"{row.id}_{row.version}" if row else f"new_{schedule.order.kind}"
    rhythm, at, day, month_day = _read_cron(schedule.cron)
    with st.form(f"schedule_form_{mark}", border=row is None):
        st.text_input(t("reports_page.schedules.name"), schedule.name, key=f"schedule_name_{mark}", max_chars=120)
        left, right = st.columns(2)
        left.selectbox(
            t("reports_page.period"),
            periods.NAMES,
            index=periods.NAMES.index(schedule.order.period),
            format_func=lambda one: t(f"reports.periods.{one}"),
            key=f"schedule_period_{mark}",
        )
        right.selectbox(
            t("reports_page.schedules.rhythm"),
            RHYTHMS,
            index=RHYTHMS.index(rhythm),
            format_func=lambda one: t(f"reports_page.rhythms.{one}"),
            key=f"schedule_rhythm_{mark}",
        )
        first, second, third = st.columns(3)
        first.time_input(t("reports_page.schedules.at"), at, key=f"schedule_at_{mark}")
        second.selectbox(
            t("reports_page.schedules.weekday"),
            range(7),
            index=day,
            format_func=lambda one: t(f"reports.weekdays.{one}"),
            key=f"schedule_day_{mark}",
        )
        third.number_input(
            t("reports_page.schedules.month_day"),
            min_value=1,
            max_value=28,
            value=month_day,
            key=f"schedule_month_{mark}",
        )
        st.text_input(
            t("reports_page.schedules.cron"),
            schedule.cron if rhythm == CRON else "",
            key=f"schedule_cron_{mark}",
            max_chars=due.LONGEST_CRON,
            help=t("reports_page.schedules.cron_help"),
        )
        _delivery(schedule, mark)
        st.form_submit_button(
            t("reports_page.schedules.save"),
            icon=":material/save:",
            type="primary",
            key=f"schedule_save_{mark}",
            on_click=pressed,
            args=(lambda: _save(schedule, row, mark), t("reports_page.saved")),
        )


def _delivery(schedule: Schedule, mark: str) -> None:
    left, right = st.columns(2)
    zones = list(dict.fromkeys([schedule.time_zone, *times.all_zones()]))
    left.selectbox(t("reports_page.schedules.zone"), zones, key=f"schedule_zone_{mark}")
    right.selectbox(
        t("reports_page.schedules.language"),
        LANGUAGES,
        index=LANGUAGES.index(schedule.language),
        format_func=lambda one: t(f"ui.language_names.{one}"),
        key=f"schedule_language_{mark}",
    )
    st.pills(
        t("reports_page.files"),
        list(FORMATS),
        default=list(schedule.formats),
        selection_mode="multi",
        format_func=lambda one: t(f"reports_page.formats.{one}"),
        key=f"schedule_formats_{mark}",
    )
    st.text_area(
        t("reports_page.schedules.recipients"),
        ", ".join(schedule.recipients),
        key=f"schedule_recipients_{mark}",
        help=t("reports_page.schedules.recipients_help"),
        max_chars=5000,
        height=70,
    )


def _save(schedule: Schedule, row: ReportScheduleRow | None, mark: str) -> None:
    person, parts = session.check(PERMISSION), session.services()
    given = {
        name: st.session_state[f"schedule_{name}_{mark}"]
        for name in (
            "name",
            "period",
            "rhythm",
            "at",
            "day",
            "month",
            "cron",
            "zone",
            "language",
            "formats",
            "recipients",
        )
    }
    order = ReportOrder(schedule.order.kind, given["period"], parameters=schedule.order.parameters)
    for permission in order.needs:
        session.check(permission)
    wanted = Schedule(
        given["name"],
        order,
        _cron(given["rhythm"], given["at"], given["day"], given["month"], given["cron"]),
        given["zone"],
        tuple(given["formats"]),
        given["language"],
        tuple(part for part in [given["recipients"].strip()] if part),
    )
    now = parts.clock.now()
    with parts.database.write() as opened:
        if row is None:
            schedules.add(opened, wanted, actor=person.name, at=now)
        else:
            schedules.change(opened, row.id, wanted, actor=person.name, at=now, version=row.version)


def _cron(rhythm: str, at: time, day: int, month_day: int, cron: str) -> str:
    """The five fields of a rhythm; ``day`` counts from Monday, cron's from Sunday."""
    if rhythm == CRON:
        return cron
    days = {DAILY: "* * *", WEEKLY: f"* * {(day + 1) % 7}", MONTHLY: f"{month_day} * *"}
    return f"{at.minute} {at.hour} {days[rhythm]}"


def _read_cron(cron: str) -> tuple[str, time, int, int]:
    """The rhythm of five fields, its time, weekday from Monday and day of the month; else cron itself."""
    otherwise = (CRON, _SIX, 0, 1)
    minute, hour, month_day, month, day = cron.split()
    if month != "*" or not (minute.isdigit() and hour.isdigit()) or not (int(minute) < 60 and int(hour) < 24):
        return otherwise
    at = time(int(hour), int(minute))
    if month_day == "*" and day == "*":
        return (DAILY, at, 0, 1)
    if month_day == "*" and day in "01234567" and len(day) == 1:
        return (WEEKLY, at, (int(day) - 1) % 7, 1)
    if day == "*" and month_day.isdigit() and 1 <= int(month_day) <= 28:
        return (MONTHLY, at, 0, int(month_day))
    return otherwise
