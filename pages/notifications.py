"""Notifications: who is told of what, by which way, and what became of every message."""

from core.notify import mailbox
from core.ui import (
    address,
    frame,
    notification_channels,
    notification_log,
    notification_mailbox,
    notification_parts,
    notification_rules,
)
from core.ui.session import require, services
from core.ui.text import t

require("notifications.manage")

frame.heading("notifications")
notification_parts.notices()
SHOWN = {
    "channels": notification_channels.channels,
    "rules": notification_rules.listed_rules,
    "log": notification_log.log,
}
if mailbox.is_used(services().settings):
    SHOWN["mailbox"] = notification_mailbox.kept_mails
SHOWN[address.tabs("view", list(SHOWN), lambda name: t(f"notifications.tabs.{name}"))]()
