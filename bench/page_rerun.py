"""A rerun of the Calls and Overview pages on the real web process, over the websocket on which a browser gets them.

Measured is what the server spends and sends when somebody who is on the page does something that leaves its question
as it is (opens a record, turns a switch, the page refreshes itself): processor time of the whole process and bytes
before compression. The figures of another question, whose answers come from the files, stand beside it.
The bounds: at most 150 ms of processor time and 100 KB.
"""

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

from bench.figures import Figure, report
from bench.history import history
from core.access import people, sessions
from core.access.people import NewPerson
from core.access.sessions import Origin
from core.calls.rollup import HourlyCalls, hourly_path, roll_up
from core.clock import SystemClock
from core.services import open_services
from core.settings import load_settings
from tests.web.page_wire import PageSession, page_session, started

LEGS = 1_000_000
RERUNS = 20
CPU_BOUND_MS = 150
BYTES_BOUND_KB = 100
QUESTIONS: dict[str, list[dict[str, list[str]]]] = {
    "calls": [{"last": ["7d"]}, *({"last": ["7d"], "site": [f"Site {number}"]} for number in range(12))],
    "": [{"last": ["7d"]}, *({"last": ["7d"], "site": [f"Site {number}"]} for number in range(12))],
}
NAMES = {"calls": "Calls", "": "Overview"}


def prepared(folder: Path, legs: int) -> str:
    """A product with that many legs up to today and one analyst; gives the token of the analyst's session."""
    clock = SystemClock()
    services = open_services(load_settings({"data_dir": folder / "var", "sandbox": True}))
    history(folder / "var", legs, clock.now())
    roll_up(services.calls, HourlyCalls(hourly_path(services.settings)))
    analyst = people.add(
        services.database, clock, NewPerson("analyst@example.com", "Analyst", "analyst"), actor="bench"
    )
    token = sessions.start(services.database, clock, analyst.id, Origin("bench"))
    services.database.close()
    return token


def _cpu_ms(pid: int) -> float:
    """Processor time that a process has used, its threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measured(page: str, session: PageSession, pid: int, queries: Iterator[dict[str, list[str]]]) -> tuple[float, float]:
    """Processor time of a run in ms, mean, and what it sends in KB, median."""
    before, sent = _cpu_ms(pid), []
    for _ in range(RERUNS):
        sent.append(sum(map(len, session.run(page, next(queries)))) / 1000)
    return (_cpu_ms(pid) - before) / RERUNS, statistics.median(sent)


def figures(page: str, address: str, pid: int, token: str) -> list[Figure]:
    """The figures of one page."""
    same, others = QUESTIONS[page][:1], QUESTIONS[page][1:]
    with page_session(address, token) as session:
        session.run(page, same[0])
        new_cpu, new_sent = measured(page, session, pid, cycle(others))
        session.run(page, same[0])
        cpu, sent = measured(page, session, pid, cycle(same))
    name = NAMES[page]
    return [
        Figure(f"{name}: processor time of a rerun, ms", cpu, CPU_BOUND_MS, "less", f"other filters {new_cpu:.0f} ms"),
        Figure(f"{name}: sent by a rerun, KB", sent, BYTES_BOUND_KB, "less", f"other filters {new_sent:.0f} KB"),
    ]


def main() -> int:
    """Start the web process over a history, rerun its pages, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    legs = LEGS // 10 if parser.parse_args().quick else LEGS
    with tempfile.TemporaryDirectory(prefix="tollwatch-bench-") as name:
        folder = Path(name)
        token = prepared(folder, legs)
        with started("app.py", folder) as web:
            return report([one for page in QUESTIONS for one in figures(page, web.address, web.pid, token)])


if __name__ == "__main__":
    sys.exit(main())
