"""A forward set to a new outside number: weighed by where it leads, when it was set, and by whom."""

from core.detection.calendar import MORNING_BEGINS, NIGHT_BEGINS
from core.detection.finding import Parameters, Severity
from core.detection.numbering import destination_of
from core.detection.setting_changes import ForwardingChange


def verdict(change: ForwardingChange, p: Parameters) -> tuple[Severity, dict[str, object]] | None:
    """Severity and figures for a change; ``None`` for one inside the country, by the owner, in working hours."""
    if not change.target.startswith("+") or change.target == change.previous:
        return None
    to = destination_of(change.target, change.home)
    odd_hour = change.hour < MORNING_BEGINS or change.hour >= NIGHT_BEGINS
    points = to.tier * p["tier"] + odd_hour * p["odd_hour"] + (not change.by_owner) * p["by_other"]
    if points < p["low"]:
        return None
    severity: Severity = "high" if points >= p["high"] else "medium" if points >= p["medium"] else "low"
    return severity, {"country": to.country, "tier": to.tier, "odd_hour": odd_hour, "by_owner": change.by_owner}
