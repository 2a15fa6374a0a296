"""Connections: the Webex connection, its health and its log, and files brought in by hand."""

from core.ui import connecting, connection_card, frame
from core.ui.session import require

require("connections.view")

frame.heading("connections")
connecting.banner()
connection_card.cards()
connecting.parts()
