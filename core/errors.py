"""The tree of errors that people and retries read.

Each error has a stable ``code``. What a person sees, and what to do about it, stand in
``core/language/texts`` under ``errors.<code>.message`` and ``errors.<code>.remedy``, in both languages.
Retries read the type: a ``TransientError`` may be tried again, a ``PermanentError`` never without a change.
"""

from typing import Any, ClassVar

from core.language import DEFAULT_LANGUAGE, Language, translate
from core.language.wrong_values import in_words, thing_name


class TollwatchError(Exception):
    """Base of everything the product raises on purpose.

    ``facts`` fill the placeholders of the texts; never put a secret or a token in them.
    """

    code: ClassVar[str] = "unexpected"
    http_status: ClassVar[int] = 500

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(self.message())

    def message(self, language: Language = DEFAULT_LANGUAGE) -> str:
        """What happened, in one sentence."""
        return translate(f"errors.{self.code}.message", language, **self.facts)

    def remedy(self, language: Language = DEFAULT_LANGUAGE) -> str:
        """What the reader can do about it, in one sentence."""
        return translate(f"errors.{self.code}.remedy", language, **self.facts)


class TransientError(TollwatchError):
    """Passes by itself; ``retry_after_seconds`` is what the other side asked for, if it did."""

    code = "transient"
    http_status = 503

    def __init__(self, *, retry_after_seconds: float | None = None, **facts: Any) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(**facts)


class PermanentError(TollwatchError):
    """Stays until somebody changes something: the remedy says what."""

    code = "permanent"
    http_status = 400


class SettingsError(PermanentError):
    """A setting is missing, malformed, or a placeholder. Facts: ``setting``, ``problem``."""

    code = "settings"


class NotFoundError(PermanentError):
    """What was asked for does not exist. Facts: ``what``: a thing, and behind it which one where that helps.

    A thing that ``errors.things`` has is called as people call it; programs find what was given in the facts.
    """

    code = "not_found"
    http_status = 404

    def message(self, language: Language = DEFAULT_LANGUAGE) -> str:
        """What does not exist."""
        return translate(f"errors.{self.code}.message", language, what=thing_name(str(self.facts["what"]), language))


class NotAllowedError(PermanentError):
    """The signed-in person or key lacks a permission. Facts: ``permission``."""

    code = "not_allowed"
    http_status = 403


class InvalidInputError(PermanentError):
    """A value from a person or another program cannot be used. Facts: ``field``, ``problem``.

    In its words a field that forms have is called as people call it; programs find its name in the facts.
    """

    code = "invalid_input"
    http_status = 422

    def message(self, language: Language = DEFAULT_LANGUAGE) -> str:
        """Which value, and what is wrong with it."""
        return translate(f"errors.{self.code}.message", language, **in_words(self.facts, language))

    def remedy(self, language: Language = DEFAULT_LANGUAGE) -> str:
        """What to correct."""
        return translate(f"errors.{self.code}.remedy", language, **in_words(self.facts, language))


class ConflictError(PermanentError):
    """Somebody changed the same thing first. Facts: ``what``."""

    code = "conflict"
    http_status = 409
