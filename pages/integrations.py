"""Integrations: the door for Watson Orchestrate, what came in by it, and where the other doors are set."""

from core.ui import address, frame
from core.ui.integrations import doors, talks, watson
from core.ui.session import require
from core.ui.text import t

require("integrations.view")

frame.heading("integrations")
SHOWN = {
    "watson": watson.door,
    "talks": talks.talks,
    "failures": talks.failed_steps,
    "others": doors.others,
}
SHOWN[address.tabs("view", list(SHOWN), lambda name: t(f"integrations.tabs.{name}"))]()
