"""What a new installation begins with: two calendars, a policy for each priority, and the rule for severe alerts."""

from datetime import datetime

from sqlalchemy.orm import Session

from core.language import DEFAULT_LANGUAGE, translate
from core.store.models.operations import SettingValue
from core.tickets import policy_book, rule_book
from core.tickets.calendars import Calendar, office_hours
from core.tickets.policies import founding
from core.tickets.policy_book import SITES_OWN, PolicyForm
from core.tickets.rule_book import RuleForm
from core.tickets.vocabulary import AUTOMATIC, PRIORITIES

_MADE = "tickets.founded"
OPENS, CLOSES = 8 * 60, 18 * 60
AROUND_THE_CLOCK = ("high", "critical")
"""Priorities that do not wait for the morning."""


def found_once(session: Session, at: datetime) -> bool:
    """Write what people then change; whether it was now. What somebody removes does not come back."""
    if session.get(SettingValue, _MADE) is not None:
        return False
    session.add(SettingValue(name=_MADE, value=at.isoformat(), changed_at=at, changed_by=AUTOMATIC))
    if policy_book.kept_policies(session) or rule_book.kept_rules(session):
        return False
    always = Calendar(name=translate("tickets.founding.always", DEFAULT_LANGUAGE), is_always=True)
    office = Calendar(
        name=translate("tickets.founding.office", DEFAULT_LANGUAGE),
        time_zone=SITES_OWN,
        country=SITES_OWN,
        hours=office_hours(OPENS, CLOSES),
    )
    numbers = {
        is_always: policy_book.save_calendar(session, calendar, actor=AUTOMATIC, at=at)
        for is_always, calendar in ((True, always), (False, office))
    }
    for priority in PRIORITIES:
        begun = founding(priority).to_json()
        form = PolicyForm(
            priority=priority,
            calendar_id=numbers[priority in AROUND_THE_CLOCK],
            own_minutes=begun["own_minutes"],
            resolve_minutes=begun["resolve_minutes"],
            steps=founding(priority).steps,
        )
        policy_book.save_policy(session, form, actor=AUTOMATIC, at=at)
    rule = RuleForm(name=translate("tickets.founding.rule", DEFAULT_LANGUAGE), least_severity="high")
    rule_book.save_rule(session, rule, actor=AUTOMATIC, at=at)
    return True
