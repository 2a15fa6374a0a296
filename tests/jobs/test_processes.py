"""Children that live together: what they say goes by, what the launcher said comes back."""

import io

from core.clock import SystemClock
from jobs.processes import SCREENFUL, Family


class Screen(io.StringIO):
    """A terminal that keeps what was written to it."""

    def isatty(self) -> bool:
        return True


def test_what_the_logs_push_out_of_a_terminal_is_said_again() -> None:
    screen = Screen()
    family = Family(SystemClock(), screen)
    program = f"import time; [print(n, flush=True) for n in range({SCREENFUL})]; time.sleep(60)"

    def remind() -> None:
        screen.write("Tollwatch answers\n")
        family.stopping = True

    try:
        family.start("talker", ("-c", program), {})
        assert family.watch(remind) is None
    finally:
        family.end()
    assert screen.getvalue().endswith(f"  talker | {SCREENFUL - 1}\nTollwatch answers\n")
