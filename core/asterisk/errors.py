"""What can go wrong between us and Asterisk, by what can be done about it."""

from core.errors import PermanentError, TransientError


class AsteriskUnreachableError(TransientError):
    """Nothing was sent: Asterisk does not listen, or its name or certificate is wrong. Facts: ``host``, ``problem``."""

    code = "asterisk_unreachable"


class AsteriskCertificateExpiredError(PermanentError):
    """Asterisk's certificate is no longer valid, or not yet. Facts: ``host``."""

    code = "asterisk_certificate_expired"
    http_status = 502


class AsteriskCertificateHostError(PermanentError):
    """Asterisk's certificate is for another name than the one we ask. Facts: ``host``."""

    code = "asterisk_certificate_host"
    http_status = 502


class AsteriskCertificateUntrustedError(PermanentError):
    """Nobody we trust signed Asterisk's certificate. Facts: ``host``, ``problem``: OpenSSL's own words."""

    code = "asterisk_certificate_untrusted"
    http_status = 502


class AsteriskWithoutTlsError(PermanentError):
    """What listens there does not speak TLS as we do. Facts: ``host``, ``problem``: OpenSSL's own word."""

    code = "asterisk_without_tls"
    http_status = 502


class AsteriskSilentError(TransientError):
    """A request left and no answer came: whether it was done is not known. Facts: ``host``, ``problem``."""

    code = "asterisk_silent"


class AsteriskFailedError(TransientError):
    """Asterisk failed by its own words (5xx). Facts: ``status``, ``detail``."""

    code = "asterisk_failed"


class AsteriskCredentialsError(PermanentError):
    """User or password is wrong (401). No facts."""

    code = "asterisk_credentials"
    http_status = 502


class AsteriskReadOnlyError(PermanentError):
    """The user of ari.conf may only read (403). No facts."""

    code = "asterisk_read_only"
    http_status = 502


class AsteriskRefusedError(PermanentError):
    """Asterisk does not take the request (4xx). Facts: ``status``, ``detail``."""

    code = "asterisk_refused"
    http_status = 502


class AllocationFailedError(PermanentError):
    """No such technology or endpoint, or nothing registered there: Asterisk gives one answer to all three.

    Facts: ``endpoint``.
    """

    code = "asterisk_allocation_failed"
    http_status = 502


class ChannelExistsError(PermanentError):
    """A channel of that id is there already (409): the request had arrived before. No facts."""

    code = "asterisk_channel_exists"
    http_status = 409


class AsteriskMalformedError(PermanentError):
    """What answered is not Asterisk's REST interface. Facts: ``problem``."""

    code = "asterisk_malformed"
    http_status = 502


class RecordingUnfinishedError(TransientError):
    """A recording is still written: what stands in its file cannot be played. No facts."""

    code = "asterisk_recording_unfinished"
    http_status = 409


class RecordingEmptyError(PermanentError):
    """A recording holds no sound, as the other side sent none. No facts."""

    code = "asterisk_recording_empty"
    http_status = 404


class RecordingTooLongError(PermanentError):
    """A recording is larger than what is handed on. Facts: ``megabytes``, ``most``."""

    code = "asterisk_recording_too_long"
    http_status = 413
