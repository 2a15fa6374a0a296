"""Asking the sidecar for work: a page inserts a command and shows what becomes of it, it never waits."""

from typing import Any

import streamlit as st

from core.store import audit, commands
from core.ui import session
from core.ui.text import t


def run_job(job: str, permission: str = "jobs.run", **arguments: Any) -> int:
    """Ask for a run of ``job`` now; audited. Gives the command's id. Raises ``NotAllowedError``."""
    person, parts = session.check(permission), session.services()
    now = parts.clock.now()
    with parts.database.write() as opened:
        command = commands.request(opened, "run_job", {"job": job, **arguments}, person.name, now)
        audit.record(opened, actor=person.name, action="job.asked", subject=job, detail={"command": command}, at=now)
    return command


def run_job_button(
    job: str, label: str, *, key: str, icon: str = ":material/play_arrow:", primary: bool = False
) -> None:
    """A button that asks for a run of ``job``, for those who may."""
    st.button(
        label,
        key=key,
        icon=icon,
        type="primary" if primary else "secondary",
        disabled=not session.may("jobs.run"),
        on_click=_clicked,
        args=(job,),
    )


def _clicked(job: str) -> None:
    run_job(job)
    st.toast(t("ui.asked"), icon=":material/hourglass_top:")
