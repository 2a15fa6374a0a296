"""Jobs: what works in the background, what it did, and the records it could not read."""

from core.ui import address, frame
from core.ui.jobs import board, quarantine
from core.ui.session import require
from core.ui.text import t

require("jobs.view")

frame.heading("job_board")
SHOWN = {"now": board.live, "history": board.history, "quarantine": quarantine.listing}
SHOWN[address.tabs("view", list(SHOWN), lambda name: t(f"jobs_page.tabs.{name}"))]()
