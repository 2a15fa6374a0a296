"""The sandbox's own channel: made once, so that whoever tries the product sees notifications arrive."""

from core.detection.finding import SEVERITIES
from core.language import DEFAULT_LANGUAGE, translate
from core.notify import channel_book, mailbox, rules
from core.notify.channel_book import ChannelForm
from core.notify.rules import WORTH_KNOWING, Rule
from core.notify.severities import at_least
from core.services import Services
from core.store.models.operations import SettingValue

ACTOR = "sandbox"
DESK = "fraud-desk@sandbox.invalid"
_MADE = "notify.sandbox_channel"


def make_once(services: Services) -> bool:
    """Make the mailbox with two rules, at the first start of a sandbox without a mail server; whether it was now.

    Somebody who removes it does not get it again.
    """
    if not mailbox.is_used(services.settings):
        return False
    with services.database.write() as session:
        if session.get(SettingValue, _MADE) is not None:
            return False
        session.add(SettingValue(name=_MADE, value=DESK, changed_at=services.clock.now(), changed_by=ACTOR))
        if channel_book.listed(session):
            return False
    name = translate("notify.mailbox.channel", DEFAULT_LANGUAGE)
    form = ChannelForm(name=name, kind="email", values={"recipients": DESK})
    channel_id = channel_book.add(services, form, actor=ACTOR).channel_id
    grave = tuple(at_least("high"))
    others = tuple(severity for severity in SEVERITIES if severity not in grave)
    for rule in (
        Rule(channel_id=channel_id, severities=grave, events=WORTH_KNOWING),
        Rule(channel_id=channel_id, severities=others, events=WORTH_KNOWING, delivery="daily"),
    ):
        rules.add(services.database, services.clock, rule, actor=ACTOR)
    return True
