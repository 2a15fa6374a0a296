"""Processes for tests without the two seconds that importing the product takes: forked from one that has done it.

``python -m tests.forked SOCKET`` imports the product once and waits. For each request it forks; the child gets the
asked arguments, environment and output as if it had been started by a shell, and ends as an interpreter ends.
"""

import contextlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
_LONGEST = 1 << 20


class ForkedProcess:
    """A process as ``subprocess.Popen`` shows one: ``pid``, ``returncode``, ``poll``, ``wait``, signals."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], output: int) -> None:
        self._line = socket.socket(socket.AF_UNIX)
        self._line.connect(_nursery())
        asked = json.dumps([list(arguments), dict(environment)]).encode()
        socket.send_fds(self._line, [len(asked).to_bytes(4, "big")], [output])
        self._line.sendall(asked)
        self.pid = int(self._told() or 0)
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, negative for a signal; ``None`` while it runs."""
        if self.returncode is None and select.select([self._line], [], [], 0)[0]:
            self._ended()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; gives the exit code. Raises ``subprocess.TimeoutExpired``."""
        if self.returncode is None:
            if not select.select([self._line], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            self._ended()
        return self.returncode if self.returncode is not None else -signal.SIGKILL

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it is known to have ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as ``kill -9`` does."""
        self.send_signal(signal.SIGKILL)

    def _ended(self) -> None:
        self.returncode = int(self._told() or -signal.SIGKILL)
        self._line.close()

    def _told(self) -> bytes:
        told = b""
        while not told.endswith(b"\n"):
            more = self._line.recv(1)
            if not more:
                break
            told += more
        return told.strip()


@cache
def _nursery() -> str:
    """The address of this test process's own nursery, started at the first request; it ends with its starter."""
    address = str(Path(tempfile.mkdtemp(prefix="forked-")) / "socket")
    environment = {"PATH": os.environ["PATH"], "OPENBLAS_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "tests.forked", address, str(os.getpid())]
    subprocess.Popen(command, env=environment, cwd=ROOT)
    deadline = time.monotonic() + 60
    while not Path(address).exists():
        if time.monotonic() > deadline:
            raise TimeoutError(address)
        time.sleep(0.02)
    return address


def _serve(address: str, starter: int) -> None:
    """Answer requests until the starter is gone; returns in each forked child, ready to run what was asked."""
    import jobs.__main__
    import jobs.schedule  # noqa: F401 - what the forks are spared

    del sys.modules["jobs.__main__"]  # It is run by name, which must not find it loaded.
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{address}.new")
    listener.listen(64)
    Path(f"{address}.new").rename(address)
    running: dict[int, socket.socket] = {}
    ended, wake = socket.socketpair()
    wake.setblocking(False)
    signal.set_wakeup_fd(wake.fileno())
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    while os.getppid() == starter:
        ready = select.select([listener, ended], [], [], 1)[0]
        if ended in ready:
            ended.recv(4096)
            _report(running)
        if listener not in ready:
            continue
        line = listener.accept()[0]
        size, descriptors, _, _ = socket.recv_fds(line, 4, 1)
        arguments, environment = _request(line, int.from_bytes(size, "big"))
        child = os.fork()
        if child == 0:
            _become(arguments, environment, descriptors[0], [listener, ended, wake, line, *running.values()])
            return
        os.close(descriptors[0])
        line.sendall(b"%d\n" % child)
        running[child] = line
    for child in running:  # Nobody is left who would end them.
        os.kill(child, signal.SIGKILL)


def _request(line: socket.socket, size: int) -> tuple[list[str], dict[str, str]]:
    asked = b""
    while len(asked) < min(size, _LONGEST):
        asked += line.recv(size - len(asked))
    arguments, environment = json.loads(asked)
    return arguments, environment


def _report(running: dict[int, socket.socket]) -> None:
    """Tell those who wait of the children that ended."""
    for child in list(running):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            with contextlib.suppress(OSError), running.pop(child) as line:  # Who asked may be gone.
                line.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _become(arguments: list[str], environment: dict[str, str], output: int, inherited: list[socket.socket]) -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for line in inherited:
        line.close()
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[:] = arguments


def _run(arguments: list[str]) -> None:
    """As the interpreter does with ``-m module …``, ``-c code …`` or ``script …``."""
    match arguments:
        case ["-m", module, *_]:
            sys.argv[:] = arguments[1:]
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        case ["-c", code, *rest]:
            sys.argv[:] = ["-c", *rest]
            exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102 - the tests' own code
        case _:
            runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    nursery = os.getpid()
    _serve(sys.argv[1], int(sys.argv[2]))
    if os.getpid() != nursery:
        _run(list(sys.argv))
