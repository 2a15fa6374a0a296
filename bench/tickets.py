"""Ten thousand open tickets: a tick of escalation within a second, a page of the list within 300 ms.

Ratios are measured ÷ what is allowed; that of the plain list is to its bare SQL over the same rows in the same run.
"""

import argparse
import random
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from sqlalchemy import insert

from bench.figures import Figure, interleaved, report
from bench.history import NOW
from core.calls.table import CallTable
from core.clock import SteppedClock
from core.language import LANGUAGES
from core.operators import roster
from core.operators.roster import OperatorForm
from core.services import Services
from core.settings import load_settings
from core.store.engine import Database
from core.store.migrate import upgrade
from core.store.models.access import PersonRow
from core.store.models.tickets import TicketEscalationRow, TicketRow, TicketTimelineRow
from core.tickets import escalation, query, timeline
from core.tickets.deadlines import POLICY, Happening, standing
from core.tickets.policies import founding
from core.tickets.query import Reader, TicketFilter
from core.tickets.vocabulary import PRIORITIES

TICKETS = 10_000
DUE_AT_ONCE = 500
"""Steps due in one tick, the most one takes: with a tick every half minute these are 60 000 an hour."""
OPERATORS, LEADS = 40, 3

TICK_SECONDS, LIST_MS, IDLE_MS = 1.0, 300.0, 20.0
TO_BARE = 8.0
ROUNDS = 9
_BARE_LIST = (
    "SELECT id, title, priority, state, site, operator_id, due_at, created_at, version FROM ticket WHERE is_open = 1"
    " ORDER BY coalesce(due_at, '9999'), id LIMIT 101"
)
READER = Reader(NOW, operator_id=3, person="ana@example.com")
LISTS = (
    ("list, next deadline first", TicketFilter()),
    ("list, priority first", TicketFilter(sort="priority")),
    ("list, mine", TicketFilter(view="mine")),
    ("list, about to breach", TicketFilter(view="breaching")),
    ("list, words", TicketFilter(words="trunk 77")),
)


def fill(database: Database, tickets: int) -> None:
    """Open tickets as they stand by their policies, made over the last two hours."""
    chance = random.Random(7)
    rows, rows_of_time, ways = [], [], []
    for number in range(1, tickets + 1):
        priority = chance.choice(PRIORITIES)
        begun = NOW - timedelta(seconds=chance.randrange(60, 7200))
        policy = founding(priority)
        stands = standing([Happening(begun, "created", "new", "new", {POLICY: policy.to_json()})])
        rows.append(
            {
                "id": number, "source": "manual", "title": f"Check the trunk {number}", "description": "x" * 400,
                "texts": {}, "priority": priority, "priority_rank": PRIORITIES.index(priority), "state": "new",
                "is_open": True, "site": "Bogotá", "skills": [], "requested_by": "",
                "operator_id": number % OPERATORS + 1,
                "waiting_reason": "", "resolution": "", "created_at": begun, "version": 1, "changed_at": begun,
                "changed_by": "a", **timeline.columns(stands),
            }
        )  # fmt: skip
        rows_of_time.append(
            {
                "ticket_id": number, "at": begun, "actor": "a", "action": "created", "from_state": "new",
                "to_state": "new", "reason": "", "comment": "", "detail": {POLICY: policy.to_json()},
            }
        )  # fmt: skip
        due = number <= DUE_AT_ONCE
        ways.append(
            {
                "ticket_id": number, "generation": 1, "policy": policy.to_json(), "failures": 0,
                "next_step": stands.next_step if due else None, "next_at": NOW if due else None,
            }
        )  # fmt: skip
    with database.write() as session:
        for number in range(OPERATORS):
            address = f"operator{number}@example.com"
            roster.save(session, OperatorForm(f"Operator {number}", email=address), actor="a", at=NOW)
        leads = [(f"lead{number}@example.com", LANGUAGES[number % len(LANGUAGES)]) for number in range(LEADS)]
        for name, language in leads:
            person = {"name": name, "display_name": name, "role": "supervisor", "language": language}
            session.execute(insert(PersonRow), [{**person, "created_at": NOW, "created_by": "a"}])
        for table, values in ((TicketRow, rows), (TicketTimelineRow, rows_of_time), (TicketEscalationRow, ways)):
            session.execute(insert(table), values)


def measure(folder: Path, tickets: int) -> list[Figure]:
    """The figures over one database."""
    settings = load_settings({"data_dir": folder})
    database = Database(settings.database)
    upgrade(database)
    fill(database, tickets)
    services = Services(settings, SteppedClock(NOW), database, CallTable(settings.calls_path))
    bare = sqlite3.connect(folder / "state.db")
    figures = [figure for name, asked in LISTS for figure in _list(database, bare, name, asked)]
    figures += _stats(database)
    figures += _tick(services)
    bare.close()
    database.close()
    return figures


def _list(database: Database, bare: sqlite3.Connection, name: str, asked: TicketFilter) -> list[Figure]:
    def ours() -> object:
        with database.read() as session:
            return query.page(session, asked, READER).rows

    seconds, alone, ratio = interleaved(ours, lambda: bare.execute(_BARE_LIST).fetchall(), ROUNDS)
    told = [_share(name, seconds * 1000, LIST_MS, "ms")]
    if asked == TicketFilter():
        detail = f"{seconds * 1000:.0f} ms, bare {alone * 1000:.0f} ms"
        told.append(Figure(f"{name}, to bare SQL", ratio, TO_BARE, "less", detail))
    return told


def _share(name: str, measured: float, allowed: float, unit: str) -> Figure:
    return Figure(name, measured / allowed, 1.0, "less", f"{measured:.2g} of {allowed:g} {unit}")


def _stats(database: Database) -> list[Figure]:
    def ask() -> None:
        with database.read() as session:
            query.stats(session, TicketFilter(view="all"), READER)
            query.board(session, TicketFilter(), READER)

    return [_share("figures and board", _median(ask, 5) * 1000, 3 * LIST_MS, "ms")]


def _tick(services: Services) -> list[Figure]:
    idle = _median(lambda: escalation.due_steps(services.database, NOW - timedelta(days=1)), ROUNDS)
    started = perf_counter()
    done = escalation.tick(services)
    seconds = perf_counter() - started
    if done.taken != DUE_AT_ONCE:
        raise RuntimeError(f"{done} in place of {DUE_AT_ONCE} steps")
    return [
        _share(f"tick, {done.taken} steps due", seconds, TICK_SECONDS, "s"),
        _share("tick, nothing due", idle * 1000, IDLE_MS, "ms"),
    ]


def _median(ask: Callable[[], object], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        started = perf_counter()
        ask()
        taken.append(perf_counter() - started)
    return statistics.median(taken)


def main() -> int:
    """Fill a database, ask, tick, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tollwatch-bench-") as folder:
        return report(measure(Path(folder), TICKETS // 10 if arguments.quick else TICKETS))


if __name__ == "__main__":
    sys.exit(main())
