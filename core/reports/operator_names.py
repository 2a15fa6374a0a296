"""What operators are called, for reports that know their numbers."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.store.models import Base


def operator_names(session: Session) -> dict[int, str]:
    """The name of each operator by number."""
    table = Base.metadata.tables.get("operator")
    if table is None:
        return {}
    return {int(number): str(name) for number, name in session.execute(select(table.c.id, table.c.name))}
