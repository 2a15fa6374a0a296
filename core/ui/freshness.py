"""How fresh the data is and whether the sidecar is well, in a line for the sidebar."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.store import data_version, job_runs
from core.ui import session, times
from core.ui.text import t

STALE_AFTER = timedelta(minutes=30)
"""Records arrive every few minutes on a working connection; half an hour of silence is worth a word."""


@dataclass(frozen=True)
class Freshness:
    """When call records last arrived (``None``: never) and how the jobs are."""

    changed_at: datetime | None
    failing: int
    is_sidecar_alive: bool
    is_stale: bool

    def line(self, now: datetime) -> str:
        """Both in a few words, coloured where something needs a look."""
        return f"{self.calls(now)} · {self.jobs()}"

    def calls(self, now: datetime) -> str:
        """Until when there are calls."""
        if self.changed_at is None:
            return t("ui.freshness.no_calls")
        words = t("ui.freshness.calls", at=times.shortly(self.changed_at, now))
        return f":orange[{words}]" if self.is_stale else words

    def jobs(self) -> str:
        """Whether the jobs are well."""
        if not self.is_sidecar_alive:
            return f":red[{t('ui.freshness.jobs_down')}]"
        if self.failing:
            return f":orange[{t('ui.freshness.jobs_failing', n=self.failing)}]"
        return t("ui.freshness.jobs_ok")


def read() -> Freshness:
    """The present state, from three small reads of the operational database."""
    parts = session.services()
    now = parts.clock.now()
    with parts.database.read() as opened:
        _, changed_at = data_version.current(opened, "calls")
        states = job_runs.states(opened)
        alive = job_runs.sidecar_is_alive(opened, now)
    return Freshness(
        changed_at=changed_at,
        failing=sum(1 for state in states if state.has_failed),
        is_sidecar_alive=alive,
        is_stale=changed_at is not None and now - changed_at > STALE_AFTER,
    )
