"""Changes of call forwarding as a poll of people's settings or the admin audit tells them, turned into alerts."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from core.detection.calendar import DAY_BEGINS, day_name
from core.detection.finding import AlertDraft, Severity
from core.detection.observation import DAY
from core.detection.registry import detector


@dataclass(frozen=True)
class ForwardingChange:
    """A user's calls now go to ``target`` (E.164), before to ``previous`` (empty: nowhere).

    ``at`` in seconds since 1970; ``offset`` seconds that the site's clock is ahead of UTC; ``home`` the site's country;
    ``event`` the id of the audit event or of the poll, which is the alert's evidence.
    """

    event: str
    user: str
    user_name: str
    home: str
    target: str
    previous: str
    at: float
    offset: int
    by_owner: bool

    @property
    def hour(self) -> int:
        """Local hour of the change."""
        return int((self.at + self.offset) % DAY // 3600)


def alert_of_change(change: ForwardingChange, changes: Mapping[str, float] | None = None) -> AlertDraft | None:
    """The alert that a change deserves, if any. Raises ``InvalidInputError`` for a parameter out of bounds."""
    # Imported here because the detector itself names ForwardingChange.
    from core.detection.detectors.forwarding_change import verdict

    known = detector("forwarding_change")
    found: tuple[Severity, dict[str, object]] | None = verdict(change, known.with_changes(changes or {}))
    if found is None:
        return None
    severity, observed = found
    day = day_name(int((change.at + change.offset - DAY_BEGINS) // DAY))
    return AlertDraft(
        detector=known.id,
        severity=severity,
        entity_kind="user",
        entity=change.user,
        entity_name=change.user_name,
        destination_group=f"forward:{change.target}",
        local_day=day,
        emitted_at=math.ceil(change.at),
        evidence=[change.event],
        explanation={"detector": known.id, "version": known.version, "observed": observed, "expected": {}},
        cost=0.0,
        dedupe_key=f"{known.id}|{change.user}|{change.target}|{day}",
    )
