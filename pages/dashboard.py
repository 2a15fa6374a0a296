"""Dashboard: what is going on now, refreshed by itself and readable on a wall."""

from core.errors import TollwatchError
from core.ui import address, frame, states
from core.ui.dashboard import wall
from core.ui.session import require
from core.ui.text import t

require("reports.view")

frame.heading("dashboard")
try:
    wall.wall(address.tabs("period", wall.PERIODS, lambda name: t(f"reports_page.wall.{name}")))
except TollwatchError as error:
    states.failed(error)
