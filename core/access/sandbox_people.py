"""Four people, one a role, whom a click signs in while the sandbox runs. They have no password.

Outside the sandbox they are closed: a database that was once tried out lets nobody in by them.
"""

from sqlalchemy import select

from core.access.people import NewPerson, insert, new_row
from core.access.permissions import Role
from core.access.revoking import end_sessions
from core.access.sessions import Origin, open_session
from core.clock import Clock
from core.language import Language
from core.store import audit
from core.store.engine import Database
from core.store.models.access import PersonRow

SANDBOX_ACTOR = "sandbox"
PEOPLE: dict[Role, tuple[str, str]] = {
    "analyst": ("ana@sandbox.invalid", "Ana Rojas"),
    "supervisor": ("sergio@sandbox.invalid", "Sergio Mora"),
    "operator": ("olga@sandbox.invalid", "Olga Pineda"),
    "admin": ("adriana@sandbox.invalid", "Adriana Salas"),
}


def sign_in_as(database: Database, clock: Clock, role: Role, language: Language, origin: Origin) -> str:
    """Open a session as the sandbox's person of that role, made or reopened as needed; gives its token.

    The language chosen on the sign-in page holds each time: whoever tries the product out shares the four.
    """
    name, display_name = PEOPLE[role]
    now = clock.now()
    new = NewPerson(name=name, display_name=display_name, role=role, language=language)
    with database.write() as session:
        row = session.scalar(select(PersonRow).where(PersonRow.name == name).with_for_update())
        if row is None:
            row = new_row(new, actor=SANDBOX_ACTOR, at=now)
            insert(session, row, actor=SANDBOX_ACTOR, at=now)
        row.disabled_at = None
        row.role = role
        row.language = language
        return open_session(session, now, row.id, origin)


def close(database: Database, clock: Clock) -> int:
    """End what the sandbox opened: its people's accounts and sessions. Gives how many accounts were open."""
    now = clock.now()
    with database.write() as session:
        rows = session.scalars(
            select(PersonRow).where(PersonRow.created_by == SANDBOX_ACTOR, PersonRow.disabled_at.is_(None))
        ).all()
        for row in rows:
            row.disabled_at = now
            end_sessions(session, row.id, now)
            audit.record(session, actor="start", action="person.disabled", subject=row.name, at=now)
        return len(rows)
