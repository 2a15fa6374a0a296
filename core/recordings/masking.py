"""A transcript as it may leave the house: numbers, e-mails and names replaced, and put back in what comes back.

What stands behind a placeholder is kept in memory alone, for as long as a question is under way.
"""

import bisect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from core.assistant.masking import NODS, PLACEHOLDER, Kind, Name, Span, folded, introduced, private_spans
from core.recordings.cues import Conversation, Cue, Party

NEVER_SHOWN: frozenset[Kind] = frozenset({"CARD", "ACCOUNT", "CODE"})
"""Not written into a summary even for our own people: who must know hears the recording."""
HIDDEN = "••••"
_SHORTEST_EXTENSION = 3
_LONGEST_NOD = 3


@dataclass(frozen=True)
class Masked:
    """Cues with placeholders, and what each stands for."""

    cues: tuple[Cue, ...]
    surfaces: Mapping[str, str]

    def restored(self, text: str) -> str:
        """The text with everything put back."""
        return PLACEHOLDER.sub(lambda match: self.surfaces.get(match.group(), match.group()), text)

    def shown(self, text: str) -> str:
        """The text with everything put back but cards, accounts and codes, of which nothing is written down again."""
        return PLACEHOLDER.sub(lambda match: self._shown(match.group()), text)

    def knows(self, text: str) -> bool:
        """Whether every placeholder of a text is one that was given."""
        return all(found in self.surfaces for found in PLACEHOLDER.findall(text))

    def _shown(self, placeholder: str) -> str:
        kind = placeholder.strip("<>").split("_")[0]
        return HIDDEN if kind in NEVER_SHOWN else self.surfaces.get(placeholder, placeholder)


class _Placeholders:
    """Gives the same placeholder for the same words of the same kind."""

    def __init__(self) -> None:
        self.surfaces: dict[str, str] = {}
        self._known: dict[tuple[Kind, str], str] = {}
        self._counts: dict[Kind, int] = {}

    def of(self, kind: Kind, surface: str) -> str:
        if (kind, surface) not in self._known:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            placeholder = f"<{kind}_{self._counts[kind]}>"
            self._known[kind, surface], self.surfaces[placeholder] = placeholder, surface
        return self._known[kind, surface]


def mask(conversation: Conversation) -> Masked:
    """The conversation's cues as they may leave: the same conversation always gives the same placeholders."""
    cues, parties = conversation.cues, conversation.parties
    names = [*_party_names(parties), *_speaker_names(cues, parties)]
    told = introduced("\n".join(cue.text for cue in cues))
    names += [Name(name, "PERSON") for name in told]
    placeholders = _Placeholders()
    for party in parties:
        if party.name.strip():
            placeholders.of(_kind(party), party.name.strip())
    speakers = {speaker: _speaker(speaker, parties, placeholders) for speaker in dict.fromkeys(c.speaker for c in cues)}
    texts = _texts([cue.text for cue in cues], names, placeholders)
    masked = tuple(
        replace(cue, speaker=speakers[cue.speaker], text=text) for cue, text in zip(cues, texts, strict=True)
    )
    return Masked(masked, placeholders.surfaces)


def mask_texts(texts: Sequence[str], conversation: Conversation) -> tuple[list[str], Masked]:
    """Other texts about the conversation, such as its summary, masked alike; and what puts them back."""
    names = [*_party_names(conversation.parties), *_speaker_names(conversation.cues, conversation.parties)]
    names += [Name(name, "PERSON") for name in introduced("\n".join(cue.text for cue in conversation.cues))]
    placeholders = _Placeholders()
    return _texts(texts, names, placeholders), Masked((), placeholders.surfaces)


def _texts(texts: Sequence[str], names: Sequence[Name], placeholders: _Placeholders) -> list[str]:
    spans = _spans(texts, names)
    return [_replaced(text, found, placeholders) for text, found in zip(texts, spans, strict=True)]


def _spans(texts: Sequence[str], names: Sequence[Name]) -> list[list[Span]]:
    """What to hide in each text, numbers dictated over several turns included, nods between them passed over."""
    nods = {at for at, text in enumerate(texts) if _is_nod(text)}
    spans: list[list[Span]] = [private_spans(text, names) if at in nods else [] for at, text in enumerate(texts)]
    told = [at for at in range(len(texts)) if at not in nods]
    starts, length = [], 0
    for at in told:
        starts.append(length)
        length += len(texts[at]) + 1
    whole = "\n".join(texts[at] for at in told)
    for span in private_spans(whole, names):
        for place, part in _parts(span, starts, [len(texts[at]) for at in told]):
            spans[told[place]].append(part)
    return spans


def _parts(span: Span, starts: Sequence[int], lengths: Sequence[int]) -> Iterator[tuple[int, Span]]:
    """A span of the joined text as spans of the texts it goes over."""
    place = bisect.bisect_right(starts, span.start) - 1
    while place < len(starts) and starts[place] < span.end:
        start = max(span.start - starts[place], 0)
        end = min(span.end - starts[place], lengths[place])
        if start < end:
            yield place, Span(start, end, span.kind)
        place += 1


def _replaced(text: str, spans: Iterable[Span], placeholders: _Placeholders) -> str:
    parts, last = [], 0
    for span in spans:
        parts += [text[last : span.start], placeholders.of(span.kind, text[span.start : span.end])]
        last = span.end
    return "".join([*parts, text[last:]])


def _is_nod(text: str) -> bool:
    said = re.findall(r"[^\W\d_]+", folded(text))
    return 0 < len(said) <= _LONGEST_NOD and not re.search(r"\d", text) and all(word in NODS for word in said)


def _kind(party: Party) -> Kind:
    kinds: dict[str, Kind] = {"caller": "CALLER", "callee": "CALLEE", "agent": "AGENT"}
    return kinds[party.role]


def _party_names(parties: Sequence[Party]) -> Iterator[Name]:
    for party in parties:
        kind = _kind(party)
        yield Name(party.name, kind)
        if len(party.number) >= _SHORTEST_EXTENSION:
            yield Name(party.number, kind)
        yield Name(party.email.partition("@")[0].replace(".", " "), kind)


def _speaker_names(cues: Sequence[Cue], parties: Sequence[Party]) -> list[Name]:
    known = {folded(party.name.strip()) for party in parties}
    speakers = dict.fromkeys(cue.speaker for cue in cues)
    return [Name(speaker, "SPEAKER") for speaker in speakers if speaker and folded(speaker) not in known]


def _speaker(speaker: str, parties: Sequence[Party], placeholders: _Placeholders) -> str:
    """What stands for a speaker: the party's placeholder where name or number tell who it is."""
    if not speaker:
        return ""
    digits = "".join(sign for sign in speaker if sign.isdecimal())
    for party in parties:
        number = "".join(sign for sign in party.number if sign.isdecimal())
        if folded(speaker) == folded(party.name.strip()) or (digits and digits == number):
            return placeholders.of(_kind(party), party.name.strip() or speaker)
    return placeholders.of("SPEAKER", speaker)
