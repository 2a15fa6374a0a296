"""What each detector raised and how people closed it: the figures behind its precision."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from core.store.models.alerts import AlertRow


@dataclass(frozen=True)
class DetectorRecord:
    """Alerts of a detector since some instant: how many, how many are open, and closed as abuse or as harmless."""

    alerts: int = 0
    open: int = 0
    confirmed: int = 0
    benign: int = 0

    @property
    def precision(self) -> float | None:
        """Confirmed abuse among what was closed as either, 0 to 1; ``None`` while nothing was."""
        judged = self.confirmed + self.benign
        return self.confirmed / judged if judged else None


def records(session: Session, since: datetime) -> dict[str, DetectorRecord]:
    """By detector id, what was emitted since an aware instant; duplicates judge nothing, expected ones are harmless."""

    def counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0))

    query = (
        select(
            AlertRow.detector,
            func.count(),
            counted(AlertRow.is_open.is_(True)),
            counted(AlertRow.verdict == "true_positive"),
            counted(AlertRow.verdict.in_(("benign", "tuned"))),
        )
        .where(AlertRow.emitted_at >= since, AlertRow.deleted_at.is_(None), AlertRow.detector != "")
        .group_by(AlertRow.detector)
    )
    return {row[0]: DetectorRecord(*(int(count) for count in row[1:])) for row in session.execute(query)}
