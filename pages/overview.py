"""Overview: the traffic at a glance, refreshed by itself, each figure a way into the calls behind it."""

from core.errors import TollwatchError
from core.ui import frame, states
from core.ui.overview import watch
from core.ui.session import require

require("overview.view")

frame.heading("overview")
try:
    watch.live(watch.controls())
except TollwatchError as error:
    states.failed(error)
