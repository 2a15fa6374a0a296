"""Numbers as a language writes them: ``1,234.50`` in English, ``1.234,50`` in Spanish."""

from core.language import Language

_COMMAS = str.maketrans(",.", ".,")


def written(text: str, language: Language) -> str:
    """A number that Python formatted, with the separators of ``language``."""
    return text if language == "en" else text.translate(_COMMAS)


def number(value: float, decimals: int, language: Language) -> str:
    """A number with its thousands set apart and as many decimals as wanted."""
    return written(f"{value:,.{decimals}f}", language)
