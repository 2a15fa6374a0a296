"""The integration that the pretend cloud knows: constants shared with whoever connects to it.

They open nothing but a server on loopback that holds invented records.
"""

CLIENT_ID = "C5a1db0c4e0d7b5f1b0f7a9d3c2e6f8091a2b3c4d5e6f70819203a4b5c6d7e8f9"
CLIENT_SECRET = "sandbox-0b6f3d2c9a8e7f615243d0c1b2a39485"  # noqa: S105 - the pretend cloud's own, public by design
BOT_TOKEN = "sandbox-bot-4f1e9d0c7b6a"  # noqa: S105 - as above
"""Token of the pretend bot that may write messages."""
LAUNCHER_HEADER = "X-Tollwatch-Launcher"
"""Header that lets a request on loopback consent without a click; no page can make a browser send it."""

ASTERISK_USER = "tollwatch"
ASTERISK_PASSWORD = "sandbox-ari-7d2e5c1b"  # noqa: S105 - the pretend Asterisk's own, public by design
