"""Reports: pictures, tables and files of any period, put together, by schedule, and what was made before."""

from core.errors import TollwatchError
from core.ui import (
    address,
    frame,
    report_address,
    report_choice,
    report_history,
    report_notices,
    report_schedules,
    report_view,
    states,
)
from core.ui.session import require
from core.ui.text import t

person = require("reports.view")

frame.heading("reports")
view = address.tabs("view", ("make", "schedules", "history"), lambda name: t(f"reports_page.views.{name}"))
report_notices.told()
try:
    if view == "history":
        report_history.listing(person)
    elif view == "schedules":
        report_schedules.listing(report_address.read(), person)
    else:
        order = report_address.read()
        report_choice.controls(order, person)
        report_view.draw(order, person)
except TollwatchError as error:
    states.failed(error)
