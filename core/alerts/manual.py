"""Alerts made by hand or by a program: somebody saw what no rule did."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.alerts import announcing, cases, timeline
from core.alerts.cases import Entity
from core.alerts.evidence import LegFacts
from core.alerts.receive import DATA_VERSION
from core.alerts.vocabulary import ENTITY_KINDS, MANUAL, checked_type, public_id, rank
from core.alerts.work import Actor
from core.errors import InvalidInputError
from core.store import data_version
from core.store.models.alerts import AlertRow, EvidenceRow
from core.store.timeline import Deed
from core.tickets.rules import Touched, follow_alerts

LONGEST_TITLE = 200
LONGEST_DESCRIPTION = 4000
MOST_EVIDENCE = 500


@dataclass(frozen=True)
class ManualAlert:
    """What somebody reports. ``evidence`` are Report IDs; ``key`` makes a repetition harmless."""

    title: str
    severity: str
    entity: Entity
    alert_type: str = MANUAL
    description: str = ""
    evidence: Sequence[str] = field(default_factory=tuple)
    legs: dict[str, LegFacts] = field(default_factory=dict)
    key: str = ""


def create(session: Session, new: ManualAlert, actor: Actor) -> AlertRow:
    """Raise it, announced like any other; the same ``key`` of the same actor again gives the first.

    Raises ``InvalidInputError`` for what is missing or too long.
    """
    data_version.bump(session, DATA_VERSION, actor.at)
    key = f"{MANUAL}|{actor.name}|{new.key or secrets.token_hex(16)}"[:400]
    known = session.scalars(select(AlertRow).where(AlertRow.dedupe_key == key)).one_or_none()
    if known is not None:
        return known
    title = " ".join(new.title.replace("\x00", "").split())
    if not title or len(title) > LONGEST_TITLE:
        raise InvalidInputError(field="title", problem=f"1-{LONGEST_TITLE} characters")
    if not new.entity.id.strip() or new.entity.kind not in ENTITY_KINDS:
        raise InvalidInputError(field="entity", problem=new.entity.kind[:20])
    row = _row(session, new, actor, title, key)
    for report_id in dict.fromkeys(new.evidence):
        leg = new.legs.get(report_id)
        session.add(
            EvidenceRow(
                alert_id=row.id,
                report_id=report_id[:200],
                correlation_id=leg.correlation_id[:200] if leg else "",
                started_at=leg.started_at if leg else None,
            )
        )
    timeline.write(session, row, Deed("raised", actor.name, actor.at, detail={"severity": row.severity}))
    cases.refresh(session, row.case_id)
    announcing.tell(session, row, "opened", actor.at)
    follow_alerts(session, [Touched(row, is_new=True)], at=actor.at)
    return row


def _row(session: Session, new: ManualAlert, actor: Actor, title: str, key: str) -> AlertRow:
    entity = new.entity
    starts = [leg.started_at for leg in new.legs.values()] or [actor.at]
    if len(new.evidence) > MOST_EVIDENCE:
        raise InvalidInputError(field="evidence", problem=f"<= {MOST_EVIDENCE}")
    row = AlertRow(
        public_id=public_id("A", key),
        dedupe_key=key,
        detector="",
        alert_type=checked_type(new.alert_type),
        severity=new.severity,
        severity_rank=rank(new.severity),
        entity_kind=entity.kind,
        entity=entity.id.strip()[:200],
        entity_name=entity.name[:200],
        site=entity.site[:200],
        title=title,
        description=new.description.replace("\x00", "").strip()[:LONGEST_DESCRIPTION],
        evidence_count=len(set(new.evidence)),
        first_seen=min(starts),
        last_seen=max(starts),
        emitted_at=actor.at,
        created_at=actor.at,
        case_id=cases.join(session, entity, actor.at).id,
        is_manual=True,
        changed_at=actor.at,
        changed_by=actor.name,
    )
    session.add(row)
    session.flush()
    return row
