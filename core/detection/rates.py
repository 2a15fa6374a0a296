"""What a call costs by a contract: longest prefix, else country and kind of line, else the product's own prices."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from core.detection.numbering import Destination

LONGEST_PREFIX = 15


@dataclass(frozen=True)
class Rate:
    """Dollars a minute, the seconds by which talk is rounded up, and dollars for being connected at all."""

    price: float
    increment: int = 1
    connection_fee: float = 0.0

    def cost(self, seconds: int) -> float:
        """Dollars for a call of ``seconds``; an unanswered one costs nothing."""
        if seconds <= 0:
            return 0.0
        return self.connection_fee + math.ceil(seconds / self.increment) * self.increment / 60 * self.price


@dataclass(frozen=True)
class ContractTariff:
    """The prices of a contract in dollars: ``by_prefix`` by leading digits, ``by_country`` by country and kind.

    The kind ``""`` of a country holds for every kind that has no line of its own, except free numbers.
    """

    by_prefix: Mapping[str, Rate]
    by_country: Mapping[tuple[str, str], Rate]

    def rate(self, number: str, to: Destination) -> Rate:
        """The rate for ``number`` (E.164), which leads to ``to``."""
        digits = number.removeprefix("+")
        for length in range(min(len(digits), LONGEST_PREFIX), 0, -1):
            found = self.by_prefix.get(digits[:length])
            if found is not None:
                return found
        exact = self.by_country.get((to.country, to.kind))
        if exact is not None:
            return exact
        general = None if to.kind == "toll_free" else self.by_country.get((to.country, ""))
        return general if general is not None else Rate(to.price)

    def cost(self, number: str, to: Destination, seconds: int) -> float:
        """Estimated dollars of a call of ``seconds``."""
        return self.rate(number, to).cost(seconds)
