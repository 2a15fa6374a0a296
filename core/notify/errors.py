"""What can go wrong between the outbox and whoever is told; the type says whether trying again can help.

Facts never hold a secret or a whole address: ``host`` is the other side's name, ``detail`` its own words, shortened.
"""

from core.errors import PermanentError, TransientError


class ReceiverUnavailableError(TransientError):
    """The other side did not answer, or broke off, or is in trouble (5xx). Facts: ``host``, ``problem``."""

    code = "notify_unavailable"


class ReceiverBusyError(TransientError):
    """The other side asks for patience (429). Facts: ``host``, ``seconds``."""

    code = "notify_busy"


class ReceiverRefusedError(PermanentError):
    """The other side does not take it (4xx). Facts: ``host``, ``status``, ``detail``."""

    code = "notify_refused"
    http_status = 502


class ReceiverGoneError(ReceiverRefusedError):
    """The other side says that this address is closed for good (410). Facts: ``host``, ``status``, ``detail``."""

    code = "notify_gone"


class RedirectRefusedError(PermanentError):
    """The other side points elsewhere; a signed message follows nobody. Facts: ``host``, ``status``."""

    code = "notify_redirect"
    http_status = 502


class AddressRefusedError(PermanentError):
    """An address that Tollwatch must not call: private, or without encryption. Facts: ``host``, ``problem``."""

    code = "notify_address_refused"
    http_status = 422


class HostUnknownError(TransientError):
    """A name that no name server knows at present. Facts: ``host``."""

    code = "notify_host_unknown"


class MailNotConfiguredError(PermanentError):
    """There is no mail server to hand mails to. No facts."""

    code = "notify_mail_not_configured"
    http_status = 409


class MailServerTrustError(PermanentError):
    """The mail server offers no encryption, or a certificate that cannot be trusted. Facts: ``host``, ``detail``."""

    code = "notify_mail_trust"
    http_status = 502


class MailSignInError(PermanentError):
    """The mail server refuses user or password. Facts: ``host``, ``detail``."""

    code = "notify_mail_sign_in"
    http_status = 502


class MailRefusedError(PermanentError):
    """The mail server refuses sender, recipient or content for good (5xx). Facts: ``host``, ``status``, ``detail``."""

    code = "notify_mail_refused"
    http_status = 502


class MailTooLargeError(MailRefusedError):
    """The mail server takes no mail of that size (RFC 1870). Facts: ``host``, ``status``, ``detail``."""

    code = "notify_mail_too_large"


class MailDeferredError(TransientError):
    """The mail server says "not now" (4xx) to one message or recipient. Facts: ``host``, ``status``, ``detail``."""

    code = "notify_mail_deferred"


class ChannelGoneError(PermanentError):
    """The channel was removed while the message waited. No facts."""

    code = "notify_channel_gone"
    http_status = 409


class ChannelKindUnknownError(PermanentError):
    """A message for a kind of channel that this version does not have. Facts: ``kind``."""

    code = "notify_kind_unknown"
    http_status = 409


class ChannelIncompleteError(PermanentError):
    """A channel lacks something it cannot send without. Facts: ``field``."""

    code = "notify_channel_incomplete"
    http_status = 422
