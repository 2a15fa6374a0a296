"""Users: who calls and how risky that is; the accounts of this product, keys for programs, and the audit."""

from core.ui import address, audit_log, frame, people_page, user_board
from core.ui.session import require
from core.ui.text import t

person = require("people.view")

frame.heading("users")
people_page.notices()
SHOWN = {"calling": user_board.board}
if person.may("users.manage"):
    SHOWN |= {"people": people_page.everybody, "keys": people_page.keys, "audit": audit_log.entries}
SHOWN[address.tabs("view", list(SHOWN), lambda name: t(f"users.tabs.{name}"))]()
