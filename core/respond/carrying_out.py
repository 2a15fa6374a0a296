"""The sidecar's side of an answer: read, save, send, read back; and the same way home.

Each step can be repeated. The state before is saved whole in a transaction of its own before anything is sent; a
process that dies in between finds by reading whether its change had arrived.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, cast

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core.alerts import timeline
from core.errors import PermanentError, TollwatchError, TransientError
from core.respond.actions import Action, intended
from core.respond.applying import announce
from core.respond.errors import ChangedMeanwhileError, GaveUpError, NotTakenError
from core.services import Services
from core.store import audit
from core.store.commands import describe
from core.store.crash_points import reached
from core.store.models.alerts import AlertRow
from core.store.models.responses import ResponseChange, ResponseRow
from core.store.timeline import Deed
from core.webex.call_settings import Setting, read_setting, write_setting
from core.webex.call_settings_shape import differences, same
from core.webex.call_settings_store import Reading, keep
from core.webex.client import WebexClient, open_client
from core.webex.errors import StopRequestedError

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 10
"""A response that meets a passing failure is taken up again every minute, this often."""

READ_BACK = 3
_BETWEEN_SECONDS = 1.0

Fence = Callable[[Session], None]
Value = dict[str, Any]


@dataclass
class WorkDone:
    """How many changes were applied, undone, failed, left because somebody else had changed the setting."""

    applied: int = 0
    undone: int = 0
    failed: int = 0
    kept: int = 0
    waiting: int = 0


@dataclass
class _Worker:
    services: Services
    client: WebexClient
    fence: Fence
    done: WorkDone

    def respond_or_wait(self, response_id: int, stopping: Callable[[], bool]) -> None:
        """As ``respond``; one that breaks unforeseen waits and in the end fails, and those behind it go on."""
        try:
            self.respond(response_id, stopping)
        except (TollwatchError, SQLAlchemyError):
            raise
        except Exception:
            log.exception("response broke", response=response_id)
            self._postpone(response_id, TransientError())

    def respond(self, response_id: int, stopping: Callable[[], bool]) -> None:
        """Take one response as far as it goes."""
        try:
            for change_id in self._open_changes(response_id):
                if stopping():
                    return
                self._take(change_id)
        except StopRequestedError:
            return
        except TransientError as error:
            self._postpone(response_id, error)
            return
        self._finish(response_id)

    def _open_changes(self, response_id: int) -> list[int]:
        query = select(ResponseChange.id).where(
            ResponseChange.response_id == response_id, ResponseChange.under_way.is_not(None)
        )
        with self.services.database.read() as session:
            return list(session.scalars(query.order_by(ResponseChange.id)))

    def _take(self, change_id: int) -> None:
        change = self._change(change_id)
        try:
            if change.state == "undoing":
                self._put_back(change)
            else:
                self._apply(change)
        except PermanentError as error:
            self._fail(change_id, error)

    def _apply(self, change: ResponseChange) -> None:
        held = self._read(change)
        if change.before is None:
            change = self._save(change.id, held)
            reached("respond.saved")
        elif not self._same(change, held, change.intended) and not self._same(change, held, change.before):
            self._note_found(change.id, held)
            raise ChangedMeanwhileError(what=change.person_name)
        shown = self._bring_to(change, held, cast(Value, change.intended))
        self._close(change.id, "applied", shown)
        self.done.applied += 1

    def _put_back(self, change: ResponseChange) -> None:
        held = self._read(change)
        before, ours = cast(Value, change.before), change.intended
        if not self._same(change, held, before) and not self._same(change, held, ours) and not self._forced(change):
            self._leave(change, held)
            return
        shown = self._bring_to(change, held, before)
        self._close(change.id, "undone", shown)
        self.done.undone += 1

    def _bring_to(self, change: ResponseChange, held: Value, wanted: Value) -> Value:
        """Send ``wanted`` unless it holds already, and read it back. Raises ``NotTakenError``."""
        if self._same(change, held, wanted):
            return held
        write_setting(self.client, _setting(change), change.person_uuid, wanted, telephony=self._telephony())
        reached("respond.sent")
        for attempt in range(READ_BACK):
            if attempt:
                self.services.clock.sleep(_BETWEEN_SECONDS * self.services.settings.rate_scale)
            shown = self._read(change)
            if self._same(change, shown, wanted):
                return shown
        self._note_found(change.id, shown)
        raise NotTakenError(what=change.person_name)

    def _read(self, change: ResponseChange) -> Value:
        return read_setting(self.client, _setting(change), change.person_uuid, telephony=self._telephony())

    def _telephony(self) -> bool:
        return self.services.settings.webex_outgoing_permission_path == "telephony"

    def _same(self, change: ResponseChange, one: Value, other: Value | None) -> bool:
        return other is not None and same(_setting(change), one, other)

    def _forced(self, change: ResponseChange) -> bool:
        with self.services.database.read() as session:
            row = session.get_one(ResponseRow, change.response_id)
            return row.undo_forced

    def _change(self, change_id: int) -> ResponseChange:
        with self.services.database.read() as session:
            return session.get_one(ResponseChange, change_id)

    def _save(self, change_id: int, held: Value) -> ResponseChange:
        with self.services.database.write() as session:
            self.fence(session)
            change = session.get_one(ResponseChange, change_id, with_for_update=True)
            change.before, change.saved_at = held, self.services.clock.now()
            change.intended = intended(cast(Action, change.action), held, change.call_types)
            change.state, change.error = "applying", None
            announce(session, change.saved_at)
            return change

    def _note_found(self, change_id: int, held: Value) -> None:
        with self.services.database.write() as session:
            self.fence(session)
            session.get_one(ResponseChange, change_id, with_for_update=True).found = held

    def _close(self, change_id: int, state: str, shown: Value) -> None:
        """The change is made and seen: its state, the snapshot of the poll, and the audit, together."""
        reached("respond.read_back")
        now = self.services.clock.now()
        with self.services.database.write() as session:
            self.fence(session)
            change = session.get_one(ResponseChange, change_id, with_for_update=True)
            change.state, change.under_way, change.error, change.found = state, None, None, None
            if state == "applied":
                change.applied_at = now
            else:
                change.undone_at = now
            keep(session, Reading(change.person_uuid, _setting(change), shown, now, now, is_ours=True))
            self._audit(session, change, f"response.{state}", {"changes": _told(change)})
            announce(session, now)
        reached("respond.closed")

    def _leave(self, change: ResponseChange, held: Value) -> None:
        """Somebody else changed it since: nothing is sent, and all three states are there to be seen."""
        now = self.services.clock.now()
        error = ChangedMeanwhileError(what=change.person_name)
        with self.services.database.write() as session:
            self.fence(session)
            row = session.get_one(ResponseChange, change.id, with_for_update=True)
            row.state, row.under_way, row.found = "applied" if row.applied_at else "failed", None, held
            row.error = describe(error)
            self._audit(session, row, "response.undo_refused", {})
            announce(session, now)
        self.done.kept += 1

    def _fail(self, change_id: int, error: TollwatchError) -> None:
        now = self.services.clock.now()
        with self.services.database.write() as session:
            self.fence(session)
            change = session.get_one(ResponseChange, change_id, with_for_update=True)
            was_undo = change.state == "undoing"
            change.state = "applied" if was_undo and change.applied_at else "failed"
            change.under_way, change.error = None, describe(error)
            self._audit(
                session, change, "response.undo_failed" if was_undo else "response.failed", {"code": error.code}
            )
            announce(session, now)
        self.done.failed += 1

    def _audit(self, session: Session, change: ResponseChange, action: str, detail: Mapping[str, Any]) -> None:
        row = session.get_one(ResponseRow, change.response_id)
        actor = row.undo_by if row.undo_at else row.requested_by
        told = {"response": row.id, "action": change.action, "person": change.person_name, **detail}
        audit.record(
            session,
            actor=actor,
            action=action,
            subject=change.person_uuid,
            detail=told,
            at=self.services.clock.now(),
        )

    def _postpone(self, response_id: int, error: TransientError) -> None:
        """A passing failure: tried again with the next round, until there were enough."""
        now = self.services.clock.now()
        with self.services.database.write() as session:
            self.fence(session)
            row = session.get_one(ResponseRow, response_id, with_for_update=True)
            row.attempts += 1
            is_over = row.attempts >= MOST_ATTEMPTS
            waiting = list(
                session.scalars(
                    select(ResponseChange).where(
                        ResponseChange.response_id == response_id, ResponseChange.under_way.is_not(None)
                    )
                )
            )
            for change in waiting:
                change.error = describe(error)
            announce(session, now)
        self.done.waiting += 1
        if is_over:
            for change in waiting:
                self._fail(change.id, GaveUpError(attempts=MOST_ATTEMPTS))
            self._finish(response_id)

    def _finish(self, response_id: int) -> None:
        """What became of the whole response, and the word of it in the alert's timeline."""
        now = self.services.clock.now()
        with self.services.database.write() as session:
            self.fence(session)
            row = session.get_one(ResponseRow, response_id, with_for_update=True)
            changes = list(session.scalars(select(ResponseChange).where(ResponseChange.response_id == response_id)))
            if not row.is_working or any(change.under_way for change in changes):
                return
            was_undo = row.state == "undoing"
            row.state, row.is_working, row.finished_at = _state_of(changes, was_undo), False, now
            actor = row.undo_by if was_undo else row.requested_by
            told = [{"action": one.action, "person": one.person_name, "state": one.state} for one in changes]
            detail = {"response": row.id, "changes": told}
            alert = session.get(AlertRow, row.alert_id)
            if alert is not None:
                timeline.write(session, alert, Deed(_deed(row.state, was_undo), actor, now, detail=detail))
            announce(session, now)
        reached("respond.finished")


def work_off(services: Services, stopping: Callable[[], bool], fence: Fence) -> WorkDone:
    """Take every response that has something to do as far as it goes; bears repetition and being killed.

    Raises nothing for what Webex answers: that is shown with the response.
    """
    done = WorkDone()
    query = select(ResponseRow.id).where(ResponseRow.is_working.is_(True)).order_by(ResponseRow.id)
    with services.database.read() as session:
        waiting = list(session.scalars(query))
    if not waiting:
        return done
    client = open_client(services)
    try:
        worker = _Worker(services, client, fence, done)
        for response_id in waiting:
            if stopping():
                break
            worker.respond_or_wait(response_id, stopping)
    finally:
        client.close()
    return done


def _state_of(changes: list[ResponseChange], was_undo: bool) -> str:
    """The worst of its changes; after an undo, what never had anything to put back does not count."""
    states = {change.state for change in changes if not (was_undo and change.before is None)}
    if states == {"undone"}:
        return "undone"
    return "failed" if "failed" in states else "applied"


def _deed(state: str, was_undo: bool) -> str:
    if was_undo and state != "undone":
        return "undo_failed"
    return {"applied": "response_applied", "undone": "response_undone"}.get(state, "response_failed")


def _setting(change: ResponseChange) -> Setting:
    return cast(Setting, change.setting)


def _told(change: ResponseChange) -> list[dict[str, Any]]:
    return [asdict(one) for one in differences(_setting(change), change.before or {}, change.intended or {})]
