"""Legs that must not teach: those under an alert until it is judged harmless; those of confirmed abuse for ever."""

from collections.abc import Mapping

from core.detection.baselines import MEMORY_DAYS
from core.detection.observation import DAY, Observation

CONFIRMED = frozenset({"true_positive"})
HARMLESS = frozenset({"benign", "tuned"})
"""Verdicts by which an alert is closed; any other says nothing about its records."""


class Withheld:
    """What is kept out of the baselines, and what people said about it."""

    __slots__ = ("_harmless", "_legs", "confirmed")

    def __init__(self) -> None:
        self._legs: dict[str, Observation] = {}
        self._harmless: set[str] = set()
        self.confirmed: set[str] = set()

    def may_teach(self, report_id: str) -> bool:
        """Whether the leg is not withheld."""
        return report_id not in self._legs and report_id not in self.confirmed

    def keep(self, leg: Observation) -> bool:
        """Withhold a leg; false, and nothing is kept, when somebody judged it harmless."""
        if leg.report_id in self._harmless:
            return False
        self._legs[leg.report_id] = leg
        return True

    def decide(self, verdicts: Mapping[str, str]) -> list[Observation]:
        """Take verdicts by Report ID; gives the withheld legs that are free to teach from now on."""
        freed = []
        for report_id, verdict in verdicts.items():
            if verdict in CONFIRMED:
                self.confirmed.add(report_id)
                self._harmless.discard(report_id)
            elif verdict in HARMLESS:
                self.confirmed.discard(report_id)
                self._harmless.add(report_id)
                leg = self._legs.pop(report_id, None)
                if leg is not None:
                    freed.append(leg)
        return freed

    def has_day(self, user: str, day: int) -> bool:
        """Whether a leg of that user's day is still withheld."""
        return any(leg.day == day and leg.user == user for leg in self._legs.values())

    def forget(self, now: float) -> None:
        """Let go of legs that no baseline reaches any more."""
        oldest = now - (MEMORY_DAYS + 2) * DAY
        self._legs = {report_id: leg for report_id, leg in self._legs.items() if leg.reported > oldest}
