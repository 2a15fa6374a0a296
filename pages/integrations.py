"""Integrations: the door for Watson Orchestrate, what came in by it, and where the other doors are set."""

from core.ui import address, frame, integration_doors, integration_talks, integration_watson
from core.ui.session import require
from core.ui.text import t

require("integrations.view")

frame.heading("integrations")
SHOWN = {
    "watson": integration_watson.door,
    "talks": integration_talks.talks,
    "failures": integration_talks.failed_steps,
    "others": integration_doors.others,
}
SHOWN[address.tabs("view", list(SHOWN), lambda name: t(f"integrations.tabs.{name}"))]()
