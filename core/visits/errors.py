"""What can be wrong with working a visit."""

from core.errors import ConflictError, PermanentError


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
    """No visit can be at that time. Facts: ``problem``: past, far, short or long."""

    code = "visit_time"
    http_status = 422
