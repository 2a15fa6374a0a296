"""What can go wrong between Tollwatch and Webex; the type says whether trying again can help.

Facts never hold a token, a code or a whole address: ``path`` is the path of the request only.
"""

from core.errors import PermanentError, TransientError


class NotConnectedError(PermanentError):
    """No connection of that kind exists and no token was given by hand. Facts: ``kind``."""

    code = "webex_not_connected"
    http_status = 409


class NeedsAuthorisationError(PermanentError):
    """Webex refuses the token and it cannot be renewed: a person must connect again. Facts: ``kind``."""

    code = "webex_needs_authorisation"
    http_status = 409


class TokenRejectedError(NeedsAuthorisationError):
    """The token given by hand is refused. Facts: ``kind``."""

    code = "webex_token_rejected"


class ForbiddenError(PermanentError):
    """403: a scope or an administrator role is missing. Facts: ``path``, ``scope``, ``detail``."""

    code = "webex_forbidden"
    http_status = 502


class CallHistoryRoleMissingError(ForbiddenError):
    """403 on call history: scope granted or not, the role is missing. Facts: ``path``, ``scope``, ``detail``."""

    code = "webex_cdr_role_missing"


class SettingsRightMissingError(ForbiddenError):
    """403 on a person's calling settings: scope or role missing. Facts: ``path``, ``scope``, ``detail``."""

    code = "webex_settings_right_missing"


class AuditRightMissingError(ForbiddenError):
    """403 on the administrators' audit events. Facts: ``path``, ``scope``, ``detail``."""

    code = "webex_audit_right_missing"


class RecordingsRightMissingError(ForbiddenError):
    """403 on recordings: scope or role missing. Facts: ``path``, ``scope``, ``detail``."""

    code = "webex_recordings_right_missing"


class LinkRefusedError(TransientError):
    """A download link is no longer taken: they live three hours. Facts: ``status``."""

    code = "recording_link_refused"


class LinkForeignError(PermanentError):
    """A download link that leads outside the permitted hosts; it is not followed. Facts: ``host``."""

    code = "recording_link_foreign"


class DownloadTooLargeError(PermanentError):
    """A file beyond the cap. Facts: ``megabytes``."""

    code = "recording_too_large"


class RequestRefusedError(PermanentError):
    """Webex does not accept the request itself. Facts: ``path``, ``status``, ``detail``."""

    code = "webex_request_refused"
    http_status = 502


class NotFoundOnWebexError(RequestRefusedError):
    """404 that does not mean "no records". Facts: ``path``, ``status``, ``detail``."""

    code = "webex_not_found"


class RegionRefusedError(PermanentError):
    """451 without a usable host: none named, or one outside webexapis.com. Facts: ``host``."""

    code = "webex_region_refused"
    http_status = 502


class PagingRefusedError(PermanentError):
    """A next link that must not be followed. Facts: ``host``, ``path``."""

    code = "webex_paging_foreign"
    http_status = 502


class PagingLoopError(TransientError):
    """A next link that leads back to a page already read. Facts: ``path``."""

    code = "webex_paging_loop"
    http_status = 502


class AnswerTooLargeError(PermanentError):
    """An answer beyond the cap. Facts: ``path``, ``megabytes``."""

    code = "webex_answer_too_large"
    http_status = 502


class MalformedAnswerError(TransientError):
    """Not the JSON that was asked for: HTML, cut short, or of another shape. Facts: ``path``, ``problem``."""

    code = "webex_malformed"
    http_status = 502


class RateLimitedError(TransientError):
    """429; ``retry_after_seconds`` is capped. Facts: ``path``, ``seconds``."""

    code = "webex_rate_limited"


class UnavailableError(TransientError):
    """5xx, a timeout or a broken wire. Facts: ``path``, ``problem``."""

    code = "webex_unavailable"


class SlowAnswerError(UnavailableError):
    """An answer that took longer than any may: it is not asked for again at once. Facts: ``path``, ``problem``."""


class StopRequestedError(TransientError):
    """The process is being stopped while waiting for its turn; what was not stored is asked for again."""

    code = "webex_stopping"


class ClientNotConfiguredError(PermanentError):
    """No integration to authorise with. No facts."""

    code = "webex_client_missing"


class StateMismatchError(PermanentError):
    """The answer to a consent that was not asked for, is too old, was used, or came to another browser."""

    code = "webex_state_mismatch"
    http_status = 400


class ConsentDeniedError(PermanentError):
    """The person or the organisation refused. Facts: ``detail``."""

    code = "webex_consent_denied"
    http_status = 403


class CodeRefusedError(PermanentError):
    """Webex does not exchange the code for tokens. Facts: ``detail``."""

    code = "webex_code_refused"
    http_status = 400


class WrongOrganisationError(PermanentError):
    """The person belongs to another organisation than the one in use. Facts: ``organisation``, ``expected``."""

    code = "webex_wrong_organisation"
    http_status = 409


class TokenByHandError(PermanentError):
    """The connection is a token given by hand: it can be neither renewed nor disconnected from here."""

    code = "webex_token_by_hand"
    http_status = 409
