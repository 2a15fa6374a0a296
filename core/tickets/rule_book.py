"""The rules by which alerts become tickets, as people keep them."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.detection.finding import SEVERITIES
from core.errors import InvalidInputError, NotFoundError
from core.operators import clients
from core.store import audit, data_version
from core.store.models.alerts import AlertRow
from core.store.models.tickets import TicketRuleRow
from core.tickets.create import DATA_VERSION, checked_skills
from core.tickets.errors import BookChangedError
from core.tickets.vocabulary import PRIORITIES, line, one_of

PER = ("case", "alert")
MOST_CHOICES = 200
MOST_RULES = 100
LONGEST_NAME = 120
TRIED_DAYS = 30
MOST_TRIED = 20_000
"""A rule is tried on the alerts of so many days, the newest so many."""


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


@dataclass(frozen=True)
class Tried:
    """What a rule would have done to past alerts: how many there were, fit it, and were left to it; the tickets made.

    Those that fit and were not left to it an earlier rule would have decided.
    """

    alerts: int
    fitting: int
    decided: int
    tickets: int


@dataclass(frozen=True)
class _Past:
    severity_rank: int
    detector: str
    alert_type: str
    site: str
    case_id: int | None


def form_of(row: TicketRuleRow) -> RuleForm:
    """The form that a rule as kept would be written by."""
    kept = {name: getattr(row, name) for name in asdict(RuleForm(name="-"))}
    return RuleForm(**{**kept, **{name: tuple(kept[name]) for name in ("detectors", "sites", "skills")}})


def tried(session: Session, form: RuleForm, *, at: datetime, rule_id: int | None = None) -> Tried:
    """What a rule would have made of the alerts raised in the ``TRIED_DAYS`` before ``at``, in its present place.

    A new rule is asked last. Nothing is checked and nothing is kept.
    """
    before = [row for row in _asked_before(session, rule_id) if not row.is_paused]
    names = (AlertRow.severity_rank, AlertRow.detector, AlertRow.alert_type, AlertRow.site, AlertRow.case_id)
    query = (
        select(*names)
        .where(AlertRow.emitted_at >= at - timedelta(days=TRIED_DAYS), AlertRow.deleted_at.is_(None))
        .order_by(AlertRow.emitted_at.desc())
        .limit(MOST_TRIED)
    )
    past = [_Past(*values) for values in session.execute(query)]
    fitting = [alert for alert in past if _fits(form, alert)]
    decided = [alert for alert in fitting if not any(_fits(row, alert) for row in before)]
    tickets = len({alert.case_id for alert in decided}) if form.per == "case" else len(decided)
    return Tried(len(past), len(fitting), len(decided), tickets)


def _asked_before(session: Session, rule_id: int | None) -> list[TicketRuleRow]:
    rules = kept_rules(session)
    places = [place for place, row in enumerate(rules) if row.id == rule_id]
    return rules[: places[0]] if places else rules


def deciding(rules: list[TicketRuleRow], alert: AlertRow) -> TicketRuleRow | None:
    """The rule that makes a ticket of an alert, if any does."""
    return next((rule for rule in rules if _fits(rule, alert)), None)


def _fits(rule: TicketRuleRow | RuleForm, alert: AlertRow | _Past) -> bool:
    if rule.is_paused or alert.severity_rank < SEVERITIES.index(rule.least_severity):
        return False
    if rule.detectors and alert.detector not in rule.detectors and alert.alert_type not in rule.detectors:
        return False
    return not rule.sites or alert.site in rule.sites


def priority_by(rule: TicketRuleRow, alert: AlertRow) -> str:
    """The priority a rule gives an alert's ticket."""
    return rule.priority or alert.severity


def save_rule(
    session: Session,
    form: RuleForm,
    *,
    actor: str,
    at: datetime,
    rule_id: int | None = None,
    version: int | None = None,
) -> int:
    """Keep a rule, new ones last, audited; gives its number.

    Raises ``InvalidInputError``, ``NotFoundError`` for the rule or its client, and ``BookChangedError`` when
    ``version`` is given and no longer stands.
    """
    data_version.bump(session, DATA_VERSION, at)
    checked = _checked(form)
    if form.client_id is not None:
        clients.one(session, form.client_id)
    if rule_id is None:
        if len(kept_rules(session)) >= MOST_RULES:
            raise InvalidInputError(field="rules", problem=f"<= {MOST_RULES}")
        last = session.scalar(select(func.max(TicketRuleRow.position))) or 0
        row = TicketRuleRow(position=last + 1, version=0)
    else:
        row = _rule(session, rule_id)
        if version is not None and row.version != version:
            raise BookChangedError(what=row.name, who=row.changed_by)
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
    name = line(form.name, LONGEST_NAME)
    if not name:
        raise InvalidInputError(field="name", problem=f"1-{LONGEST_NAME} characters")
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
