"""Connections: the Webex connection, its health and its log, and files brought in by hand."""

from core.ui import frame
from core.ui.connections import card, consent_and_doctor
from core.ui.session import require

require("connections.view")

frame.heading("connections")
consent_and_doctor.banner()
card.cards()
consent_and_doctor.parts()
