"""Asterisk over TLS: what a certificate that cannot be accepted is said to lack, by REST and by the event socket."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.asterisk.address import AsteriskAddress
from core.asterisk.client import AsteriskClient
from core.asterisk.listener import Closed, Listener, Word
from core.clock import SystemClock
from core.errors import TollwatchError
from tests.waiting import awaited

CLOCK = SystemClock()
HERE = x509.IPAddress(ip_address("127.0.0.1"))
ELSEWHERE = x509.DNSName("pbx.example.org")
FRESH, EXPIRED = (-1, 1), (-3, -2)
PASSWORD = "the-password-of-ari"


def certificate(folder: Path, name: x509.GeneralName, days: tuple[int, int]) -> Path:
    """A certificate of its own for that name, valid between those days from now, with its key behind it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), CLOCK.now()
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "asterisk")])
    made = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = folder / "asterisk.pem"
    written = made.public_bytes(serialization.Encoding.PEM)
    path.write_bytes(written + key.private_bytes(serialization.Encoding.PEM, form, plain))
    return path


@contextmanager
def greeting(path: Path | None) -> Iterator[int]:
    """A port that shakes hands with that certificate, or answers in clear, and hangs up."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if path is not None:
        context.load_cert_chain(path)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    taken, _ = listening.accept()
                    with suppress(OSError), taken:
                        if path is None:
                            taken.recv(1)
                            taken.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                        else:
                            context.wrap_socket(taken, server_side=True).close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)


async def met(address: AsteriskAddress) -> list[TollwatchError]:
    """The errors that REST and the event socket meet."""
    client = AsteriskClient(address, CLOCK)
    with pytest.raises(TollwatchError) as by_rest:
        await client.ping()
    await client.close()
    words: asyncio.Queue[Word] = asyncio.Queue()
    listening = asyncio.ensure_future(Listener(address, CLOCK, words).run())
    word = await asyncio.wait_for(words.get(), 20)
    listening.cancel()
    assert isinstance(word, Closed)
    return [by_rest.value, word.error]


@pytest.mark.parametrize(
    ("name", "days", "is_given", "code"),
    [
        (HERE, FRESH, False, "asterisk_certificate_untrusted"),
        (ELSEWHERE, FRESH, True, "asterisk_certificate_host"),
        (HERE, EXPIRED, True, "asterisk_certificate_expired"),
        (None, FRESH, False, "asterisk_without_tls"),
    ],
)
def test_a_certificate_that_is_not_accepted_is_told_by_its_fault(
    tmp_path: Path, name: x509.GeneralName | None, days: tuple[int, int], is_given: bool, code: str
) -> None:
    path = certificate(tmp_path, name, days) if name is not None else None
    with greeting(path) as port:
        trusted = path.read_text().partition("-----BEGIN PRIVATE")[0] if path and is_given else ""
        errors = awaited(met(AsteriskAddress(f"https://127.0.0.1:{port}/ari", "ari", PASSWORD, "app", trusted)))
    assert [error.code for error in errors] == [code, code]
    assert not any(PASSWORD in f"{error} {error.facts}" for error in errors)
