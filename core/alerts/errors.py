"""What can be wrong with working an alert."""

from core.errors import ConflictError, PermanentError


class AlertChangedError(ConflictError):
    """Somebody else decided something of the alert since it was read.

    Facts: ``what`` (its id), ``who``, ``when`` (UTC), ``version``.
    """

    code = "alert_changed"


class AlertStateError(PermanentError):
    """The alert is not in a state in which this can be done. Facts: ``what`` (its id), ``state``, ``action``."""

    code = "alert_state"
    http_status = 409
