"""Encryption and sign-in towards mail servers: STARTTLS, TLS from the start, certificates, passwords."""

import ssl
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.clock import SteppedClock, SystemClock
from core.services import Services
from core.store.engine import Database
from tests.notify.conftest import add_channel, add_rule, messages, send, services_over, tell
from tests.notify.receivers import mail_server

PASSWORD = "a-mail-password-of-a-test"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate with its key for 127.0.0.1 that nobody has signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = SystemClock().now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "mail.pem"
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    """What a server needs to speak TLS with it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine trusts the certificate, by OpenSSL's own variable."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


def knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
    """Whether user and password are right."""
    right = isinstance(given, LoginPassword) and given.password == PASSWORD.encode()
    return AuthResult(success=right, handled=False)


class Outside:
    """Sends one mail with some settings; gives the state and the error's code."""

    def __init__(self, database: Database, clock: SteppedClock, folder: Path) -> None:
        self._parts = (database, clock, folder)

    def send(self, port: int, **settings: Any) -> tuple[str, str]:
        services: Services = services_over(*self._parts, smtp_host="127.0.0.1", smtp_port=port, **settings)
        add_rule(services, add_channel(services))
        tell(services)
        send(services)
        (row,) = messages(services)
        return row.state, str((row.error or {}).get("code", ""))


@pytest.fixture
def outside(sqlite_database: Database, clock: SteppedClock, tmp_path: Path) -> Outside:
    return Outside(sqlite_database, clock, tmp_path)


@pytest.mark.usefixtures("trusted")
def test_starttls_and_sign_in(outside: Outside, tls: ssl.SSLContext) -> None:
    with mail_server(tls_context=tls, require_starttls=True, authenticator=knows, auth_required=True) as mailman:
        told = outside.send(mailman.port, smtp_user="desk", smtp_password=PASSWORD)
        assert told == ("sent", "")
        assert len(mailman.taken) == 1


@pytest.mark.usefixtures("trusted")
def test_a_wrong_password_is_told_and_not_tried_again(outside: Outside, tls: ssl.SSLContext) -> None:
    with mail_server(tls_context=tls, authenticator=knows, auth_required=True) as mailman:
        told = outside.send(mailman.port, smtp_user="desk", smtp_password="another-password-of-a-test")
        assert told == ("dead", "notify_mail_sign_in")


@pytest.mark.usefixtures("trusted")
def test_tls_from_the_start(outside: Outside, tls: ssl.SSLContext) -> None:
    with mail_server(ssl_context=tls) as mailman:
        assert outside.send(mailman.port, smtp_security="tls") == ("sent", "")


def test_a_certificate_nobody_trusts_gets_no_mail(outside: Outside, tls: ssl.SSLContext) -> None:
    with mail_server(tls_context=tls) as mailman:
        assert outside.send(mailman.port) == ("dead", "notify_mail_trust")
        assert mailman.taken == []


@pytest.mark.usefixtures("trusted")
def test_a_server_without_starttls_gets_no_mail(outside: Outside) -> None:
    with mail_server() as mailman:
        assert outside.send(mailman.port) == ("dead", "notify_mail_trust")
        assert mailman.taken == []
