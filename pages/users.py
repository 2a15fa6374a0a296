"""Users: who calls and how risky that is; the accounts of this product, keys for programs, and the audit."""

from core.ui import address, frame
from core.ui.session import require
from core.ui.text import t
from core.ui.users import accounts, audit, listing

person = require("people.view")

frame.heading("users")
SHOWN = {"calling": listing.board}
if person.may("users.manage"):
    SHOWN |= {"people": accounts.everybody, "keys": accounts.keys, "audit": audit.entries}
SHOWN[address.tabs("view", list(SHOWN), lambda name: t(f"users.tabs.{name}"))]()
