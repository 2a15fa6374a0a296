"""A real web server on a free port of loopback, in a thread of the test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import uvicorn

from tests.waiting import until

_START_SECONDS, _END_SECONDS = 90.0, 20.0


@contextmanager
def local_server(app: Any, lifespan: Literal["on", "off"] = "off") -> Iterator[int]:
    """Serve an ASGI application until the block ends; gives the port. ``lifespan`` runs its start and stop too."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False, lifespan=lifespan)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        until(lambda: server.started or not thread.is_alive(), seconds=_START_SECONDS)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(_END_SECONDS)
