"""How long the keeper of calls waits for what."""

from dataclasses import dataclass

WAKE_SECONDS = 0.02
"""How often we ask whether somebody wrote; see ``core.store.change_signal`` for what that costs."""
ROUND_SECONDS = 1.0
BEAT_SECONDS = 5.0
SETTLE_SECONDS = 0.5
"""A channel that is gone: its end may still be on its way through the socket."""
LEFT_SECONDS = 3.0
"""A channel left our application: as a rule its end follows within milliseconds, and nothing is to be looked up."""
LOOK_AGAIN_SECONDS = (0.0, 0.5, 1.0, 2.0, 4.0)
"""A request whose answer was lost may still be about to arrive at Asterisk."""
HANGUP_AGAIN_SECONDS = 3.0


@dataclass(frozen=True)
class Pace:
    """Waiting times in seconds; shorter in tests."""

    wake: float = WAKE_SECONDS
    round: float = ROUND_SECONDS
    beat: float = BEAT_SECONDS
    settle: float = SETTLE_SECONDS
    left: float = LEFT_SECONDS
    look_again: tuple[float, ...] = LOOK_AGAIN_SECONDS
    hangup_again: float = HANGUP_AGAIN_SECONDS
    ping: float = 20.0
    pong: float = 10.0
    request: float = 10.0
