"""Which country a telephone number of a call record belongs to.

The country is taken from the number itself, also when the number is not valid: abuse dials invalid numbers, and
carriers bill them to the country of the code all the same.
"""

import re
from functools import lru_cache

import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
from phonenumbers import NumberParseException, PhoneNumber

NORTH_AMERICAN_CODE = 1
SHORT_NUMBER_DIGITS = 7
"""A number without ``+`` and of at most this many digits is an extension or a service code."""

DOMESTIC_ZONE = frozenset({"US", "CA", "PR"})
"""Webex does not rate calls among these as international (reference of ``Call type``); the Caribbean's +1 it does."""

WORLD = "001"
"""``phonenumbers``' region of codes without a country: satellite, international networks, universal freephone."""

_MASK = re.compile(r"[xX*#•]")
_SEPARATORS = re.compile(r"[\s().\-/]")
_LONGEST = 64
_SHORTEST_INTERNATIONAL = 5
_MEMORY = 1 << 18
_PLAIN_INTERNATIONAL = r"^\+[0-9]{5,63}$"


@lru_cache(maxsize=_MEMORY)
def country_of(number: str, home: str | None = None) -> str | None:
    """ISO 3166 alpha-2 country of ``number``, ``"001"`` for codes of no country, ``None`` when it has none.

    ``home`` is the country a number without ``+`` is dialled from. Extensions and short codes have no country.
    Masked digits (``+5731xxxxx``) are tolerated.
    """
    text = _SEPARATORS.sub("", number.strip()).removeprefix("sip:").split("@")[0]
    if len(text) > _LONGEST:
        return None
    if text.startswith("+"):
        return _country_of_international(text)
    if home is None or not text.isdigit() or len(text) <= SHORT_NUMBER_DIGITS:
        return None
    try:
        return _region(phonenumbers.parse(text, home))
    except NumberParseException:
        return None


def _country_of_international(text: str) -> str | None:
    if not text[1:2].isdigit():
        return None
    known = _country_of_prefix(text[1:])
    if known is not None:
        return known
    try:
        return _region(phonenumbers.parse(_MASK.sub("2", text), None))
    except NumberParseException:
        return None


def _country_of_prefix(digits: str) -> str | None:
    """The country where the calling code, or North America's area code, decides alone; spares parsing the rest."""
    if len(digits) < _SHORTEST_INTERNATIONAL:
        return None
    for length in (1, 2, 3):
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(_number(digits[:length]))
        if regions is not None and len(regions) == 1:
            return str(regions[0])
        if regions is not None:
            return _country_of_area_code(digits[1:4]) if length == 1 and digits[0] == "1" else None
    return None


def _number(digits: str) -> int:
    return int(digits) if digits.isascii() and digits.isdigit() else -1


@lru_cache(maxsize=1000)
def _country_of_area_code(area_code: str) -> str | None:
    """The country of North America's numbering plan that an area code belongs to; ``None`` when none has it."""
    if _number(area_code) < 0:
        return None
    valid = PhoneNumber(country_code=NORTH_AMERICAN_CODE, national_number=int(f"{area_code}2345678"))
    return phonenumbers.region_code_for_number(valid)


def _region(number: PhoneNumber) -> str | None:
    region = phonenumbers.region_code_for_number(number)
    if region is None:
        region = phonenumbers.region_code_for_country_code(number.country_code or 0)
    return None if region == phonenumbers.UNKNOWN_REGION else region


def countries_of(numbers: pa.Array, homes: pa.Array | None = None) -> pa.Array:
    """``country_of`` for a column of numbers; each distinct beginning or number is looked up once."""
    countries = _countries_of_beginnings(numbers)
    open_ones = pc.and_(pc.is_valid(numbers), pc.is_null(countries))
    if not pc.any(open_ones).as_py():
        return countries
    theirs = None if homes is None else homes.filter(open_ones)
    return pc.replace_with_mask(countries, open_ones, _countries_of_pairs(numbers.filter(open_ones), theirs))


def _countries_of_beginnings(numbers: pa.Array) -> pa.Array:
    """The country of plain international numbers whose calling code or area code decides alone; null for others."""
    is_plain = pc.fill_null(pc.match_substring_regex(numbers, _PLAIN_INTERNATIONAL), False)
    beginnings = pc.if_else(is_plain, pc.utf8_slice_codeunits(numbers, 1, _SHORTEST_INTERNATIONAL), None)
    codes = beginnings.cast(pa.string()).dictionary_encode()
    # All digits that decide are among the first four; the fifth only says that the number is long enough.
    found = [_country_of_prefix(f"{beginning}0") for beginning in codes.dictionary.to_pylist()]
    return pa.array(found, pa.string()).take(codes.indices)


def _countries_of_pairs(numbers: pa.Array, homes: pa.Array | None) -> pa.Array:
    if homes is None:
        homes = pa.nulls(len(numbers), pa.string())
    pairs = pc.binary_join_element_wise(
        pc.fill_null(homes, ""), pc.fill_null(numbers, ""), "|", null_handling="emit_null"
    ).dictionary_encode()
    countries = []
    for pair in pairs.dictionary.to_pylist():
        home, _, number = pair.partition("|")
        countries.append(country_of(number, home or None) if number else None)
    return pa.array(countries, pa.string()).take(pairs.indices)


def is_foreign(country: str, home: str) -> bool:
    """Whether a call between the two countries is an international one."""
    return country != home and not (country in DOMESTIC_ZONE and home in DOMESTIC_ZONE)
