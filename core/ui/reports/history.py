"""The history of the Reports page: what was made, is being made and failed, with the files still kept."""

import streamlit as st

from core.errors import TollwatchError
from core.reports import runs
from core.reports.asking import wake
from core.reports.registry import reports
from core.reports.runs import DONE, FAILED, RUNNING, wanted_of
from core.reports.spelling import span
from core.store.models.reports import ReportRunRow
from core.store.outbox import DEAD
from core.ui import numbers, refusals, session, states, times
from core.ui.attempts import pressed
from core.ui.colors import BadgeColor
from core.ui.text import escaped, language, stored_error, t
from core.ui.who import person_name

ROWS = 25
REFRESH = "2s"
_COLORS: dict[str, BadgeColor] = {DONE: "green", FAILED: "red", RUNNING: "blue"}


def listing(person: session.CurrentUser) -> None:
    """The newest reports; the one that the address names stands above."""
    chosen = st.query_params.get("run", "")
    if chosen.isascii() and chosen.isdigit() and len(chosen) < 19:
        _chosen(int(chosen))
    before = st.query_params.get("before", "")
    with session.services().database.read() as opened:
        mark = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
        found = runs.page(opened, before=mark, limit=ROWS + 1)
        mails = runs.mail_states(opened, [row.id for row in found])
    if not found:
        states.empty(t("reports_page.history.empty"), t("reports_page.history.empty_help"))
        return
    for row in found[:ROWS]:
        _card(row, person, mails.get(row.id, ""))
    if len(found) > ROWS:
        st.button(t("reports_page.history.older"), key="history_older", on_click=_older, args=(found[ROWS - 1].id,))


def _older(before: int) -> None:
    st.query_params.from_dict({"view": "history", "before": str(before)})


@st.fragment(run_every=REFRESH)
def _chosen(run_id: int) -> None:
    """How far a report is; refreshes itself until it is made."""
    session.require("reports.view")
    with session.services().database.read() as opened:
        try:
            row = runs.one(opened, run_id)
        except TollwatchError as error:
            refusals.told(error)
            return
    if row.state in (DONE, FAILED):
        if st.session_state.get("report_waited") == run_id:
            st.session_state.pop("report_waited")
            st.rerun()
        return
    st.session_state["report_waited"] = run_id
    share = row.done / row.total if row.total else 0.0
    st.progress(share, text=t(f"reports_page.states.{row.state}"))


def _card(row: ReportRunRow, person: session.CurrentUser, mail: str) -> None:
    marked = st.query_params.get("run") == str(row.id)
    with st.container(border=True, key=f"card-run-{row.id}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            title = row.name or (reports()[row.kind].title(language()) if row.kind in reports() else row.kind)
            st.markdown(f"{':material/arrow_right: ' if marked else ''}**{escaped(title)}**")
            st.space("stretch")
            st.badge(t(f"reports_page.states.{row.state}"), color=_COLORS.get(row.state, "gray"))
        st.caption(escaped(_told(row)))
        if mail:
            icon = ":material/error:" if mail == DEAD else ":material/mail:"
            st.caption(f"{icon} {t('reports_page.history.mail', state=t(f'notify.states.{mail}').lower())}")
        if row.error_code and row.state != DONE:
            message, remedy = stored_error({"code": row.error_code, "facts": row.error_facts or {}})
            st.error(f"{message} {remedy}", icon=":material/error:")
        _files(row, person)


def _told(row: ReportRunRow) -> str:
    try:
        period = span(wanted_of(row).period, language())
    except TollwatchError:
        period = "–"
    told = {
        "period": period,
        "who": person_name(row.requested_by),
        "at": times.to_the_minute(row.finished_at or row.requested_at),
        "recipients": ", ".join(row.recipients) or t("reports_page.schedules.nobody"),
    }
    return t("reports_page.history.told", **told)


def _files(row: ReportRunRow, person: session.CurrentUser) -> None:
    with st.container(horizontal=True):
        if _may_see(row, person):
            for file in row.files:
                label = f"{t('reports_page.formats.' + str(file['format']))} · {numbers.size(int(file['bytes']))}"
                states.action_link(
                    label, f"/exports/reports/history/{row.id}.{file['format']}", primary=False, wide=False
                )
        if row.state == DONE and not row.files:
            st.caption(t("reports_page.history.removed"))
        if row.state == FAILED and person.may("reports.manage"):
            st.button(
                t("reports_page.history.retry"),
                key=f"run_retry_{row.id}",
                icon=":material/refresh:",
                on_click=pressed,
                args=(lambda: _retry(row.id), t("reports_page.asked")),
            )


def _may_see(row: ReportRunRow, person: session.CurrentUser) -> bool:
    try:
        return all(map(person.may, wanted_of(row).order.needs))
    except TollwatchError:
        return False


def _retry(run_id: int) -> None:
    person, parts = session.check("reports.manage"), session.services()
    now = parts.clock.now()
    with parts.database.write() as opened:
        runs.retry(opened, run_id, now)
        wake(opened, run_id, requested_by=person.name, at=now)
