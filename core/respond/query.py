"""Answers as they stand, for pages and programs."""

from dataclasses import dataclass
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import NotFoundError
from core.respond.applying import undoable
from core.store.models.responses import ResponseChange, ResponseRow, SettingChange
from core.webex.call_settings import Setting
from core.webex.call_settings_shape import Difference, differences
from core.webex.call_settings_store import history


@dataclass(frozen=True)
class Response:
    """A response with its changes, in the order in which they are made."""

    row: ResponseRow
    changes: tuple[ResponseChange, ...]

    @property
    def can_be_undone(self) -> bool:
        """Whether something of it can be put back now."""
        return not self.row.is_working and any(undoable(change) for change in self.changes)

    @property
    def is_contested(self) -> bool:
        """Whether an undo found that somebody else had changed a setting since."""
        return any(change.found is not None for change in self.changes if undoable(change))


def of_alert(session: Session, alert_id: int, *, before: int | None = None, limit: int = 50) -> list[Response]:
    """The responses to an alert, newest first; ``before`` the id of a response gives older ones."""
    query = select(ResponseRow).where(ResponseRow.alert_id == alert_id)
    if before is not None:
        query = query.where(ResponseRow.id < before)
    rows = session.scalars(query.order_by(ResponseRow.id.desc()).limit(limit)).all()
    return [_with_changes(session, row) for row in rows]


def one(session: Session, response_id: int) -> Response:
    """A response by its number. Raises ``NotFoundError``."""
    row = session.get(ResponseRow, response_id)
    if row is None:
        raise NotFoundError(what=f"response {response_id}")
    return _with_changes(session, row)


def made(change: ResponseChange) -> list[Difference]:
    """What a change makes of what was saved; empty before anything was saved, or where it was so already."""
    if change.before is None or change.intended is None:
        return []
    return differences(cast(Setting, change.setting), change.before, change.intended)


def contested(change: ResponseChange) -> list[tuple[Difference, object]]:
    """Where somebody else interfered: what was saved and what was set, with what holds now beside it."""
    if change.found is None or change.before is None or change.intended is None:
        return []
    setting = cast(Setting, change.setting)
    ours = {(one.field, one.aspect): one for one in differences(setting, change.before, change.intended)}
    theirs = differences(setting, change.intended, change.found)
    told = [
        (ours.get((one.field, one.aspect)) or Difference(one.field, one.aspect, one.before, one.before), one.after)
        for one in theirs
    ]
    named = {(one.field, one.aspect) for one in theirs}
    return [*told, *((one, one.after) for key, one in ours.items() if key not in named)]


def setting_history(session: Session, person: str, limit: int = 10) -> list[tuple[SettingChange, list[Difference]]]:
    """What was found changed of a person's settings, newest first, with the differences."""
    rows = history(session, person, limit)
    return [(row, differences(cast(Setting, row.setting), row.before, row.after)) for row in rows]


def _with_changes(session: Session, row: ResponseRow) -> Response:
    changes = session.scalars(
        select(ResponseChange).where(ResponseChange.response_id == row.id).order_by(ResponseChange.id)
    )
    return Response(row, tuple(changes))
