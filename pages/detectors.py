"""Detectors: what each looks for and how it is tuned, activity that is expected, and the prices of a loss."""

from core.ui import address, frame
from core.ui.detectors import expected_activity, listing, tariff
from core.ui.session import require
from core.ui.text import t

require("alerts.view")

frame.heading("detectors")
SHOWN = {
    "detectors": listing.board,
    "expected": expected_activity.board,
    "tariff": tariff.board,
}
SHOWN[address.tabs("view", list(SHOWN), lambda name: t(f"tuning.tabs.{name}"))]()
