"""A number inside a text that somebody pasted: names, labels and extensions around it are left out.

What comes of it is judged by the policy like any typed number. Programs and addresses are not read this way.
"""

from dataclasses import dataclass

from phonenumbers import (
    Leniency,
    PhoneNumberFormat,
    PhoneNumberMatch,
    PhoneNumberMatcher,
    ValidationResult,
    format_number,
    is_possible_number_with_reason,
)

from core.dialer.policy import LONGEST_INPUT

_AROUND = frozenset(";,#:")
"""Besides letters, what stands between a number and its extension or label."""


@dataclass(frozen=True)
class Pasted:
    """The text to dial, and the extension that stood beside it, which nobody dials."""

    text: str
    extension: str = ""


def read_pasted(text: str, country: str) -> Pasted:
    """The one number in a text, as E.164 read from ``country`` (ISO 3166).

    A text of digits and punctuation alone stays as it is, as does one with no whole number or with several.
    """
    if not any(sign.isalpha() or sign in _AROUND for sign in text):
        return Pasted(text)
    found = [one for one in PhoneNumberMatcher(text[:LONGEST_INPUT], country, Leniency.POSSIBLE) if _is_whole(one)]
    if len(found) != 1:
        return Pasted(text)
    number = found[0].number
    extension, number.extension = number.extension or "", None
    return Pasted(format_number(number, PhoneNumberFormat.E164), extension)


def _is_whole(found: PhoneNumberMatch) -> bool:
    return is_possible_number_with_reason(found.number) == ValidationResult.IS_POSSIBLE
