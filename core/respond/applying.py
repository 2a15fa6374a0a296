"""An answer asked for by an administrator: its rows, the command for the sidecar, the word in the alert's timeline."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.alerts import query as alerts
from core.alerts import timeline
from core.errors import InvalidInputError, NotFoundError
from core.respond.errors import (
    ConsentMissingError,
    NothingToUndoError,
    NotProposedError,
    ResponseUnderWayError,
)
from core.respond.proposals import Proposal, of_alert
from core.respond.rights import check_write_right
from core.services import Services
from core.store import audit, commands, data_version
from core.store.models.responses import ResponseChange, ResponseRow
from core.store.timeline import Deed

DATA_VERSION = "responses"
JOB = "respond"


def apply(
    services: Services,
    reference: str | int,
    chosen: Sequence[str],
    *,
    actor: str,
    consent: bool,
    idempotency_key: str | None = None,
) -> int:
    """Ask for some of an alert's proposals (by their ``key``) to be applied; gives the response's id.

    The sidecar does it: it saves what Webex holds first. A second request with the same ``idempotency_key`` gives
    the first one's id. Raises ``ConsentMissingError``, ``NotProposedError``, ``WriteRightMissingError``,
    ``ResponseUnderWayError``, ``NotConnectedError``, ``NotFoundError``.
    """
    if not consent:
        raise ConsentMissingError
    key = f"{reference}:{idempotency_key}"[:200] if idempotency_key else None
    if key and (known := _known(services, key)) is not None:
        return known
    picked = _picked(of_alert(services, reference), chosen)
    check_write_right(services)
    try:
        return _ask(services, reference, picked, actor, key)
    except IntegrityError as error:
        if key and (known := _known(services, key)) is not None:
            return known
        raise ResponseUnderWayError(what=", ".join(one.person_name for one in picked)) from error


def undo(services: Services, response_id: int, *, actor: str, consent: bool, forced: bool = False) -> None:
    """Ask for everything a response changed to be put back as it was saved.

    What somebody else changed since is not overwritten unless ``forced``. Raises ``ConsentMissingError``,
    ``NothingToUndoError``, ``WriteRightMissingError``, ``ResponseUnderWayError``, ``NotFoundError``.
    """
    if not consent:
        raise ConsentMissingError
    check_write_right(services)
    now = services.clock.now()
    try:
        with services.database.write() as session:
            _ask_back(session, response_id, actor, forced, now)
    except IntegrityError as error:
        raise ResponseUnderWayError(what=str(response_id)) from error


def undoable(change: ResponseChange) -> bool:
    """Whether a change has something to put back: applied, or failed after the state before was saved."""
    return change.state in ("applied", "failed") and change.before is not None and change.intended is not None


def _picked(proposed: Sequence[Proposal], chosen: Sequence[str]) -> list[Proposal]:
    known = {one.key: one for one in proposed}
    for key in chosen:
        if key not in known:
            raise NotProposedError(what=key[:120])
    if not chosen:
        raise InvalidInputError(field="proposals", problem="0")
    return [known[key] for key in dict.fromkeys(chosen)]


def _known(services: Services, key: str) -> int | None:
    with services.database.read() as session:
        return session.scalar(select(ResponseRow.id).where(ResponseRow.idempotency_key == key))


def _ask(services: Services, reference: str | int, picked: Sequence[Proposal], actor: str, key: str | None) -> int:
    now = services.clock.now()
    with services.database.write() as session:
        alert = alerts.one(session, reference)
        row = ResponseRow(
            alert_id=alert.id,
            state="applying",
            is_working=True,
            idempotency_key=key,
            requested_by=actor[:200],
            requested_at=now,
        )
        session.add(row)
        session.flush()
        session.add_all(_change(row.id, one) for one in picked)
        session.flush()
        row.command_id = _command(session, row.id, "apply", actor, now)
        told = [{"action": one.action, "person": one.person_name, "calls": list(one.call_types)} for one in picked]
        detail = {"response": row.id, "changes": told}
        timeline.write(session, alert, Deed("response_asked", actor, now, detail=detail))
        audit.record(session, actor=actor, action="response.asked", subject=alert.public_id, detail=detail, at=now)
        announce(session, now)
        return row.id


def _change(response_id: int, proposal: Proposal) -> ResponseChange:
    return ResponseChange(
        response_id=response_id,
        action=proposal.action,
        setting=proposal.setting,
        person_uuid=proposal.person,
        person_name=proposal.person_name[:300],
        call_types=list(proposal.call_types),
        state="proposed",
        under_way=f"{proposal.person}:{proposal.setting}",
    )


def _ask_back(session: Session, response_id: int, actor: str, forced: bool, now: datetime) -> None:
    row = session.get(ResponseRow, response_id, with_for_update=True)
    if row is None:
        raise NotFoundError(what=f"response {response_id}")
    changes = list(session.scalars(select(ResponseChange).where(ResponseChange.response_id == response_id)))
    concerned = [change for change in changes if undoable(change)]
    if row.is_working or not concerned:
        raise NothingToUndoError(state=row.state)
    for change in concerned:
        change.state, change.error, change.found = "undoing", None, None
        change.under_way = f"{change.person_uuid}:{change.setting}"
    row.state, row.is_working, row.attempts, row.finished_at = "undoing", True, 0, None
    row.undo_by, row.undo_at, row.undo_forced = actor[:200], now, forced
    session.flush()
    row.command_id = _command(session, row.id, "undo", actor, now)
    alert = alerts.one(session, row.alert_id)
    detail = {"response": row.id, "forced": forced, "people": [change.person_name for change in concerned]}
    timeline.write(session, alert, Deed("undo_asked", actor, now, detail=detail))
    audit.record(session, actor=actor, action="response.undo_asked", subject=alert.public_id, detail=detail, at=now)
    announce(session, now)


def _command(session: Session, response_id: int, what: str, actor: str, now: datetime) -> int:
    return commands.request(session, "run_job", {"job": JOB, "response": response_id, "what": what}, actor, now)


def announce(session: Session, now: datetime) -> None:
    """Let pages know that responses, and the timelines of their alerts, changed."""
    data_version.bump(session, "alerts", now)
    data_version.bump(session, DATA_VERSION, now)
