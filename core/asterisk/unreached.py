"""Why no connection to Asterisk came about, by what stands behind the errors of httpx and websockets."""

import ssl

from core.asterisk.errors import (
    AsteriskCertificateExpiredError,
    AsteriskCertificateHostError,
    AsteriskCertificateUntrustedError,
    AsteriskUnreachableError,
    AsteriskWithoutTlsError,
)
from core.errors import TollwatchError

_NOT_VALID_NOW = frozenset({9, 10})
_OTHER_NAME = frozenset({62, 63, 64})
"""OpenSSL's ``X509_V_ERR`` of a time before or after, and of another host, mail or IP address."""
_DEEPEST = 10


def unreached(error: BaseException, host: str) -> TollwatchError:
    """The error for people in place of ``error``, which came while connecting to ``host``."""
    found = _tls_error(error)
    if found is None:
        return AsteriskUnreachableError(host=host, problem=type(error).__name__)
    if not isinstance(found, ssl.SSLCertVerificationError):
        return AsteriskWithoutTlsError(host=host, problem=found.reason or type(found).__name__)
    if found.verify_code in _NOT_VALID_NOW:
        return AsteriskCertificateExpiredError(host=host)
    if found.verify_code in _OTHER_NAME:
        return AsteriskCertificateHostError(host=host)
    return AsteriskCertificateUntrustedError(host=host, problem=found.verify_message)


def _tls_error(error: BaseException | None) -> ssl.SSLError | None:
    for _ in range(_DEEPEST):
        if error is None or isinstance(error, ssl.SSLError):
            return error
        error = error.__cause__ or error.__context__
    return None
