"""Notifications: who is told of what, by which way, and what became of every message."""

from core.notify import mailbox
from core.ui import address, frame
from core.ui.notifications import channels, log, rules
from core.ui.notifications import mailbox as notification_mailbox
from core.ui.session import require, services
from core.ui.text import t

require("notifications.manage")

frame.heading("notifications")
SHOWN = {
    "channels": channels.channels,
    "rules": rules.listed_rules,
    "log": log.log,
}
if mailbox.is_used(services().settings):
    SHOWN["mailbox"] = notification_mailbox.kept_mails
SHOWN[address.tabs("view", list(SHOWN), lambda name: t(f"notifications.tabs.{name}"))]()
