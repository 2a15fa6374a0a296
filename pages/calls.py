"""Calls: every call record, or every call made of them, under one filter, which the address holds."""

from core.errors import TollwatchError
from core.ui import frame, states
from core.ui.calls import explorer, filters
from core.ui.journey import filters as journey_filters
from core.ui.journey import listing as journey_listing
from core.ui.session import require

require("calls.view")

heading = frame.heading("calls")
if journey_listing.chosen():
    asked = journey_filters.from_address()
    with heading:
        journey_listing.actions(asked)
    journey_filters.sentence(asked, journey_filters.bar(asked))
    try:
        journey_listing.draw(asked)
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
