"""A sidecar whose jobs note what they do in a file: run by the tests that kill processes."""

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import TransientError
from core.store.engine import Database
from jobs.registry import Job, JobContext
from jobs.sidecar import Sidecar
from tests.jobs.sidecars import services_of

SHORT_LEASE = 4.0
"""Seconds: short enough to be waited for, longer than a busy machine leaves a process standing."""


def jobs_of(name: str, data_dir: Path) -> list[Job]:
    """A job on the clock, a quick one, a patient one that heeds a stop, a failing one, one that ends the process."""

    def note(word: str) -> None:
        with (data_dir / "done").open("a") as file:
            file.write(f"{name}:{word}\n")

    def quick(context: JobContext) -> Mapping[str, Any]:
        note(f"quick {context.arguments.get('n', '')}")
        return {"n": context.arguments.get("n")}

    def beat(context: JobContext) -> Mapping[str, Any]:
        note("beat")
        return {}

    def patient(context: JobContext) -> Mapping[str, Any]:
        note("patient begins")
        while not context.stopping():
            context.services.clock.sleep(0.02)
        note("patient stops")
        return {"half": True}

    def failing(context: JobContext) -> Mapping[str, Any]:
        raise TransientError(retry_after_seconds=120)

    def deadly(context: JobContext) -> Mapping[str, Any]:
        if name == "first":
            note("deadly begins")
            os.kill(os.getpid(), signal.SIGKILL)
        note("deadly ends")
        return {}

    return [
        Job("beat", beat, every_seconds=0.2),
        Job("quick", quick),
        Job("patient", patient),
        Job("failing", failing),
        Job("deadly", deadly),
    ]


def main(url: str, data_dir: Path, name: str) -> None:
    """Run until SIGTERM."""
    sidecar = Sidecar(
        services_of(Database(url), data_dir),
        jobs_of(name, data_dir),
        holder=name,
        poll_seconds=0.05,
        lease_seconds=float(os.environ.get("LEASE_SECONDS", SHORT_LEASE)),
        command_lease_seconds=SHORT_LEASE,
        grace_seconds=5,
    )
    signal.signal(signal.SIGTERM, lambda *_: sidecar.stop())
    sidecar.run()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
