"""The words of outbound calls that several modules share."""

DATA_VERSION = "dialer"
"""What pages cache on; raised with every change of a call or of the connection."""
WAKE_TOPIC = "tollwatch_dialer"
"""What the listener is woken by when somebody wants to dial or to hang up."""

CHANNEL_PREFIX = "tw-"
SOURCES = ("pad", "api", "test")
"""Who wanted the call: a person at the dial pad, a program, a scheduled test."""

PLAY, BRIDGE, HOLD, DIALPLAN = "play", "bridge", "hold", "dialplan"
AFTER_ANSWER = (PLAY, BRIDGE, HOLD, DIALPLAN)
"""What the callee gets: a sound or tone, an extension, silence until somebody hangs up, or Asterisk's own dialplan."""

BY_LIMIT = "limit"
"""In place of a person: the call had its longest length."""
BY_END_OF_PROMPT = "prompt"
"""In place of a person: all that was to be heard had been played."""
BY_OTHER_SIDE = "bridge"
"""In place of a person: the extension hung up or was not reached."""
HANGUP_REASONS = (BY_LIMIT, BY_END_OF_PROMPT, BY_OTHER_SIDE)

LONGEST_PENDING_SECONDS = 20.0
"""A call that could not be placed by then is not placed at all: nobody expects it any more."""
