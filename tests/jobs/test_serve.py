"""``python -m jobs serve``: everything up with one command, everything down together."""

import os
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.conftest import PythonRunner
from tests.waiting import until

pytestmark = pytest.mark.faults


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Served:
    """A running installation with a small sandbox."""

    def __init__(self, data_dir: Path) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.runner = PythonRunner(
            "-m",
            "jobs",
            "serve",
            DATA_DIR=str(data_dir),
            PORT=str(self.port),
            SANDBOX_PORT=str(free_port()),
            SANDBOX_PEOPLE="20",
            SANDBOX_HISTORY_DAYS="1",
            HOME=str(data_dir),
        )

    def children(self) -> dict[str, psutil.Process]:
        names = {"core.sandbox": "webex", "streamlit": "web", "jobs": "sidecar"}
        found = {}
        for child in psutil.Process(self.runner.process.pid).children():
            line = child.cmdline()
            if len(line) > 2 and line[2] in names and "serve" not in line:  # Not yet itself, it still bears our line.
                found[names[line[2]]] = child
        return found

    def started(self) -> dict[str, psutil.Process]:
        """The three processes as soon as all run, whatever they have done by then."""
        until(lambda: len(self.children()) == 3, seconds=90)
        return self.children()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    running = Served(tmp_path / "var")
    yield running
    if running.runner.process.poll() is None:
        running.runner.process.send_signal(signal.SIGTERM)
        running.runner.finish()


def is_ready(served: Served) -> bool:
    assert served.runner.process.poll() is None, served.runner.finish()[1]
    try:
        return httpx.get(f"{served.address}/readyz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_one_command_serves_a_connected_tenant_and_ctrl_c_ends_all_of_it(served: Served) -> None:
    until(lambda: is_ready(served), seconds=90)
    children = served.children()
    assert set(children) == {"webex", "sidecar", "web"}
    until(lambda: httpx.get(f"{served.address}/readyz").json()["status"] == "ready", seconds=60)
    until(lambda: f"Tollwatch answers at {served.address}" in served.runner.shown(), seconds=60)
    os.kill(served.runner.process.pid, signal.SIGINT)
    code, shown = served.runner.finish(timeout=60)
    assert code == 0, shown
    assert re.search(r"^ sidecar \| .*ended", shown, re.MULTILINE)
    assert "Traceback" not in shown
    assert [name for name, child in children.items() if not is_gone(child)] == []


@pytest.mark.parametrize("name", ["sidecar", "web"])
def test_when_one_process_is_killed_all_end_and_the_reason_is_told(served: Served, name: str) -> None:
    children = served.started()
    children[name].kill()
    code, shown = served.runner.finish(timeout=60)
    assert code == 1, shown
    assert f"The {name} process ended by itself with exit code -9" in shown
    assert "Traceback" not in shown
    assert [name for name, child in children.items() if not is_gone(child)] == []


def test_the_web_alone_answers_and_ends_on_sigterm(tmp_path: Path) -> None:
    port = free_port()
    web = PythonRunner("-m", "jobs", "web", DATA_DIR=str(tmp_path / "var"), PORT=str(port), HOME=str(tmp_path))

    def answers() -> bool:
        assert web.process.poll() is None, web.finish()[1]
        try:
            return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    until(answers, seconds=60)
    web.process.send_signal(signal.SIGTERM)
    assert web.finish(timeout=30)[0] in (0, -signal.SIGTERM)


def test_a_taken_port_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        started = PythonRunner("-m", "jobs", "serve", DATA_DIR=str(tmp_path / "var"), PORT=port, HOME=str(tmp_path))
        code, output = started.finish()
    assert code == 1
    assert f"Port {port} is in use" in output
    assert "webex |" not in output


def test_children_end_when_the_launcher_is_killed(served: Served) -> None:
    children = list(served.started().values())
    served.runner.process.kill()
    until(lambda: all(is_gone(child) for child in children), seconds=40)
