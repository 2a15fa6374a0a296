"""Working an alert: every change by a person, each with its row in the timeline in the same transaction.

A change names the version it was made from; when somebody else has decided something of the alert since, it raises
``AlertChangedError`` and changes nothing. What the actor did, and what detection added, refuses nobody; saying the same
thing again changes nothing. Each of these runs in the caller's transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.alerts import announcing, cases, mutes, timeline
from core.alerts.errors import AlertChangedError, AlertStateError
from core.alerts.mutes import MuteScope
from core.alerts.receive import DATA_VERSION
from core.alerts.vocabulary import OPEN_STATES, VERDICTS
from core.errors import InvalidInputError, NotFoundError
from core.store import audit, data_version, several
from core.store.engine import Database
from core.store.models.alerts import AlertRow, MuteRow
from core.store.several import Outcome
from core.store.timeline import Deed

LONGEST_NOTES = timeline.LONGEST_COMMENT


@dataclass(frozen=True)
class Target:
    """An alert by its number, and the version the change was made from; ``None`` takes whatever stands."""

    alert_id: int
    version: int | None = None


@dataclass(frozen=True)
class Actor:
    """Who acts, and when (aware)."""

    name: str
    at: datetime


def acknowledge(session: Session, target: Target, actor: Actor, *, comment: str = "") -> AlertRow:
    """Say that somebody has seen it. Raises ``AlertStateError`` when somebody else said that or it is closed."""
    row = _locked(session, target, actor)
    if row.is_open and row.acknowledged_by == actor.name and row.acknowledged_at is not None:
        return row
    if not row.is_open or row.acknowledged_at is not None:
        raise _wrong_state(row, "acknowledge")
    _see(row, actor)
    return _changed(session, row, actor, Deed("acknowledged", actor.name, actor.at, comment=_plain(comment)))


def assign(session: Session, target: Target, actor: Actor, *, owner: str, comment: str = "") -> AlertRow:
    """Give it to ``owner``, or with an empty name to nobody; whoever takes it has seen it."""
    row = _locked(session, target, actor)
    if not row.is_open:
        raise _wrong_state(row, "assign")
    owner = _plain(owner, 200)
    if row.owner == owner and (owner != actor.name or row.acknowledged_at is not None):
        return row
    detail = {"from": row.owner, "to": owner}
    row.owner = owner
    if owner == actor.name and row.acknowledged_at is None:
        _see(row, actor)
    deed = Deed("assigned" if owner else "unassigned", actor.name, actor.at, comment=_plain(comment), detail=detail)
    return _changed(session, row, actor, deed)


def investigate(session: Session, target: Target, actor: Actor, *, comment: str = "") -> AlertRow:
    """Begin to look into it; without an owner it becomes the actor's."""
    row = _locked(session, target, actor)
    if row.state == "investigating" and row.owner == actor.name:
        return row
    if row.state != "open":
        raise _wrong_state(row, "investigate")
    before = row.state
    row.state = "investigating"
    row.owner = row.owner or actor.name
    if row.acknowledged_at is None:
        _see(row, actor)
    deed = Deed("investigating", actor.name, actor.at, before, comment=_plain(comment))
    return _changed(session, row, actor, deed)


def close(session: Session, target: Target, actor: Actor, *, verdict: str, notes: str = "") -> AlertRow:
    """Close it with a verdict of ``VERDICTS`` (programs may leave it out) and resolution notes."""
    if verdict and verdict not in VERDICTS:
        raise InvalidInputError(field="verdict", problem=verdict[:40])
    row = _locked(session, target, actor)
    if row.state not in OPEN_STATES:
        raise _wrong_state(row, "close")
    before, notes = row.state, _plain(notes)
    row.state, row.is_open = "resolved", False
    row.resolved_at, row.resolved_by = actor.at, actor.name
    row.verdict, row.resolution_notes = verdict, notes
    if row.acknowledged_at is None:
        _see(row, actor)
    deed = Deed("resolved", actor.name, actor.at, before, reason=verdict, comment=notes)
    return _changed(session, row, actor, deed)


def reopen(session: Session, target: Target, actor: Actor, *, comment: str = "") -> AlertRow:
    """Open a closed one again; its verdict stays in the timeline."""
    row = _locked(session, target, actor)
    if row.state != "resolved":
        raise _wrong_state(row, "reopen")
    was = {"verdict": row.verdict, "notes": row.resolution_notes}
    row.state, row.is_open = "open", True
    row.resolved_at, row.resolved_by, row.verdict, row.resolution_notes = None, "", "", ""
    deed = Deed("reopened", actor.name, actor.at, "resolved", comment=_plain(comment), detail=was)
    return _changed(session, row, actor, deed)


def comment(session: Session, alert_id: int, actor: Actor, *, text: str) -> AlertRow:
    """Write into the timeline; takes whatever version stands. Raises ``InvalidInputError`` for an empty text."""
    text = _plain(text)
    if not text:
        raise InvalidInputError(field="comment", problem="1-4000")
    row = _locked(session, Target(alert_id), actor)
    timeline.write(session, row, Deed("commented", actor.name, actor.at, comment=text))
    announcing.tell_change(session, row, "commented", actor.at, actor=actor.name, note=text)
    return row


def mute(session: Session, actor: Actor, scope: MuteScope, *, expires_at: datetime, reason: str) -> MuteRow:
    """Mute a scope until an instant; what is open within it is hidden until then. Audited."""
    data_version.bump(session, DATA_VERSION, actor.at)
    row = mutes.add(session, scope, expires_at=expires_at, reason=reason, actor=actor.name, at=actor.at)
    for alert in mutes.covered(session, row):
        row.entity_name = row.entity_name or (alert.entity_name if scope.entity else "")
        alert.mute_id, alert.muted_until = row.id, row.expires_at
        detail = {"until": row.expires_at.isoformat(), "mute": row.id}
        _changed(session, alert, actor, Deed("muted", actor.name, actor.at, reason=row.reason, detail=detail))
    told = {"scope": vars(scope), "until": row.expires_at.isoformat(), "reason": row.reason}
    audit.record(session, actor=actor.name, action="alerts.muted", subject=f"mute {row.id}", detail=told, at=actor.at)
    return row


def lift_mute(session: Session, actor: Actor, mute_id: int) -> MuteRow:
    """End a mute now; what it hid is shown again. Audited. Raises ``NotFoundError`` when it is not in force."""
    data_version.bump(session, DATA_VERSION, actor.at)
    row = mutes.lift(session, mute_id, actor=actor.name, at=actor.at)
    for alert in mutes.hidden_by(session, mute_id):
        alert.mute_id, alert.muted_until = None, None
        _changed(session, alert, actor, Deed("unmuted", actor.name, actor.at))
    audit.record(session, actor=actor.name, action="alerts.unmuted", subject=f"mute {mute_id}", at=actor.at)
    return row


def delete(session: Session, target: Target, actor: Actor, *, reason: str = "") -> AlertRow:
    """Take an alert off the desk for good; its row, evidence and timeline stay in the database. Audited."""
    row = _locked(session, target, actor)
    row.deleted_at = actor.at
    audit.record(
        session,
        actor=actor.name,
        action="alerts.deleted",
        subject=row.public_id,
        detail={"state": row.state, "reason": reason[:300]},
        at=actor.at,
    )
    return _changed(session, row, actor, Deed("deleted", actor.name, actor.at, reason=_plain(reason, 300)))


Change = Callable[[Session, Target], AlertRow]


def bulk(database: Database, targets: Sequence[Target], change: Change) -> list[Outcome[Target]]:
    """Make one change to several alerts, each in a transaction of its own; gives what became of each.

    ``change`` is called with a session and one target. Raises ``InvalidInputError`` for more than 500.
    """
    return several.change_each(database, targets, change, field="alerts")


def _locked(session: Session, target: Target, actor: Actor) -> AlertRow:
    # Whoever changes alerts takes this row first: the same order everywhere, so that nobody waits in a circle.
    data_version.bump(session, DATA_VERSION, actor.at)
    query = select(AlertRow).where(AlertRow.id == target.alert_id, AlertRow.deleted_at.is_(None)).with_for_update()
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotFoundError(what="alert")
    if target.version is None:
        return row
    if row.version < target.version:
        raise InvalidInputError(field="version", problem=f"<= {row.version}")
    for one in timeline.decided_since(session, row, target.version):
        if one.actor != actor.name:
            raise AlertChangedError(what=row.public_id, who=one.actor, when=one.at.isoformat(), version=row.version)
    return row


def _see(row: AlertRow, actor: Actor) -> None:
    row.acknowledged_at, row.acknowledged_by = actor.at, actor.name


def _changed(session: Session, row: AlertRow, actor: Actor, deed: Deed) -> AlertRow:
    row.version += deed.action in timeline.DECISIONS
    row.changed_at, row.changed_by = actor.at, actor.name
    timeline.write(session, row, deed)
    cases.refresh(session, row.case_id)
    if deed.action not in ("muted", "unmuted", "deleted"):
        announcing.tell_change(session, row, deed.action, actor.at, actor=actor.name, note=deed.comment)
    return row


def _wrong_state(row: AlertRow, action: str) -> AlertStateError:
    seen = row.is_open and row.acknowledged_at is not None and action == "acknowledge"
    return AlertStateError(what=row.public_id, state="acknowledged" if seen else row.state, action=action)


def _plain(text: str, longest: int = LONGEST_NOTES) -> str:
    return text.replace("\x00", "").strip()[:longest]
