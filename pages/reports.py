"""Reports: pictures, tables and files of any period, put together, by schedule, and what was made before."""

from core.errors import TollwatchError
from core.ui import address, frame, states
from core.ui.reports import choice, history, report_address, schedules
from core.ui.reports import view as report_view
from core.ui.session import require
from core.ui.text import t

person = require("reports.view")

frame.heading("reports")
view = address.tabs("view", ("make", "schedules", "history"), lambda name: t(f"reports_page.views.{name}"))
try:
    if view == "history":
        history.listing(person)
    elif view == "schedules":
        schedules.listing(report_address.read(), person)
    else:
        order = report_address.read()
        choice.controls(order, person)
        report_view.draw(order, person)
except TollwatchError as error:
    states.failed(error)
