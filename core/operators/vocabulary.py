"""The words of operators and clients, and how what is written about them is brought to the form that is kept."""

from collections.abc import Sequence
from typing import Literal, get_args
from zoneinfo import available_timezones

from core.errors import InvalidInputError
from core.language import LANGUAGES
from core.notify.kinds import addresses_in

DATA_VERSION = "operators"
WORK_VERSION = "tickets"
"""What every change of a ticket raises first: who holds it sees a load that nobody changes meanwhile."""

PriorityClass = Literal["standard", "preferred", "key"]
PRIORITY_CLASSES: tuple[PriorityClass, ...] = get_args(PriorityClass)

AbsenceReason = Literal["holiday", "sick", "training", "other"]
ABSENCE_REASONS: tuple[AbsenceReason, ...] = get_args(AbsenceReason)

LONGEST_NAME = 200
LONGEST_PHONE = 40
LONGEST_SKILL = 60
LONGEST_NOTE = 300
LONGEST_NOTES = 4000
MOST_SKILLS, MOST_SITES = 20, 100
LARGEST_CAPACITY = 1000


def checked_name(field: str, value: str) -> str:
    """A name in one line. Raises ``InvalidInputError`` for none and for one too long."""
    name = one_line(field, value, LONGEST_NAME)
    if not name:
        raise InvalidInputError(field=field, problem=f"1-{LONGEST_NAME} characters")
    return name


def one_line(field: str, value: str, longest: int) -> str:
    """A text in one line, which may be empty. Raises ``InvalidInputError``."""
    line = " ".join(value.split())
    if len(line) > longest or not line.isprintable():
        raise InvalidInputError(field=field, problem=f"0-{longest}")
    return line


def checked_email(value: str) -> str:
    """One mail address or nothing. Raises ``InvalidInputError``."""
    address = value.strip()
    if address and addresses_in(address) != [address]:
        raise InvalidInputError(field="email", problem=address[:80])
    return address


def checked_phone(value: str) -> str:
    """A telephone number as people write it, or nothing. Raises ``InvalidInputError``."""
    number = one_line("phone", value, LONGEST_PHONE)
    if any(sign not in "+0123456789 ()-./#*,;extEXT" for sign in number):
        raise InvalidInputError(field="phone", problem=number)
    return number


def checked_language(value: str) -> str:
    """The code of a language of ours. Raises ``InvalidInputError``."""
    if value not in LANGUAGES:
        raise InvalidInputError(field="language", problem=value[:40])
    return value


def checked_zone(value: str) -> str:
    """The IANA name of a time zone. Raises ``InvalidInputError``."""
    if value not in available_timezones():
        raise InvalidInputError(field="time_zone", problem=value[:60])
    return value


def checked_skills(values: Sequence[str]) -> list[str]:
    """Names of skills, each once, in lower case. Raises ``InvalidInputError``."""
    named = sorted({name.lower() for one in values if (name := one_line("skills", one, LONGEST_SKILL))})
    if len(named) > MOST_SKILLS:
        raise InvalidInputError(field="skills", problem=f"<= {MOST_SKILLS}")
    return named


def checked_sites(values: Sequence[str]) -> list[str]:
    """Names of sites, each once. Raises ``InvalidInputError``."""
    named = sorted({name for one in values if (name := one_line("sites", one, LONGEST_NAME))})
    if len(named) > MOST_SITES:
        raise InvalidInputError(field="sites", problem=f"<= {MOST_SITES}")
    return named


def one_of(field: str, value: str, known: Sequence[str]) -> str:
    """The value, when it is one of the known. Raises ``InvalidInputError``."""
    if value not in known:
        raise InvalidInputError(field=field, problem=value[:40])
    return value
