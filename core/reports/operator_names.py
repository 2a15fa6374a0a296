"""What operators are called, for reports that know their numbers."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.store.models.operators import OperatorRow


def operator_names(session: Session) -> dict[int, str]:
    """The name of each operator by number."""
    return {row.id: row.name for row in session.execute(select(OperatorRow.id, OperatorRow.name))}
