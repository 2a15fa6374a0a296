"""Detectors: what each looks for and how it is tuned, activity that is expected, and the prices of a loss."""

from core.ui import address, detector_board, expected_activity, frame, tariff_board
from core.ui.session import require
from core.ui.text import t

require("alerts.view")

frame.heading("detectors")
SHOWN = {
    "detectors": detector_board.board,
    "expected": expected_activity.board,
    "tariff": tariff_board.board,
}
SHOWN[address.tabs("view", list(SHOWN), lambda name: t(f"tuning.tabs.{name}"))]()
