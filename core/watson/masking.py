"""A message as it may leave the house: known names, numbers and addresses replaced, and put back in what comes back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.assistant.masking import PLACEHOLDER, Name, introduced, private_spans
from core.watson.book import Book, Entry, meant
from core.watson.words import folded

CLIENT, OPERATOR, RECIPIENT, SITE = "client", "operator", "recipient", "site"
_EDGES = "\"'“”«».,;:!?¡¿()[]-–"
_PART = re.compile(r"\S+")


@dataclass(frozen=True)
class Masked:
    """A text with placeholders; ``known`` tells which entry of the book each stands for in which role."""

    text: str
    surfaces: Mapping[str, str]
    known: Mapping[str, Mapping[str, Entry]]

    def entry(self, placeholder: str, role: str) -> Entry | None:
        """The entry a placeholder stands for in a role; nothing where it stands for none."""
        return self.known.get(placeholder.strip(), {}).get(role)

    def quoted(self, stretch: str) -> str:
        """The stretch of the original text that ``stretch`` repeats word for word; empty where it is no repetition."""
        wanted = [bare for part in stretch.split() if (bare := _bare(part))]
        told = [(*match.span(), bare) for match in _PART.finditer(self.text) if (bare := _bare(match.group()))]
        for place in range(len(told) - len(wanted) + 1) if wanted else ():
            row = told[place : place + len(wanted)]
            if [bare for _, _, bare in row] == wanted:
                return self._restored(self.text[row[0][0] : row[-1][1]]).strip(" ,;:.-–\"'“”«»")
        return ""

    def _restored(self, text: str) -> str:
        return PLACEHOLDER.sub(lambda match: self.surfaces.get(match.group(), match.group()), text)


def mask(text: str, book: Book) -> Masked:
    """The text with every known name, and every number, e-mail, card, code and introduced name, replaced.

    A name that the book does not have and that nobody introduces ("soy …") stays as it stands.
    """
    roles = {
        CLIENT: book.clients,
        OPERATOR: book.operators,
        RECIPIENT: tuple(book.recipients.values()),
        SITE: tuple(Entry(SITE, place, name) for place, name in enumerate(book.sites)),
    }
    entries: dict[str, dict[str, Entry]] = {}
    for role, among in roles.items():
        for found in meant(text, among):
            entries.setdefault(folded(text[found.start : found.end]), {})[role] = found.entry
    private = private_spans(text, [Name(name, "PERSON") for name in introduced(text)])
    spans: list[tuple[int, int, str]] = [(span.start, span.end, span.kind) for span in private]
    spans += [(start, end, "NAME") for surface in entries for start, end in _places(folded(text), surface)]
    surfaces: dict[str, str] = {}
    known: dict[str, Mapping[str, Entry]] = {}
    parts, last = [], 0
    for start, end, kind in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start < last:
            continue
        placeholder = f"<{kind}_{len(surfaces) + 1}>"
        surfaces[placeholder] = text[start:end]
        known[placeholder] = entries.get(folded(text[start:end]), {})
        parts += [text[last:start], placeholder]
        last = end
    return Masked("".join([*parts, text[last:]]), surfaces, known)


def _places(plain: str, surface: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(rf"(?<!\w){re.escape(surface)}(?!\w)", plain)]


def _bare(part: str) -> str:
    return folded(part).strip(_EDGES)
