"""Receivers of notifications on loopback: a mail server and a web server that answer as a test wants."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.local_server import local_server


@dataclass
class Mailman:
    """A mail server's answers and what it took. ``rcpt`` and ``data`` hold answers to give, first come first served."""

    rcpt: dict[str, list[str]] = field(default_factory=dict)
    data: list[str] = field(default_factory=list)
    taken: list[Envelope] = field(default_factory=list)
    drops: int = 0
    port: int = 0

    async def handle_RCPT(  # noqa: N802 - named by aiosmtpd
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        planned = self.rcpt.get(address)
        if planned:
            return planned.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data:
            return self.data.pop(0)
        self.taken.append(envelope)
        if self.drops:
            self.drops -= 1
            assert server.transport is not None
            server.transport.close()
        return "250 taken"

    def mails(self) -> list[EmailMessage]:
        """What it took, read."""
        return [message_from_bytes(each, policy=policy.default) for each in self.letters()]

    def letters(self) -> list[bytes]:
        """What it took, as it came over the wire."""
        return [each.content if isinstance(each.content, bytes) else b"" for each in self.taken]


def body_of(mail: EmailMessage, kind: Literal["plain", "html"] = "plain") -> str:
    """The text of a mail, in one of its two forms."""
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


class _OnAnyPort(Controller):
    """aiosmtpd's thread with a server, on the port the machine gave it."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        Controller._trigger_server(self)


@contextmanager
def mail_server(**options: Any) -> Iterator[Mailman]:
    """A running mail server on a free port; ``options`` are aiosmtpd's."""
    mailman = Mailman()
    controller = _OnAnyPort(mailman, hostname="127.0.0.1", port=0, **options)
    controller.start()
    mailman.port = controller.port
    try:
        yield mailman
    finally:
        controller.stop()


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body read."""
        return json.loads(self.body)


@dataclass
class Receiver:
    """A web server's answers and what it got; without a planned answer it says 200."""

    answers: list[Callable[[], Response]] = field(default_factory=list)
    got: list[Received] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, request: Request) -> Response:
        body = await request.body()
        self.got.append(Received(request.url.path, dict(request.headers), body))
        return self.answers.pop(0)() if self.answers else Response("ok")


@contextmanager
def web_receiver() -> Iterator[Receiver]:
    """A running web server on a free port that takes every POST."""
    receiver = Receiver()
    app = Starlette(routes=[Route("/{path:path}", receiver.answer, methods=["POST", "GET"])])
    with local_server(app) as receiver.port:
        yield receiver
