"""Drafts become alerts: one row for each abuse, grown by more evidence, grouped into cases, muted where asked.

Receiving the same drafts again changes nothing, so that whoever hands them over may be killed at any point.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.alerts import announcing, cases, mutes, timeline
from core.alerts.cases import Entity
from core.alerts.evidence import LegFacts
from core.alerts.vocabulary import DETECTION, OF_WORDS, checked_type, public_id, rank
from core.detection.finding import AlertDraft, is_worse
from core.store import data_version
from core.store.models.alerts import AlertRow, EvidenceRow
from core.store.timeline import Deed
from core.tickets.rules import Touched, follow_alerts

DATA_VERSION = "alerts"
MOST_EVIDENCE = 500
_SAME_ABUSE = 0.5
"""A draft of another key is the same abuse when at least this share of its records lies under one alert already."""

_RECENT = timedelta(days=10)
_TOLD = {"raised": "opened", "grew": "extended", "worsened": "worsened"}


@dataclass(frozen=True)
class Received:
    """What became of a draft: its alert, whether that is new, whether its severity rose, and what it is now.

    ``grew`` says that it brought evidence or a severity that was not known; the same again does not. ``reopened``
    says that it was closed before.
    """

    alert_id: int
    is_new: bool
    worsened: bool
    severity: str
    grew: bool = False
    reopened: bool = False


@dataclass(frozen=True)
class Reception:
    """How drafts are taken in: ``at`` now, ``legs`` what is known of their records, ``history_before`` the instant
    before which an alert is history that nobody is told of, ``actor`` who found them."""

    at: datetime
    legs: Mapping[str, LegFacts]
    history_before: datetime | None = None
    actor: str = DETECTION


def receive_drafts(
    session: Session,
    drafts: Iterable[AlertDraft],
    *,
    at: datetime,
    legs: Mapping[str, LegFacts] | None = None,
    history_before: datetime | None = None,
    actor: str = DETECTION,
) -> list[Received]:
    """Take drafts in, in the caller's transaction; gives what became of each alert touched, in the order raised.

    ``legs`` are facts of their records by Report ID (``evidence.facts_of``). What was emitted before
    ``history_before`` is marked as history and announced to nobody.
    """
    folded = _folded(drafts)
    if not folded:
        return []
    # Raised first, the number's row makes those who receive at the same time wait for each other.
    data_version.bump(session, DATA_VERSION, at)
    how = Reception(at, legs or {}, history_before, actor)
    received = [_receive(session, draft, how) for draft in folded]
    for case_id in _cases_of(session, received):
        cases.refresh(session, case_id)
    follow_alerts(session, [_touched(session, one) for one in received], at=at)
    return received


def _touched(session: Session, one: Received) -> Touched:
    return Touched(session.get_one(AlertRow, one.alert_id), one.is_new, one.worsened, one.reopened)


def _folded(drafts: Iterable[AlertDraft]) -> list[AlertDraft]:
    """The last state of each draft, with its worst severity and everything it rested on."""
    last: dict[str, AlertDraft] = {}
    for draft in drafts:
        earlier = last.get(draft.dedupe_key)
        if earlier is not None:
            draft.evidence = list(dict.fromkeys([*earlier.evidence, *draft.evidence]))
            draft.emitted_at = min(earlier.emitted_at, draft.emitted_at)
            if is_worse(earlier.severity, draft.severity):
                draft.severity = earlier.severity
        last[draft.dedupe_key] = draft
    return sorted(last.values(), key=lambda draft: draft.emitted_at)


def _receive(session: Session, draft: AlertDraft, how: Reception) -> Received:
    row = _known(session, draft)
    if row is None:
        row = _raise(session, draft, how)
        return Received(row.id, True, False, row.severity)
    before, was_open = row.severity_rank, row.is_open
    grew = _grow(session, row, draft, how)
    return Received(row.id, False, row.severity_rank > before, row.severity, grew, row.is_open and not was_open)


def _known(session: Session, draft: AlertDraft) -> AlertRow | None:
    """The alert this draft is more evidence of: of the same key, or resting on the same records, but for words."""
    same = select(AlertRow).where(AlertRow.dedupe_key == draft.dedupe_key[:400]).with_for_update()
    found = session.scalars(same).one_or_none()
    if found is not None or not draft.evidence or draft.detector in OF_WORDS:
        return found
    emitted = _emitted(draft)
    rests = (
        select(AlertRow.id, func.count())
        .join(EvidenceRow, EvidenceRow.alert_id == AlertRow.id)
        .where(
            EvidenceRow.report_id.in_(draft.evidence[:MOST_EVIDENCE]),
            AlertRow.entity == draft.entity,
            AlertRow.entity_kind == draft.entity_kind,
            AlertRow.is_manual.is_(False),
            AlertRow.detector.not_in(OF_WORDS),
            AlertRow.emitted_at.between(emitted - _RECENT, emitted + _RECENT),
        )
        .group_by(AlertRow.id)
        .order_by(func.count().desc(), AlertRow.id)
        .limit(1)
    )
    most = session.execute(rests).first()
    if most is None or most[1] < _SAME_ABUSE * min(len(draft.evidence), MOST_EVIDENCE):
        return None
    return session.get(AlertRow, most[0], with_for_update=True)


def _emitted(draft: AlertDraft) -> datetime:
    return datetime.fromtimestamp(draft.emitted_at, UTC)


def _raise(session: Session, draft: AlertDraft, how: Reception) -> AlertRow:
    emitted, severity_rank = _emitted(draft), rank(draft.severity)
    first, last = _bounds(draft, how, emitted)
    site = _site(draft, how)
    case = cases.join(session, Entity(draft.entity_kind, draft.entity[:200], draft.entity_name, site), emitted)
    row = AlertRow(
        public_id=public_id("A", draft.dedupe_key),
        dedupe_key=draft.dedupe_key[:400],
        detector=draft.detector,
        alert_type=checked_type(draft.detector),
        severity=draft.severity,
        severity_rank=severity_rank,
        entity_kind=draft.entity_kind,
        entity=draft.entity[:200],
        entity_name=draft.entity_name[:200],
        site=site,
        destination_group=draft.destination_group[:120],
        local_day=draft.local_day,
        explanation=draft.explanation,
        cost=draft.cost,
        first_seen=first,
        last_seen=last,
        emitted_at=emitted,
        created_at=how.at,
        case_id=case.id,
        is_backfilled=how.history_before is not None and emitted < how.history_before,
        changed_at=how.at,
        changed_by=how.actor,
    )
    session.add(row)
    session.flush()
    _add_evidence(session, row, draft.evidence, how)
    told = {"severity": row.severity, "calls": row.evidence_count}
    timeline.write(session, row, Deed("raised", how.actor, how.at, detail=told))
    case.opened_at, case.last_at = min(case.opened_at, emitted), max(case.last_at, emitted, last)
    session.flush()
    _mute_or_announce(session, row, "raised", how)
    return row


def _grow(session: Session, row: AlertRow, draft: AlertDraft, how: Reception) -> bool:
    """More evidence for an alert, or a worse severity; gives whether either. The same again changes nothing."""
    fresh = _add_evidence(session, row, draft.evidence, how)
    before = row.severity
    worsened = rank(draft.severity) > row.severity_rank
    if not fresh and not worsened:
        return False
    if worsened:
        row.severity, row.severity_rank = draft.severity, rank(draft.severity)
    row.cost = max(row.cost, draft.cost)
    if seen := _starts(draft, how):
        row.first_seen, row.last_seen = min(row.first_seen, *seen), max(row.last_seen, *seen)
    row.explanation = {**draft.explanation, **_also_seen(row, draft), **_destinations(row, draft)}
    detail: dict[str, Any] = {"calls": row.evidence_count, "cost": round(row.cost, 2), "severity": row.severity}
    action = "worsened" if worsened else "grew"
    if worsened:
        detail["before"] = before
    timeline.write(session, row, Deed(action, how.actor, how.at, detail=detail))
    if _comes_back(row, worsened):
        _reopen(session, row, how)
    _mute_or_announce(session, row, action, how)
    return True


def _also_seen(row: AlertRow, draft: AlertDraft) -> dict[str, list[str]]:
    told = [*row.explanation.get("also_seen_by", []), *draft.explanation.get("also_seen_by", [])]
    if draft.detector != row.detector:
        told.append(draft.detector)
    also = list(dict.fromkeys(name for name in told if name != row.detector))
    return {"also_seen_by": also} if also else {}


def _destinations(row: AlertRow, draft: AlertDraft) -> dict[str, list[Mapping[str, Any]]]:
    """Every country its calls led to so far, each as the finding with most calls there told it."""
    told = [*row.explanation.get("destinations", []), *draft.explanation.get("destinations", [])]
    of_country: dict[str, Mapping[str, Any]] = {}
    for one in told:
        country = str(one["country"])
        if country not in of_country or one["calls"] >= of_country[country]["calls"]:
            of_country[country] = one
    return {"destinations": [of_country[country] for country in sorted(of_country)]} if told else {}


def _comes_back(row: AlertRow, worsened: bool) -> bool:
    """Whether a closed alert opens again: the abuse goes on after it was closed, or got worse than was judged."""
    if row.is_open or row.deleted_at is not None or row.resolved_at is None:
        return False
    goes_on = row.last_seen > row.resolved_at and row.verdict not in ("benign", "tuned")
    return goes_on or worsened


def _reopen(session: Session, row: AlertRow, how: Reception) -> None:
    row.state, row.is_open = "open", True
    row.resolved_at, row.resolved_by, row.verdict, row.resolution_notes = None, "", "", ""
    row.version += 1
    row.changed_at, row.changed_by = how.at, how.actor
    timeline.write(session, row, Deed("reopened", how.actor, how.at, from_state="resolved"))


def _mute_or_announce(session: Session, row: AlertRow, event: str, how: Reception) -> None:
    if row.deleted_at is not None or not row.is_open:
        return
    mute = mutes.covering(session, row, how.at)
    if mute is not None:
        mutes.count_hit(mute, how.at)
        if row.mute_id != mute.id:
            timeline.write(session, row, Deed("muted", how.actor, how.at, reason=mute.reason))
        row.mute_id, row.muted_until = mute.id, mute.expires_at
        return
    row.mute_id, row.muted_until = None, None
    announcing.tell(session, row, _TOLD[event], how.at)


def _add_evidence(session: Session, row: AlertRow, report_ids: Sequence[str], how: Reception) -> int:
    """Keep what is not known yet, up to ``MOST_EVIDENCE``; gives how many that were."""
    known = set(session.scalars(select(EvidenceRow.report_id).where(EvidenceRow.alert_id == row.id)))
    fresh = [one for one in dict.fromkeys(report_ids) if one[:200] not in known][: MOST_EVIDENCE - len(known)]
    for report_id in fresh:
        leg = how.legs.get(report_id)
        session.add(
            EvidenceRow(
                alert_id=row.id,
                report_id=report_id[:200],
                correlation_id=leg.correlation_id[:200] if leg else "",
                started_at=leg.started_at if leg else None,
            )
        )
    row.evidence_count = len(known) + len(fresh)
    session.flush()
    return len(fresh)


def _bounds(draft: AlertDraft, how: Reception, otherwise: datetime) -> tuple[datetime, datetime]:
    """When the first and the last record of a draft began."""
    starts = _starts(draft, how)
    return (min(starts), max(starts)) if starts else (otherwise, otherwise)


def _starts(draft: AlertDraft, how: Reception) -> list[datetime]:
    return [leg.started_at for report_id in draft.evidence if (leg := how.legs.get(report_id))]


def _site(draft: AlertDraft, how: Reception) -> str:
    if draft.entity_kind == "location":
        return draft.entity_name[:200]
    for report_id in draft.evidence:
        leg = how.legs.get(report_id)
        if leg and leg.site:
            return leg.site[:200]
    return str(draft.explanation.get("site") or "")[:200]


def _cases_of(session: Session, received: Sequence[Received]) -> list[int]:
    query = select(AlertRow.case_id).where(AlertRow.id.in_([one.alert_id for one in received])).distinct()
    return sorted(session.scalars(query))
