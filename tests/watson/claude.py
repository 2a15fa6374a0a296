"""Claude's answers about messages, and a sidecar that fetches them while a test's door waits."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from core.services import Services
from core.store import job_runs
from core.store.leases import Lease
from core.watson.claude import answer_waiting

_ROUND_SECONDS = 0.02


def reading(**changes: Any) -> str:
    """An answer in form that says nothing but ``changes``."""
    said = {
        "intent": "none", "priority": "unsaid", "client": "", "operator": "", "site": "", "recipients": [], "day": "",
        "time": "", "minutes": 0, "report": "unsaid", "period": "unsaid", "subject": "", "message": "",
        "injection_suspected": False,
    }  # fmt: skip
    return json.dumps({**said, **changes}, ensure_ascii=False)


def beat(services: Services) -> None:
    """Have the sidecar's lease held, as an active sidecar holds it."""
    Lease(services.database, job_runs.SIDECAR, "test", services.clock).try_acquire()


@contextmanager
def sidecar(services: Services) -> Iterator[None]:
    """Answers questions, in a thread, until the block ends."""
    beat(services)
    # On a busy machine the first import takes longer than a message waits.
    import_module("anthropic")
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(_ROUND_SECONDS):
            answer_waiting(services)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(20)
