"""Why a call ended, in words: Q.850 causes and SIP answers in both languages."""

from core.language import Language, translate

NAMED_CAUSES = (
    0, 1, 2, 3, 16, 17, 18, 19, 20, 21, 22, 23, 26, 27, 28, 29, 31, 34, 38, 41, 42, 44, 50, 58, 88, 102, 127
)  # fmt: skip
"""Q.850 causes Asterisk gives for a call that ended (its ``causes.h``)."""
NAMED_SIP_CODES = frozenset(
    {302, 401, 402, 403, 404, 408, 410, 420, 480, 484, 485, 486, 488, 500, 501, 502, 503, 504, 600, 603, 604, 606}
)
"""Final SIP answers that Asterisk turns into a cause of their own."""


def cause_words(cause: int, language: Language) -> str:
    """The Q.850 cause as a person says it; an unnamed one by its number."""
    if cause in NAMED_CAUSES:
        return translate(f"asterisk.causes.q{cause}", language)
    return translate("asterisk.causes.other", language, cause=cause)


def sip_words(code: int, language: Language) -> str:
    """The SIP answer with its number and meaning; an unnamed one by its number."""
    if code in NAMED_SIP_CODES:
        return translate(f"asterisk.sip.s{code}", language)
    return translate("asterisk.sip.other", language, code=code)
