"""Calls: every call record, or every call made of them, under one filter, which the address holds."""

from core.errors import TollwatchError
from core.ui import explorer, filters, frame, journey_filters, journey_list, states
from core.ui.session import require

require("calls.view")

heading = frame.heading("calls")
if journey_list.chosen():
    asked = journey_filters.from_address()
    with heading:
        journey_list.actions(asked)
    journey_filters.sentence(asked, journey_filters.bar(asked))
    try:
        journey_list.draw(asked)
    except TollwatchError as error:
        states.failed(error)
else:
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
