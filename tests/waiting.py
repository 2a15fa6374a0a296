"""Waiting for what another process or the database does in its own time, with a deadline instead of a sleep."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
_PAUSE_SECONDS = 0.02


def until(look: Callable[[], T | None], seconds: float = 20.0) -> T:
    """Look again and again until the answer is true; gives it. Fails after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s")
        time.sleep(_PAUSE_SECONDS)
    return seen


def awaited(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine gives, run in a thread of its own: the browser's driver keeps a loop running in the main one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
