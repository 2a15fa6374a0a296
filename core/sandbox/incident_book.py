"""Which incidents a tenant has: those scheduled around its first day, and those injected by hand."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from core.sandbox.legs import Leg
from core.sandbox.traffic import Traffic


class IncidentBook:
    """Incidents by day."""

    def __init__(self, path: Path, traffic: Traffic, first_day: date, live: bool) -> None:
        self._path = path

    def legs(self, day: date) -> Sequence[Leg]:
        """The legs that incidents add to ``day``."""
        return []
