"""What a scheduled test says: which number, what is expected of it, and when it is dialled."""

import re
from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import available_timezones

from core.errors import InvalidInputError
from core.number_tests.vocabulary import ANSWERS, EXPECTATIONS
from core.store.models.number_tests import NumberTestRow

LONGEST_NAME = 120
LONGEST_WITHIN = 120
LONGEST_HOLD = 120
SHORTEST_WAIT_MINUTES = 5
LONGEST_WAIT_MINUTES = 24 * 60
_ENDPOINT = re.compile(r"[A-Za-z0-9]{1,20}/\{number\}@[A-Za-z0-9_.-]{1,80}", re.ASCII)
_MEDIA = re.compile(r"(sound|tone):[A-Za-z0-9_./-]{1,180}", re.ASCII)
_NUMBER = re.compile(r"\+?[0-9 ().-]{3,40}", re.ASCII)


@dataclass(frozen=True)
class NumberTest:
    """A test. ``endpoint`` empty rings as the dial pad does, else by another trunk: ``PJSIP/{number}@trunk-b``.

    ``expects`` is one of ``EXPECTATIONS``; ``within_seconds`` counts from dialling. After an answer ``media`` is heard
    (empty: silence) until we hang up after ``hold_seconds``. ``weekdays`` count from Monday = 0; hours are full hours
    by the clock of ``time_zone``, the end exclusive. Raises ``InvalidInputError`` for what cannot be meant.
    """

    name: str
    number: str
    endpoint: str = ""
    site: str = ""
    caller_id: str = ""
    expects: str = ANSWERS
    within_seconds: int = 20
    hold_seconds: int = 5
    media: str = ""
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    first_hour: int = 7
    last_hour: int = 19
    time_zone: str = "UTC"
    every_minutes: int = 60

    def __post_init__(self) -> None:
        name = " ".join(self.name.split())
        if not 3 <= len(name) <= LONGEST_NAME or not name.isprintable():
            raise InvalidInputError(field="name", problem=f"3–{LONGEST_NAME}")
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "number", self.number.strip())
        object.__setattr__(self, "endpoint", self.endpoint.strip())
        object.__setattr__(self, "weekdays", tuple(sorted(set(self.weekdays))))
        self._check_words()
        _within("within_seconds", self.within_seconds, 1, LONGEST_WITHIN)
        _within("hold_seconds", self.hold_seconds, 1, LONGEST_HOLD)
        _within("every_minutes", self.every_minutes, SHORTEST_WAIT_MINUTES, LONGEST_WAIT_MINUTES)
        _within("first_hour", self.first_hour, 0, 23)
        _within("last_hour", self.last_hour, self.first_hour + 1, 24)

    def _check_words(self) -> None:
        if not _NUMBER.fullmatch(self.number):
            raise InvalidInputError(field="number", problem=self.number[:40] or "–")
        if self.endpoint and not _ENDPOINT.fullmatch(self.endpoint):
            raise InvalidInputError(field="endpoint", problem=self.endpoint[:60])
        if self.media and not _MEDIA.fullmatch(self.media):
            raise InvalidInputError(field="media", problem=self.media[:40])
        if self.expects not in EXPECTATIONS:
            raise InvalidInputError(field="expects", problem=self.expects[:20])
        if not self.weekdays or not set(self.weekdays) <= set(range(7)):
            raise InvalidInputError(field="weekdays", problem="0–6")
        if self.time_zone not in available_timezones():
            raise InvalidInputError(field="time_zone", problem=self.time_zone[:60])
        for field, value, longest in (("site", self.site, 300), ("caller_id", self.caller_id, 40)):
            if len(value) > longest or not value.isprintable():
                raise InvalidInputError(field=field, problem=value[:40])

    def columns(self) -> dict[str, Any]:
        """What its row holds."""
        return asdict(self) | {"weekdays": list(self.weekdays)}


def definition_of(row: NumberTestRow) -> NumberTest:
    """What a row says."""
    told = {name: getattr(row, name) for name in NumberTest.__dataclass_fields__}
    return NumberTest(**told | {"weekdays": tuple(row.weekdays)})


def _within(field: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise InvalidInputError(field=field, problem=f"{least}–{most}")
