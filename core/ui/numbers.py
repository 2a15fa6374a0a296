"""Numbers as the session's language writes them."""

from core.language.numbers import written
from core.ui.text import language, t


def _localised(text: str) -> str:
    return written(text, language())


def whole(number: float | None) -> str:
    """A count with its thousands set apart."""
    return t("ui.none") if number is None else _localised(f"{number:,.0f}")


def counted(number: int, most: int) -> str:
    """A count that was not taken beyond ``most``: a greater one is told as that many and more."""
    return f"{whole(most)}+" if number > most else whole(number)


def money(dollars: float | None) -> str:
    """An amount of dollars with its cents."""
    return t("ui.none") if dollars is None else _localised(f"{dollars:,.2f}")


def tenths(number: float) -> str:
    """A number with one decimal."""
    return _localised(f"{number:,.1f}")


def signed(number: float) -> str:
    """A score with its sign and two decimals."""
    return _localised(f"{number:+.2f}")


def signed_points_of_risk(change: float) -> str:
    """A change of a risk score with its sign and one decimal."""
    return _localised(f"{change:+.1f}")


def share(part: float | None) -> str:
    """A part of one as a percentage with one decimal."""
    return t("ui.none") if part is None else _localised(f"{part * 100:,.1f}") + " %"


def signed_share(part: float) -> str:
    """A relative change as a signed percentage."""
    return _localised(f"{part * 100:+,.1f}") + " %"


def signed_points(difference: float) -> str:
    """A difference of two shares in percentage points, signed."""
    return t("ui.points", n=_localised(f"{difference * 100:+,.1f}"))


def size(count: int) -> str:
    """A number of bytes in KB or MB."""
    return _localised(f"{count / 1e6:,.1f}") + " MB" if count >= 1e6 else _localised(f"{count / 1e3:,.0f}") + " KB"
