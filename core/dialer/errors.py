"""What can stand in the way of an outbound call; texts in ``core/language/texts/dialer.toml``."""

from core.errors import ConflictError, PermanentError, TransientError


class DialerNotConfiguredError(PermanentError):
    """No Asterisk is set up. No facts."""

    code = "dialer_not_configured"
    http_status = 503


class DialerNotConnectedError(TransientError):
    """The event socket to Asterisk is down, so what became of a call could not be seen. Facts: ``seconds``."""

    code = "dialer_not_connected"


class ApplicationTakenError(PermanentError):
    """Another program took over our application name at Asterisk. Facts: ``application``."""

    code = "dialer_application_taken"
    http_status = 503


class CallNotPlacedError(TransientError):
    """A call waited too long for Asterisk and was given up. Facts: ``seconds``."""

    code = "dialer_not_placed"


class OtherCallOfKeyError(ConflictError):
    """The idempotency key belongs to a call to another number. Facts: ``what``."""

    code = "dialer_key_reused"
