"""``python -m jobs web``: the web process alone, for containers and service managers."""

import argparse
import os
import sys

from core.services import Services
from core.settings import ROOT

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8501


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where it listens; the defaults come from ``PORT`` and ``HOST``."""
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or DEFAULT_PORT))
    parser.add_argument("--host", default=os.environ.get("HOST") or DEFAULT_HOST)


def run(services: Services, arguments: argparse.Namespace) -> int:
    """Become the web process, so that signals reach it directly; never returns."""
    services.database.close()
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *web_arguments(arguments.host, arguments.port)])  # noqa: S606 - our own


def web_arguments(host: str, port: int) -> list[str]:
    """What Python is started with to serve the pages and routes."""
    server = ["--server.headless", "true", "--server.port", str(port), "--server.address", host]
    return ["-m", "streamlit", "run", str(ROOT / "app.py"), *server]
