"""What can be wrong with working a visit."""

from core.errors import ConflictError, PermanentError
from core.language import DEFAULT_LANGUAGE, Language, translate


class VisitChangedError(ConflictError):
    """Somebody changed the visit since it was read. Facts: ``what`` (its id), ``who``, ``when`` (UTC), ``version``."""

    code = "visit_changed"


class VisitStateError(PermanentError):
    """The visit is not in a state in which this can be done. Facts: ``what`` (its id), ``state``, ``action``."""

    code = "visit_state"
    http_status = 409


class VisitClashError(ConflictError):
    """The operator is with somebody else at that time. Facts: ``who``, ``what`` (the other visit), ``when`` (UTC)."""

    code = "visit_clash"


class VisitTimeError(PermanentError):
    """No visit can be at that time. Facts: ``problem``: past, far, short, long, or early to be closed."""

    code = "visit_time"
    http_status = 422

    def message(self, language: Language = DEFAULT_LANGUAGE) -> str:
        """What is wrong with the time."""
        return translate(f"visits.time_problems.{self.facts['problem']}", language)
