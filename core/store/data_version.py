"""Numbers that tell a page whether what it cached is still true."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from core.store.models.operations import DataVersion

NEVER = 0


def bump(session: Session, name: str, at: datetime) -> int:
    """Raise the number of ``name`` in the caller's transaction; gives the new number.

    Until that ends, others who bump the same name wait, so what follows in it is not interleaved with theirs. Who
    bumps several does so in the order of the alphabet, so that two never wait for each other.
    """
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    values = {"number": DataVersion.number + 1, "changed_at": at}
    statement = (
        insert(DataVersion)
        .values(name=name, number=NEVER + 1, changed_at=at)
        .on_conflict_do_update(index_elements=[DataVersion.name], set_=values)
        .returning(DataVersion.number)
    )
    return session.execute(statement, execution_options={"synchronize_session": False}).scalar_one()


def current(session: Session, name: str) -> tuple[int, datetime | None]:
    """The number of ``name`` and when it last grew; ``(0, None)`` before the first change."""
    row = session.execute(select(DataVersion.number, DataVersion.changed_at).where(DataVersion.name == name)).first()
    return (row.number, row.changed_at) if row else (NEVER, None)
