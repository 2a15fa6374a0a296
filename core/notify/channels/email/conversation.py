"""One conversation with a mail server (RFC 5321), its refusals sorted by whether trying again can help."""

import smtplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Literal

from core.logs import redact
from core.notify.channels.email.letter import mail_host, sender_address
from core.notify.errors import (
    MailDeferredError,
    MailRefusedError,
    MailServerTrustError,
    MailSignInError,
    MailTooLargeError,
    ReceiverUnavailableError,
)
from core.notify.notice import Receipt
from core.settings import Settings

STEP_SECONDS = 20.0
"""The longest wait for one answer of the server."""
_IMPLICIT_TLS_PORT = 465
_FIRST_PERMANENT = 500
_TOO_MUCH, _MAILBOX_FULL = 552, "5.2.2"
"""A mail or a mailbox that is too large (RFC 5321 §4.2.3), and what tells the latter (RFC 3463 §3.3)."""
_LONGEST_DETAIL = 200
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
Security = Literal["starttls", "tls", "none"]
Replies = dict[str, tuple[int, bytes]]


def security_of(settings: Settings) -> Security:
    """How the conversation is encrypted."""
    if settings.smtp_security != "auto":
        return settings.smtp_security
    return "tls" if settings.smtp_port == _IMPLICIT_TLS_PORT else "starttls"


def hand_over(settings: Settings, mail: bytes, recipients: Sequence[str]) -> Receipt:
    """Give the mail to the server of the settings, for every recipient it takes.

    A server that breaks off after the mail was sent raises ``ReceiverUnavailableError`` as for any other break: it
    may have the mail or not, and the next attempt carries the same id. Raises ``MailDeferredError`` (4xx),
    ``MailRefusedError`` (5xx), ``MailTooLargeError``, ``MailSignInError``, ``MailServerTrustError``.
    """
    host = settings.smtp_host
    with _sorted_errors(host), _open(settings) as server:
        _sign_in(server, settings)
        _check_size(server, host, mail)
        refused: Replies = server.sendmail(sender_address(settings), list(recipients), mail)
        answers = {name: refusal(host, code, detail) for name, (code, detail) in refused.items()}
        return Receipt(_taken(host, recipients, refused), answers)


def refusal(host: str, status: int, detail: bytes | str) -> MailDeferredError | MailRefusedError:
    """A refusal as an error: 4xx passes, 5xx stays (RFC 5321 §4.2.1)."""
    text = detail.decode("utf-8", "replace") if isinstance(detail, bytes) else detail
    words = redact(" ".join(text.split()))[:_LONGEST_DETAIL]
    if status == _TOO_MUCH and _MAILBOX_FULL not in words:
        return MailTooLargeError(host=host, status=status, detail=words)
    if status >= _FIRST_PERMANENT:
        return MailRefusedError(host=host, status=status, detail=words)
    return MailDeferredError(host=host, status=status, detail=words)


@contextmanager
def _open(settings: Settings) -> Iterator[smtplib.SMTP]:
    server = _connection(settings)
    try:
        yield server
    except smtplib.SMTPResponseException:
        _end(server.quit)
        raise
    except BaseException:
        _end(server.close)
        raise
    else:
        _end(server.quit)


def _connection(settings: Settings) -> smtplib.SMTP:
    host, port, name = settings.smtp_host, settings.smtp_port, mail_host(settings)
    security = security_of(settings)
    if security == "tls":
        return smtplib.SMTP_SSL(host, port, name, timeout=STEP_SECONDS, context=ssl.create_default_context())
    server = smtplib.SMTP(host, port, name, timeout=STEP_SECONDS)
    if security == "starttls":
        try:
            server.ehlo_or_helo_if_needed()
            if not server.has_extn("starttls"):
                raise MailServerTrustError(host=host, detail="STARTTLS")
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            _end(server.close)
            raise
    return server


def _check_size(server: smtplib.SMTP, host: str, mail: bytes) -> None:
    """Send nothing that the server says beforehand it will not take (RFC 1870); 0 is no limit."""
    server.ehlo_or_helo_if_needed()
    said = server.esmtp_features.get("size", "")
    if said.isascii() and said.isdigit() and 0 < int(said[:18]) < len(mail):
        raise MailTooLargeError(host=host, status=_TOO_MUCH, detail=f"SIZE {said[:18]}")


def _sign_in(server: smtplib.SMTP, settings: Settings) -> None:
    """Sign in where there is a user; over an open line only to this very machine."""
    if not settings.smtp_user:
        return
    if security_of(settings) == "none" and settings.smtp_host not in _LOOPBACK:
        raise MailServerTrustError(host=settings.smtp_host, detail="SMTP_SECURITY=none")
    try:
        server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
    except smtplib.SMTPNotSupportedError as error:
        raise MailSignInError(host=settings.smtp_host, detail="AUTH") from error
    except smtplib.SMTPAuthenticationError as error:
        if error.smtp_code < _FIRST_PERMANENT:
            raise refusal(settings.smtp_host, error.smtp_code, error.smtp_error) from error
        raise MailSignInError(host=settings.smtp_host, detail=str(error.smtp_code)) from error


@contextmanager
def _sorted_errors(host: str) -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        raise _worst_hope(host, error.recipients) from error
    except smtplib.SMTPResponseException as error:
        raise refusal(host, error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPNotSupportedError as error:
        raise MailRefusedError(host=host, status=_FIRST_PERMANENT, detail=str(error)[:_LONGEST_DETAIL]) from error
    except ssl.SSLCertVerificationError as error:
        raise MailServerTrustError(host=host, detail=error.verify_message) from error
    except (smtplib.SMTPException, OSError, EOFError) as error:
        raise ReceiverUnavailableError(host=host, problem=type(error).__name__) from error


def _worst_hope(host: str, refused: Replies) -> MailDeferredError | MailRefusedError:
    """All were refused: as long as one refusal may pass, the whole is tried again."""
    code, detail = min(refused.values(), key=lambda reply: reply[0])
    return refusal(host, code, detail)


def _taken(host: str, recipients: Sequence[str], refused: Replies) -> str:
    return f"{host}: {len(recipients) - len(refused)}/{len(recipients)}"


def _end(leave: Callable[[], object]) -> None:
    """Say goodbye; that it fails changes nothing about what was said before."""
    with suppress(smtplib.SMTPException, OSError):
        leave()
