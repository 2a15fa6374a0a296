"""Sending a mail: by the mail server of the settings, or in the sandbox without one into a folder."""

from dataclasses import replace

from core.language import translate
from core.notify import mailbox
from core.notify.channels.email.conversation import hand_over
from core.notify.channels.email.letter import letter
from core.notify.errors import ChannelIncompleteError, MailNotConfiguredError, MailRefusedError, MailTooLargeError
from core.notify.notice import Notice, Order, Receipt


def send(order: Order) -> Receipt:
    """One mail to everybody who is still to have it. Raises ``MailNotConfiguredError`` and as ``hand_over`` says."""
    settings = order.services.settings
    if not order.recipients:
        raise ChannelIncompleteError(field="recipients")
    if not settings.smtp_host and not settings.sandbox:
        raise MailNotConfiguredError
    mail = _written(order)
    if settings.smtp_host:
        return _handed_over(order, mail)
    return Receipt(mailbox.keep(settings, order.message_id, order.recipients, mail))


def _handed_over(order: Order, mail: bytes) -> Receipt:
    """The mail with its files, or where the server takes none so large, without them and saying so."""
    settings = order.services.settings
    try:
        return hand_over(settings, mail, order.recipients)
    except MailTooLargeError:
        lighter = _without_files(order.notice)
        if lighter == order.notice:
            raise
        return hand_over(settings, _written(replace(order, notice=lighter)), order.recipients)


def _without_files(notice: Notice) -> Notice:
    """The message with its invitations alone, which are small and of no use elsewhere."""
    kept = tuple(one for one in notice.attachments if one.media_type.startswith("text/calendar"))
    left = [one.name for one in notice.attachments if one not in kept]
    if not left:
        return notice
    told = translate("notify.files_left", notice.language, files=", ".join(left))
    return replace(notice, attachments=kept, paragraphs=(*notice.paragraphs, told))


def _written(order: Order) -> bytes:
    """The mail; an address or a name that no header can hold makes it undeliverable, not the sender fail."""
    try:
        return letter(order)
    except (ValueError, IndexError) as error:
        raise MailRefusedError(host="–", status=0, detail=type(error).__name__) from error
