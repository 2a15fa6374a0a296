"""A fresh web process, and a client that speaks the websocket on which its pages arrive."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


@contextmanager
def web_process(script: str, folder: Path, **environment: str) -> Iterator[str]:
    """``streamlit run script`` in a process of its own with its data in ``folder``; gives its address."""
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
            yield address
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


def visit(address: str, page: str, token: str | None = None) -> str:
    """Open ``page`` (its path without slash) as a browser with that session; gives all the server sends for it.

    Raises ``websockets.exceptions.InvalidStatus`` when the websocket is refused.
    """
    headers = {"Cookie": f"{sessions.COOKIE}={token}"} if token else {}
    wire = f"{address.replace('http://', 'ws://')}/_stcore/stream"
    with connect(wire, additional_headers=headers, max_size=2**26) as opened:
        request = BackMsg()
        request.rerun_script.page_name = page
        request.rerun_script.query_string = ""
        opened.send(request.SerializeToString())
        return "\n".join(_until_finished(opened))


def _until_finished(opened: ClientConnection) -> Iterator[str]:
    while True:
        message = ForwardMsg()
        message.ParseFromString(bytes(opened.recv(timeout=_RUN_SECONDS)))
        if message.WhichOneof("type") == "script_finished":
            return
        if message.WhichOneof("type") == "delta":
            yield MessageToString(message.delta, as_utf8=True)
