"""A fresh web process, and a client that speaks the websocket on which its pages arrive."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import httpx
from google.protobuf.text_format import MessageToString
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from core.access import sessions
from tests.waiting import until

ROOT = Path(__file__).parents[2]
_START_SECONDS = 60.0
_RUN_SECONDS = 30.0


@dataclass(frozen=True)
class WebProcess:
    """A running web process: where it answers, and its process id."""

    address: str
    pid: int


@contextmanager
def web_process(script: str, folder: Path, **environment: str) -> Iterator[str]:
    """``streamlit run script`` in a process of its own with its data in ``folder``; gives its address."""
    with started(script, folder, **environment) as process:
        yield process.address


@contextmanager
def started(script: str, folder: Path, **environment: str) -> Iterator[WebProcess]:
    """As ``web_process``, with the process id besides."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    options = ["--server.port", str(port), "--server.address", "127.0.0.1"]
    values = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(folder), "BASE_URL": address}
    with (folder / "web.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", script, *options],
            env={**values, "DATA_DIR": str(folder / "var"), **environment},
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )
        try:
            until(lambda: _is_up(address), _START_SECONDS)
            yield WebProcess(address, process.pid)
        finally:
            process.terminate()
            process.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_up(address: str) -> bool:
    try:
        return httpx.get(f"{address}/_stcore/health", timeout=2).text == "ok"
    except httpx.TransportError:
        return False


class PageSession:
    """One session of a browser on the websocket: each ``run`` is a run of a page's script."""

    def __init__(self, opened: ClientConnection) -> None:
        self._opened = opened

    def run(self, page: str, query: dict[str, list[str]] | None = None) -> list[bytes]:
        """Run ``page`` (its path without slash) with that query; gives all messages that the server sends for it."""
        request = BackMsg()
        request.rerun_script.page_name = page
        request.rerun_script.query_string = urlencode(query or {}, doseq=True)
        return self.ask(request)

    def ask(self, request: BackMsg, until: str = "script_finished") -> list[bytes]:
        """Send anything a browser may; gives the messages up to the first of the kind ``until``."""
        self._opened.send(request.SerializeToString())
        return list(_until(self._opened, until))


@contextmanager
def page_session(address: str, token: str | None = None) -> Iterator[PageSession]:
    """Open the websocket as a browser with that session.

    Raises ``websockets.exceptions.InvalidStatus`` when the websocket is refused.
    """
    headers = {"Origin": address, **({"Cookie": f"{sessions.COOKIE}={token}"} if token else {})}
    wire = f"{address.replace('http://', 'ws://')}/_stcore/stream"
    with connect(wire, additional_headers=headers, max_size=2**26) as opened:
        yield PageSession(opened)


def visit(address: str, page: str, token: str | None = None) -> str:
    """Open ``page`` in a session of its own; gives as text what it drew. Raises as ``page_session``."""
    with page_session(address, token) as session:
        return "\n".join(_drawn(session.run(page)))


def _until(opened: ClientConnection, wanted: str) -> Iterator[bytes]:
    kind = None
    while kind != wanted:
        received = opened.recv(timeout=_RUN_SECONDS, decode=False)
        kind = read(received).WhichOneof("type")
        yield received


def _drawn(messages: list[bytes]) -> Iterator[str]:
    for message in map(read, messages):
        if message.WhichOneof("type") == "delta":
            yield MessageToString(message.delta, as_utf8=True)


def read(received: bytes) -> ForwardMsg:
    """A message of the server, decoded."""
    message = ForwardMsg()
    message.ParseFromString(received)
    return message
