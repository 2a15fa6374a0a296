"""The parts of the Jobs page about jobs: what runs, every job's state, and its history."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from core.store import job_runs
from core.store.job_runs import JobState
from core.store.models.operations import JobRun
from core.ui import address, asking, numbers, session, states, times
from core.ui.text import escaped, named, stored_error, t, unescaped

REFRESH = "3s"
HISTORY = 50
LONGEST_OUTCOME = 6
_COLOURS = {"running": "blue", "done": "green", "failed": "red", "stopped": "orange", "lost": "orange"}
_ICONS = {
    "running": ":material/progress_activity:",
    "done": ":material/check_circle:",
    "failed": ":material/error:",
    "stopped": ":material/stop_circle:",
    "lost": ":material/help:",
}
_JOB, _BEFORE = "job", "before"


def now() -> datetime:
    """The present instant."""
    return session.services().clock.now()


@st.fragment(run_every=REFRESH)
def live() -> None:
    """What runs at this moment, and every job with its last and next run; refreshes itself."""
    session.require("jobs.view")
    with session.services().database.read() as opened:
        running = job_runs.running(opened)
        board = job_runs.states(opened)
        alive = job_runs.sidecar_is_alive(opened, now())
    if not alive:
        st.warning(f"{t('jobs_page.sidecar_down')} {t('jobs_page.sidecar_remedy')}", icon=":material/power_off:")
    for run in running:
        _progress(run)
    if not board:
        states.empty(t("jobs_page.empty.title"), t("jobs_page.empty.help"))
        return
    with st.grid(3, min_column_width=280, gap="small"):
        for state in board:
            _card(state)


def _progress(run: JobRun) -> None:
    share = min(run.done / run.total, 1.0) if run.total else 0.0
    counted = t("jobs_page.of", done=numbers.whole(run.done), total=numbers.whole(run.total)) if run.total else ""
    words = " · ".join(filter(None, (f"**{job_name(run.job)}**", escaped(run.doing), counted)))
    st.progress(share, text=words)


def _card(state: JobState) -> None:
    name, last = state.schedule.name, state.last
    with st.container(border=True, key=f"card-job-{name}", height="stretch", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{job_name(name)}**", help=named("jobs_page.about", name))
            st.space("stretch")
            _badge(last)
        st.caption(_schedule(state))
        if last and last.state == job_runs.RUNNING:
            st.caption(t("jobs_page.going", span=duration(last)))
        elif last:
            told = last.state != job_runs.FAILED or last.outcome
            st.caption(
                t("jobs_page.last", at=times.distance(last.started_at, now()), span=duration(last))
                + (f" · {summary(last.outcome)}" if told and last.outcome is not None else "")
            )
        if last and last.error:
            message, remedy = stored_error(last.error)
            st.caption(f":red[{message}] {remedy}")
        st.space("stretch")
        if state.schedule.every_seconds or state.schedule.cron:
            asking.run_job_button(name, t("jobs_page.run_now"), key=f"run_{name}")


def _badge(last: JobRun | None) -> None:
    if last is None:
        st.badge(t("jobs_page.states.never"), color="gray")
    else:
        colour: Any = _COLOURS.get(last.state, "gray")
        st.badge(named("jobs_page.states", last.state), icon=_ICONS.get(last.state), color=colour)


def _schedule(state: JobState) -> str:
    row = state.schedule
    if row.every_seconds:
        when = t("jobs_page.every", span=times.span(row.every_seconds))
    elif row.cron:
        when = _daily(row.cron)
    else:
        when = t("jobs_page.on_request")
    following = t("jobs_page.next", at=times.distance(row.next_run_at, now())) if row.next_run_at else ""
    return " · ".join(filter(None, (escaped(when), following)))


def _daily(cron: str) -> str:
    """A daily cron schedule as the viewer's time of day; another one as it stands, in UTC."""
    minute, hour, *rest = cron.split()
    if not (minute.isdecimal() and hour.isdecimal() and rest == ["*"] * 3):
        return t("jobs_page.cron", cron=cron)
    at = now().replace(hour=int(hour), minute=int(minute))
    return t("jobs_page.daily", at=times.local(at).strftime("%H:%M"))


def job_name(job: str) -> str:
    """A job's name in words."""
    return named("jobs_page.names", job)


def duration(run: JobRun) -> str:
    """How long a run took, or has been going on."""
    return times.span(((run.finished_at or now()) - run.started_at).total_seconds())


def summary(outcome: dict[str, Any] | None) -> str:
    """What a run gave back, in a line."""
    parts = [_part(str(name), value) for name, value in (outcome or {}).items() if value]
    return " · ".join(parts[:LONGEST_OUTCOME]) or t("jobs_page.nothing_new")


def _part(name: str, value: Any) -> str:
    if name == "state":
        return named("jobs_page.outcomes", str(value)[:60])
    words = named("jobs_page.outcomes", name)
    if isinstance(value, dict):
        return f"{words}: {', '.join(_part(str(inner), count) for inner, count in value.items() if count)}"
    if isinstance(value, list):
        return f"{words} {len(value)}"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{words} {numbers.whole(value) if is_number else named('jobs_page.outcomes', str(value)[:60])}"


def history() -> None:
    """Runs, newest first, of all jobs or of the one the address names."""
    with session.services().database.read() as opened:
        names = [state.schedule.name for state in job_runs.states(opened)]
    chosen = address.choice(_JOB, names, "")
    st.selectbox(
        t("jobs_page.job"),
        ["", *names],
        format_func=lambda name: job_name(name) if name else t("jobs_page.all"),
        key=address.shown("history_job", chosen),
        on_change=address.keep,
        args=(_JOB, "history_job", ""),
        width=320,
    )
    with session.services().database.read() as opened:
        runs = job_runs.history(opened, chosen or None, before=_before(), limit=HISTORY)
    if not runs:
        states.empty(t("jobs_page.history.empty"), t("jobs_page.history.empty_help"))
        return
    shown = st.dataframe(
        [_row(run) for run in runs],
        hide_index=True,
        key=f"runs_{runs[0].id}_{runs[-1].id}",
        on_select="rerun",
        selection_mode="single-row",
        column_config={t("jobs_page.columns.outcome"): st.column_config.TextColumn(width=480)},
        alt=t("jobs_page.history.alt"),
    )
    for position in shown.selection.rows[:1]:
        _told_in_full(runs[position])
    _older(runs)


def _told_in_full(run: JobRun) -> None:
    """What a grid's one line has no room for."""
    if run.error:
        message, remedy = stored_error(run.error)
        st.error(f"**{job_name(run.job)}** – {message} {remedy}", icon=":material/error:")
    else:
        st.info(f"**{job_name(run.job)}** – {summary(run.outcome)}", icon=":material/info:")


def _before() -> int | None:
    text = st.query_params.get(_BEFORE, "")
    return int(text) if text.isdecimal() and len(text) < 18 else None


def _older(runs: Sequence[JobRun]) -> None:
    with st.container(horizontal=True):
        newest = st.button(
            t("jobs_page.newest"), key="runs_newest", icon=":material/first_page:", disabled=_before() is None
        )
        older = st.button(
            t("ui.older"),
            key="runs_older",
            icon=":material/chevron_right:",
            icon_position="right",
            shortcut="Right",
            disabled=len(runs) < HISTORY,
        )
    if newest or older:
        if older:
            st.query_params[_BEFORE] = str(runs[-1].id)
        else:
            st.query_params.pop(_BEFORE, None)
        st.rerun()


def _row(run: JobRun) -> dict[str, str]:
    error = " ".join(stored_error(run.error)) if run.error else ""
    values = (
        job_name(run.job),
        named("jobs_page.states", run.state),
        times.moment(run.started_at),
        unescaped(error or summary(run.outcome)),
        duration(run),
        named("jobs_page.triggers", run.trigger),
    )
    titles = ("job", "state", "started", "outcome", "took", "trigger")
    return {t(f"jobs_page.columns.{title}"): value for title, value in zip(titles, values, strict=True)}
