"""The filter of call legs."""

from dataclasses import dataclass
from typing import ClassVar

from core.calls.filter_terms import TERMS, Term
from core.calls.term_filter import TermFilter


@dataclass(frozen=True)
class CallFilter(TermFilter):
    """Which legs to show. Frozen and hashable; equal filters give equal URLs.

    The period is either relative (``last``: ``24h``, ``7d``, ``all`` … , kept relative in the URL) or absolute
    (``since`` inclusive, ``until`` exclusive, aware UTC), which wins. Without any it is the last 24 hours. Within one
    field values are alternatives; fields are combined with "and". ``number`` is the start of a number or extension
    and is looked for in calling, called and user number. ``users`` are UUIDs or names, ``sites`` names or site
    UUIDs, ``countries`` ISO 3166 alpha-2 codes of the far number. Seconds are of answered duration.
    ``excluded`` names, by their keys in the URL, the fields whose values are left out in place of asked for.

    Raises ``InvalidInputError`` for values that cannot be meant.
    """

    TERMS: ClassVar[tuple[Term, ...]] = TERMS
    BOUNDS: ClassVar[tuple[tuple[str, str], ...]] = (("min_seconds", "max_seconds"),)

    directions: tuple[str, ...] = ()
    call_types: tuple[str, ...] = ()
    number: str = ""
    users: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    international: bool | None = None
    off_net: bool | None = None
    min_seconds: int | None = None
    max_seconds: int | None = None
    trunks: tuple[str, ...] = ()
    correlation_id: str = ""

    @property
    def shows_one_side(self) -> bool:
        """Whether the legs shown are those of some parties rather than whole calls."""
        return bool(self.users) or (self.directions == ("ORIGINATING",) and "direction" not in self.excluded)
