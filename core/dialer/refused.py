"""The error of a call that the dialling policy refuses."""

from core.dialer.policy import Verdict
from core.errors import PermanentError
from core.language import DEFAULT_LANGUAGE, Language, translate


class DialRefusedError(PermanentError):
    """The policy refuses a number. Facts: ``rules`` (codes) and ``number``; the message says each rule in words."""

    code = "dialer_refused"
    http_status = 403

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        rules = ",".join(refusal.rule for refusal in verdict.refusals)
        super().__init__(rules=rules, number=verdict.number or verdict.shown)

    def message(self, language: Language = DEFAULT_LANGUAGE) -> str:
        """Every rule that stands in the way, in words."""
        return translate(f"errors.{self.code}.message", language, reasons=self.verdict.reasons(language))
