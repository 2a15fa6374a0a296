"""A changed forward as detection wants it: the number in international form, the site's clock, and who did it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from sqlalchemy.orm import Session

from core.detection import tuning
from core.detection.finding import AlertDraft, is_worse
from core.detection.setting_changes import ForwardingChange, alert_of_change
from core.store.models.responses import SettingChange
from core.store.models.webex import WebexLocation, WebexPerson
from core.webex.call_settings_shape import forwards, is_outside

DETECTOR = "forwarding_change"


def draft_of(session: Session, change: SettingChange) -> AlertDraft | None:
    """The alert that a change of forwarding deserves under the present tuning; ``None`` for any other change."""
    if change.setting != "call_forwarding" or change.is_ours:
        return None
    policy = tuning.policy(session)
    if DETECTOR in policy.disabled:
        return None
    person = session.get(WebexPerson, change.person_uuid)
    site = session.get(WebexLocation, person.location_uuid) if person and person.location_uuid else None
    home = site.country if site else ""
    target, kind, previous = _new_target(change, home)
    if not target:
        return None
    draft = alert_of_change(
        ForwardingChange(
            event=change.audit_event_id or f"setting-change-{change.id}",
            user=change.person_uuid,
            user_name=person.name if person else "",
            home=home,
            target=target,
            previous=previous,
            at=change.changed_at.timestamp(),
            offset=_offset(change, site),
            by_owner=not change.actor_uuid or change.actor_uuid == change.person_uuid,
        ),
        tuning.parameter_changes(session).get(DETECTOR),
    )
    if draft is None:
        return None
    cap = policy.caps.get(DETECTOR)
    if cap is not None and is_worse(draft.severity, cap):
        draft.severity = cap
    draft.explanation = {**draft.explanation, **_told(draft, change, site, (target, kind, previous))}
    return draft


def _told(
    draft: AlertDraft, change: SettingChange, site: WebexLocation | None, moved: tuple[str, str, str]
) -> Mapping[str, Any]:
    """What an analyst wants to read of a change: what it was, by whom, where it leads; figures are the tier alone."""
    target, kind, previous = moved
    seen = draft.explanation["observed"]
    told = {
        "target": target,
        "kind": kind,
        "previous": previous,
        "changed_by": change.actor_name,
        "by_owner": seen["by_owner"],
    }
    return {
        "observed": {"tier": seen["tier"]},
        "unusual_hour": bool(seen["odd_hour"]),
        "destinations": [{"country": seen["country"]}],
        "change": told,
        "site": site.name if site else "",
    }


def _new_target(change: SettingChange, home: str) -> tuple[str, str, str]:
    """The outside number that calls newly go to, by which kind of forwarding, and where that sent them before."""
    before = {kind: international(number, home) for kind, number in forwards(change.before).items()}
    for kind, destination in forwards(change.after).items():
        number = international(destination, home)
        if is_outside(destination) and number not in before.values():
            return number, kind, before.get(kind, "")
    return "", "", ""


def international(destination: str, home: str) -> str:
    """A destination as E.164 where it is a number that can be dialled from ``home``; else as it stands."""
    try:
        number = phonenumbers.parse(destination, home or None)
    except phonenumbers.NumberParseException:
        return destination
    if not phonenumbers.is_possible_number(number):
        return destination
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _offset(change: SettingChange, site: WebexLocation | None) -> int:
    """Seconds that the site's clock was ahead of UTC when the change was made; 0 where its zone is unknown."""
    try:
        zone = ZoneInfo(site.time_zone) if site and site.time_zone else None
    except (ZoneInfoNotFoundError, ValueError):
        zone = None
    offset = change.changed_at.astimezone(zone).utcoffset() if zone else None
    return int((offset or timedelta()).total_seconds())
