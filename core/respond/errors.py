"""What can keep an answer to an alert from being applied or undone."""

from core.errors import ConflictError, PermanentError


class WriteRightMissingError(PermanentError):
    """The connection was not granted the scope that changing settings takes. Facts: ``scope``."""

    code = "respond_right_missing"
    http_status = 409


class NotProposedError(PermanentError):
    """Something was chosen that the alert does not propose. Facts: ``what``."""

    code = "respond_not_proposed"
    http_status = 422


class ConsentMissingError(PermanentError):
    """The change was asked for without saying so in so many words. No facts."""

    code = "respond_consent_missing"
    http_status = 422


class ResponseUnderWayError(ConflictError):
    """The same setting of the same person is being changed already. Facts: ``what``."""

    code = "respond_under_way"


class NothingToUndoError(PermanentError):
    """The response is not in a state that can be undone. Facts: ``state``."""

    code = "respond_nothing_to_undo"
    http_status = 409


class ChangedMeanwhileError(ConflictError):
    """Somebody else changed the setting since it was saved. Facts: ``what``."""

    code = "respond_changed_meanwhile"


class NotTakenError(PermanentError):
    """Webex accepted the change and then showed something else. Facts: ``what``."""

    code = "respond_not_taken"
    http_status = 502


class GaveUpError(PermanentError):
    """Webex did not answer in all attempts. Facts: ``attempts``."""

    code = "respond_gave_up"
    http_status = 504
