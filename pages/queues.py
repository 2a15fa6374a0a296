"""Queues: how calls fare in queues and hunt groups, who takes them, and where they go."""

from core.errors import TollwatchError
from core.ui import frame, states
from core.ui.journey import filters as journey_filters
from core.ui.queues import board
from core.ui.session import require

require("journeys.view")

heading = frame.heading("queues")
current = journey_filters.from_address()
with heading:
    board.actions(current)
names = journey_filters.bar(current)
journey_filters.sentence(current, names)
board.ask_threshold()
try:
    board.draw(current)
except TollwatchError as error:
    states.failed(error)
