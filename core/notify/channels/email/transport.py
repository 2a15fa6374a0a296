"""Sending a mail: by the mail server of the settings, or in the sandbox without one into a folder."""

from core.notify import mailbox
from core.notify.channels.email.conversation import hand_over
from core.notify.channels.email.letter import letter
from core.notify.errors import ChannelIncompleteError, MailNotConfiguredError, MailRefusedError
from core.notify.notice import Order, Receipt


def send(order: Order) -> Receipt:
    """One mail to everybody who is still to have it. Raises ``MailNotConfiguredError`` and as ``hand_over`` says."""
    settings = order.services.settings
    if not order.recipients:
        raise ChannelIncompleteError(field="recipients")
    if not settings.smtp_host and not settings.sandbox:
        raise MailNotConfiguredError
    mail = _written(order)
    if settings.smtp_host:
        return hand_over(settings, mail, order.recipients)
    return Receipt(mailbox.keep(settings, order.message_id, order.recipients, mail))


def _written(order: Order) -> bytes:
    """The mail; an address or a name that no header can hold makes it undeliverable, not the sender fail."""
    try:
        return letter(order)
    except (ValueError, IndexError) as error:
        raise MailRefusedError(host="–", status=0, detail=type(error).__name__) from error
