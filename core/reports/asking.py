"""Asking for a report to be made in the background: the report and the wake-up of its job in one transaction."""

from datetime import datetime

from sqlalchemy.orm import Session

from core.reports import runs
from core.reports.runs import Wanted
from core.store import audit, commands

JOB = "make_reports"


def ask_for(session: Session, wanted: Wanted, *, key: str, requested_by: str, at: datetime) -> int:
    """Ask for a report, audited; gives its id, the same for the same ``key``."""
    run_id = runs.ask(session, wanted, key=key, requested_by=requested_by, at=at)
    wake(session, run_id, requested_by=requested_by, at=at)
    detail = {"kind": wanted.order.kind, "formats": list(wanted.formats), "recipients": list(wanted.recipients)}
    audit.record(session, actor=requested_by, action="report.asked", subject=str(run_id), detail=detail, at=at)
    return run_id


def wake(session: Session, run_id: int, *, requested_by: str, at: datetime) -> None:
    """Let the job look at once; it makes whatever waits."""
    commands.request(session, "run_job", {"job": JOB}, requested_by, at, f"report:{run_id}:{at.isoformat()}")
