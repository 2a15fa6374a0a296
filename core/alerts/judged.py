"""How far detection has judged, for who only wants to know: nothing of the engine is loaded for it."""

from core.store.engine import Database
from core.store.models.alerts import DetectionCursor

CURSOR = "live"


def has_begun(database: Database) -> bool:
    """Whether detection judged anything yet."""
    with database.read() as session:
        return session.get(DetectionCursor, CURSOR) is not None
