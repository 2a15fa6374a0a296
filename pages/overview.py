"""The page of that name."""

from core.ui import frame
from core.ui.session import require

user = require("overview.view")
frame.heading("overview")
