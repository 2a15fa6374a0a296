"""Queues: how calls fare in queues and hunt groups, who takes them, and where they go."""

from core.errors import TollwatchError
from core.ui import frame, journey_filters, queue_board, states
from core.ui.session import require

require("journeys.view")

heading = frame.heading("queues")
current = journey_filters.from_address()
with heading:
    queue_board.actions(current)
names = journey_filters.bar(current)
journey_filters.sentence(current, names)
queue_board.ask_threshold()
try:
    queue_board.draw(current)
except TollwatchError as error:
    states.failed(error)
