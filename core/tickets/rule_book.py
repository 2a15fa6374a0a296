"""The rules by which alerts become tickets, as people keep them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.detection.finding import SEVERITIES
from core.errors import InvalidInputError, NotFoundError
from core.store import audit, data_version
from core.store.models.alerts import AlertRow
from core.store.models.tickets import TicketRuleRow
from core.tickets.create import DATA_VERSION, checked_skills
from core.tickets.vocabulary import PRIORITIES, one_of, plain

PER = ("case", "alert")
MOST_CHOICES = 200


@dataclass(frozen=True)
class RuleForm:
    """A rule as somebody writes it. Empty ``detectors`` and ``sites`` do not restrict; sites are names.

    ``per`` says whether all alerts of a case share a ticket. An empty ``priority`` is that of the severity.
    """

    name: str
    least_severity: str = "high"
    per: str = "case"
    detectors: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    priority: str = ""
    client_id: int | None = None
    skills: tuple[str, ...] = ()
    is_paused: bool = False


def kept_rules(session: Session) -> list[TicketRuleRow]:
    """All rules in the order in which they are asked; the first that fits decides."""
    return list(session.scalars(select(TicketRuleRow).order_by(TicketRuleRow.position, TicketRuleRow.id)))


def deciding(rules: list[TicketRuleRow], alert: AlertRow) -> TicketRuleRow | None:
    """The rule that makes a ticket of an alert, if any does."""
    return next((rule for rule in rules if _fits(rule, alert)), None)


def _fits(rule: TicketRuleRow, alert: AlertRow) -> bool:
    if rule.is_paused or alert.severity_rank < SEVERITIES.index(rule.least_severity):
        return False
    if rule.detectors and alert.detector not in rule.detectors and alert.alert_type not in rule.detectors:
        return False
    return not rule.sites or alert.site in rule.sites


def priority_by(rule: TicketRuleRow, alert: AlertRow) -> str:
    """The priority a rule gives an alert's ticket."""
    return rule.priority or alert.severity


def save_rule(session: Session, form: RuleForm, *, actor: str, at: datetime, rule_id: int | None = None) -> int:
    """Keep a rule, new ones last, audited; gives its number. Raises ``InvalidInputError``, ``NotFoundError``."""
    data_version.bump(session, DATA_VERSION, at)
    checked = _checked(form)
    if rule_id is None:
        last = session.scalar(select(func.max(TicketRuleRow.position))) or 0
        row = TicketRuleRow(position=last + 1, version=0)
    else:
        row = _rule(session, rule_id)
    for name, value in checked.items():
        setattr(row, name, value)
    row.version, row.changed_at, row.changed_by = row.version + 1, at, actor[:200]
    session.add(row)
    session.flush()
    detail = {**checked, "rule": row.id}
    audit.record(session, actor=actor, action="ticket_rule.saved", subject=row.name, detail=detail, at=at)
    return row.id


def remove_rule(session: Session, rule_id: int, *, actor: str, at: datetime) -> None:
    """Remove a rule, audited; the tickets it made stay. Raises ``NotFoundError``."""
    data_version.bump(session, DATA_VERSION, at)
    row = _rule(session, rule_id)
    session.delete(row)
    audit.record(session, actor=actor, action="ticket_rule.removed", subject=row.name, at=at)


def move_rule(session: Session, rule_id: int, *, to: int, actor: str, at: datetime) -> None:
    """Ask a rule at another place in the order, 0 first, audited. Raises ``NotFoundError``."""
    data_version.bump(session, DATA_VERSION, at)
    moved = _rule(session, rule_id)
    others = [row for row in kept_rules(session) if row.id != rule_id]
    others.insert(max(0, to), moved)
    for position, row in enumerate(others):
        row.position = position
    audit.record(
        session, actor=actor, action="ticket_rule.moved", subject=moved.name, detail={"to": moved.position}, at=at
    )


def _checked(form: RuleForm) -> dict[str, object]:
    name = " ".join(plain(form.name, 120).split())
    if not name:
        raise InvalidInputError(field="name", problem="1-120")
    one_of("severity", form.least_severity, SEVERITIES)
    one_of("per", form.per, PER)
    if form.priority:
        one_of("priority", form.priority, PRIORITIES)
    for field, values in (("detectors", form.detectors), ("sites", form.sites)):
        if len(values) > MOST_CHOICES or any(not value or len(value) > 200 for value in values):
            raise InvalidInputError(field=field, problem=f"<= {MOST_CHOICES}")
    return {
        "name": name,
        "least_severity": form.least_severity,
        "per": form.per,
        "detectors": sorted(set(form.detectors)),
        "sites": sorted(set(form.sites)),
        "priority": form.priority,
        "client_id": form.client_id,
        "skills": checked_skills(form.skills),
        "is_paused": form.is_paused,
    }


def _rule(session: Session, rule_id: int) -> TicketRuleRow:
    row = session.get(TicketRuleRow, rule_id, with_for_update=True)
    if row is None:
        raise NotFoundError(what="rule")
    return row
