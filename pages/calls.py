"""Calls: every call record under one filter, which the address holds."""

from core.errors import TollwatchError
from core.ui import explorer, filters, frame, states
from core.ui.session import require

require("calls.view")

heading = frame.heading("calls")
current = filters.from_address()
with heading:
    explorer.actions(current)
names = filters.bar(current)
filters.sentence(current, names)
try:
    if explorer.strip(current):
        explorer.histogram(current)
        explorer.grid(current, explorer.page(current))
    else:
        explorer.nothing()
except TollwatchError as error:
    states.failed(error)
