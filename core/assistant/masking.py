"""What nobody outside should read in a text: cards, accounts, identity numbers, telephones, codes, e-mails, names.

Found by patterns, on the careful side: what is hidden for nothing is put back afterwards, what slips through is gone.
Dates and clock times stay, since promises hang on them.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

Kind = Literal[
    "CARD", "ACCOUNT", "CODE", "SPOKEN", "ID", "EMAIL", "NUMBER",
    "CALLER", "CALLEE", "AGENT", "SPEAKER", "PERSON", "MARK",
]  # fmt: skip
_PRIORITY: tuple[Kind, ...] = get_args(Kind)
"""Where finds overlap, they are hidden as one, of the kind that comes first here."""

PLACEHOLDER = re.compile(r"<[A-Z]+(?:_\d+)?>")
FEWEST_DIGITS = 7
"""A run this long, counted without its separators, is a number of somebody's: shorter ones are amounts and doors."""
FEWEST_IN_A_ROW = 5
FEWEST_SPOKEN = 5
FEWEST_IN_CODE = 3
_SURELY_CARDS = 80
"""Of seven lengths at each place of a longer run, some window passes by chance: nothing is left to check."""
CARD_LENGTHS = range(13, 20)
"""ISO/IEC 7812: what a payment card's number may have."""

_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_SPOKEN_EMAIL = re.compile(
    r"\b\w{1,40}(?:[ ,]{1,3}(?:punto|guion|guión|bajo|dot|dash|hyphen|underscore)[ ,]{1,3}\w{1,40}){0,6}"
    r"[ ,]{1,3}(?:arroba|at)[ ,]{1,3}\w{1,40}(?:[ ,]{1,3}(?:punto|dot)[ ,]{1,3}\w{1,20}){1,4}",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2}(?:[ \-]?[A-Z0-9]){11,30}", re.IGNORECASE)
_IDENTITY = re.compile(
    r"\b(?:[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d|[A-ZÑ&]{3,4}[ \-]?\d{6}[ \-]?[A-Z0-9]{3})\b", re.IGNORECASE
)
"""CURP and RFC of Mexico; a Colombian cédula or NIT is a run of digits."""
_MOMENT = re.compile(
    r"\b(?:19|20)\d\d-(?:0\d|1[0-2])-[0-3]\d(?:[T ][0-2]\d:[0-5]\d(?::[0-5]\d)?)?\b"
    r"|\b[0-3]?\d[/-][0-3]?\d[/-](?:19|20)\d\d\b|\b[0-2]?\d:[0-5]\d\b"
)
_DIGITS = re.compile(r"\d(?:[\s.,\-–—/()+_·]{0,3}\d)*")
_IN_A_ROW = re.compile(rf"\d{{{FEWEST_IN_A_ROW},}}")
_CODE = re.compile(
    r"\b(?:pin|clave|contrase[nñ]a|password|passcode|c[oó]digo|code|cvv|cvc|token|otp)\b(?=((?:\W{1,3}\w{1,15}){0,12}))",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+|\d+")
_WORDS = {
    kind: frozenset(told.split())
    for kind, told in tomllib.loads(Path(__file__).with_name("masking_words.toml").read_text(encoding="utf-8")).items()
}
NODS = _WORDS["nods"]
"""Turns of these alone do not end a number that somebody dictates."""
_INTRODUCED = re.compile(
    r"\b(?:[Hh]abla(?: con)?|[Hh]ablo con|[Ss]oy|[Mm]i nombre es|[Mm]e llamo|[Ss]aluda|[Ss]eñora?|[Ss]r[a.]*"
    r"|[Dd]on|[Dd]oña|[Mm]y name is|[Mm]y name's|[Tt]his is|I am|I'm|[Ss]peaking (?:with|to)|Mr\.?|Mrs\.?|Ms\.?)\s+"
    r"((?:[A-ZÁÉÍÓÚÑ][\w'’-]+)(?:\s+(?:de |del |la |las |los )?[A-ZÁÉÍÓÚÑ][\w'’-]+){0,3})"
)
_SHORTEST_NAME = 3


@dataclass(frozen=True)
class Span:
    """A stretch of a text that is to be hidden."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True)
class Name:
    """What somebody is called, or their extension, and what stands for it."""

    text: str
    kind: Kind


def private_spans(text: str, names: Sequence[Name] = ()) -> list[Span]:
    """What is to be hidden in ``text``, in order and without overlaps; spans may go over line ends."""
    undated = _MOMENT.sub(lambda match: "x" * len(match.group()), text)
    found = [
        *(Span(*match.span(), "MARK") for match in PLACEHOLDER.finditer(text)),
        *(Span(*match.span(), "EMAIL") for pattern in (_EMAIL, _SPOKEN_EMAIL) for match in pattern.finditer(text)),
        *(Span(*match.span(), "ID") for match in _IDENTITY.finditer(text)),
        *_accounts(text),
        *_numbers(undated),
        *_spoken(undated),
        *_codes(undated),
        *_named(text, names),
    ]
    return _merged(found)


def introduced(text: str) -> list[str]:
    """Names by which people introduce or address each other: "habla Ana Núñez", "my name is John"."""
    return list(dict.fromkeys(match.group(1) for match in _INTRODUCED.finditer(text)))


def hidden(text: str) -> str:
    """The text with every find replaced by its kind, not to be put back."""
    parts, last = [], 0
    for span in private_spans(text):
        parts += [text[last : span.start], f"<{span.kind}>"]
        last = span.end
    return "".join([*parts, text[last:]])


def folded(text: str) -> str:
    """Lower case without accents, sign for sign: places in it are places in ``text``."""
    return "".join(_plain(sign) for sign in text)


def passes_luhn(digits: str) -> bool:
    """Whether a number ends in the check digit of payment cards (ISO/IEC 7812-1, annex B)."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _plain(sign: str) -> str:
    base = unicodedata.normalize("NFD", sign)[0].lower()
    return base if len(base) == 1 else sign


def _accounts(text: str) -> Iterator[Span]:
    """International account numbers: the longest stretch whose check digits hold (ISO 13616)."""
    for match in _ACCOUNT.finditer(text):
        for end in range(match.end(), match.start() + 14, -1):
            plain = re.sub(r"[ \-]", "", text[match.start() : end]).upper()
            if text[end - 1].isalnum() and plain.isascii() and plain.isalnum() and len(plain) >= 15 and _holds(plain):
                yield Span(match.start(), end, "ACCOUNT")
                break


def _holds(account: str) -> bool:
    return int("".join(str(int(sign, 36)) for sign in account[4:] + account[:4])) % 97 == 1


def _numbers(text: str) -> Iterator[Span]:
    for match in _DIGITS.finditer(text):
        digits = "".join(sign for sign in match.group() if sign.isdecimal())
        if _holds_card(digits):
            yield Span(*match.span(), "CARD")
        elif len(digits) >= FEWEST_DIGITS:
            yield Span(*match.span(), "NUMBER")
        else:
            start = match.start()
            yield from (Span(start + m.start(), start + m.end(), "NUMBER") for m in _IN_A_ROW.finditer(match.group()))


def _holds_card(digits: str) -> bool:
    if len(digits) > _SURELY_CARDS:
        return True
    windows = (digits[at : at + length] for length in CARD_LENGTHS for at in range(len(digits) - length + 1))
    return any(passes_luhn(window) for window in windows)


def _spoken(text: str) -> Iterator[Span]:
    """Numbers said digit by digit, or partly: words and figures in a row, with what people say between them."""
    for start, end, weight in _rows(text):
        if weight >= FEWEST_SPOKEN:
            yield Span(start, end, "CARD" if weight >= CARD_LENGTHS.start else "SPOKEN")


def _rows(text: str) -> Iterator[tuple[int, int, int]]:
    """Rows of number words: where each begins and ends, and how many digits or words it has (some word at least)."""
    start, end, weight, has_word = -1, -1, 0, False
    for match in _WORD.finditer(folded(text)):
        word = match.group()
        counts = len(word) if word.isdecimal() else int(word in _WORDS["numbers"])
        if counts:
            start, end, weight = (match.start() if start < 0 else start), match.end(), weight + counts
            has_word = has_word or not word.isdecimal()
        elif word not in _WORDS["between"]:
            if has_word:
                yield start, end, weight
            start, weight, has_word = -1, 0, False
    if has_word:
        yield start, end, weight


def _codes(text: str) -> Iterator[Span]:
    """What is said right after "PIN", "clave" or "code"."""
    for match in _CODE.finditer(text):
        after, offset = match.group(1), match.start(1)
        for found in re.finditer(rf"\d{{{FEWEST_IN_CODE},}}", after):
            yield Span(offset + found.start(), offset + found.end(), "CODE")
        spoken = next((row for row in _rows(after) if row[2] >= FEWEST_IN_CODE), None)
        if spoken is not None:
            yield Span(offset + spoken[0], offset + spoken[1], "CODE")


def _named(text: str, names: Sequence[Name]) -> Iterator[Span]:
    kinds: dict[str, Kind] = {}
    for name in names:
        for form in _forms(name.text):
            kinds.setdefault(form, name.kind)
    if not kinds:
        return
    forms = sorted(kinds, key=len, reverse=True)
    pattern = re.compile(
        r"(?<!\w)(?:" + "|".join(r"\W+".join(map(re.escape, form.split())) for form in forms) + r")(?!\w)"
    )
    for match in pattern.finditer(folded(text)):
        form = " ".join(_WORD.findall(match.group()))
        yield Span(*match.span(), kinds.get(form, "PERSON"))


def _forms(name: str) -> Iterable[str]:
    """A name whole, and each of its words that can stand for it."""
    parts = _WORD.findall(folded(name))
    if not parts:
        return
    if len("".join(parts)) >= _SHORTEST_NAME:
        yield " ".join(parts)
    yield from (part for part in parts if len(part) >= _SHORTEST_NAME and part not in _WORDS["common"])


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start, -one.end)):
        if merged and span.start < merged[-1].end:
            last = merged[-1]
            kind = min(last.kind, span.kind, key=_PRIORITY.index)
            merged[-1] = Span(last.start, max(last.end, span.end), kind)
        else:
            merged.append(span)
    return merged
