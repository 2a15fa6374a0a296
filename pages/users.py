"""Users: people and their roles, keys for programs, and the audit of who did what."""

from core.ui import address, frame, people_page
from core.ui.session import require
from core.ui.text import t

require("users.manage")

frame.heading("users")
people_page.notices()
SHOWN = {"people": people_page.everybody, "keys": people_page.keys, "audit": people_page.audit_log}
SHOWN[address.tabs("view", list(SHOWN), lambda name: t(f"users.tabs.{name}"))]()
