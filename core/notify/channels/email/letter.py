"""The mail itself: text and HTML side by side, threaded by subject, with an id that never changes."""

from collections.abc import Sequence
from datetime import UTC
from email import policy
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from core.notify.notice import Attachment, Notice, Order
from core.settings import Settings

COLOURS = {
    "critical": ("#B30414", "#FFFFFF"),
    "high": ("#E30519", "#FFFFFF"),
    "medium": ("#F2A900", "#010101"),
    "low": ("#3C6E9F", "#FFFFFF"),
}
"""Ground and letters of each severity's label; both together reach a contrast of 4.5."""
_PLAIN = ("#8B8E94", "#010101")
_URGENT = ("critical", "high")
_PRODUCT = "Tollwatch"
_SUBJECT = "Subject"
_READABLE = "quoted-printable"
_CALENDAR = "text/calendar"


def letter(order: Order) -> bytes:
    """The mail for all recipients of ``order``, as it goes over the wire; the same at each attempt.

    Raises ``ValueError`` for what no header can hold.
    """
    # Python's EmailMessage loses spaces when it folds a subject of several encoded words; Header does not.
    subject = Header(order.notice.title, "utf-8", header_name=_SUBJECT).encode(linesep="\r\n")
    return f"{_SUBJECT}: {subject}\r\n".encode("ascii") + _without_subject(order).as_bytes(policy=policy.SMTP)


def _without_subject(order: Order) -> EmailMessage:
    notice, settings = order.notice, order.services.settings
    host = mail_host(settings)
    mail = EmailMessage()
    mail["From"] = sender(settings)
    mail["To"] = _addresses(order.recipients)
    mail["Date"] = format_datetime(order.written_at.astimezone(UTC))
    mail["Message-ID"] = f"<{order.message_id}@{host}>"
    if notice.reply_to:
        mail["Reply-To"] = Address(addr_spec=notice.reply_to)
    # Nothing bears this id: mails about one thing hang together by it, whichever of them arrived.
    for field in ("In-Reply-To", "References"):
        mail[field] = f"<{notice.thread}.tollwatch@{host}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    if notice.manage:
        mail["List-Unsubscribe"] = f"<{notice.manage}>"
    if notice.severity in _URGENT:
        mail["Importance"] = "high"
    mail.set_content(_filled("notice.txt", notice), cte=_READABLE)
    mail.add_alternative(_filled("notice.html", notice), subtype="html", cte=_READABLE)
    for attachment in notice.attachments:
        if (method := _calendar_method(attachment)) is not None:
            _invite(mail, attachment, method)
    for attachment in notice.attachments:
        _attach(mail, attachment)
    mail["Content-Language"] = notice.language
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        # A boundary of chance would make another mail of the same message at the next attempt.
        part.set_boundary(f"={number}-{order.message_id}=")
    return mail


def sender(settings: Settings) -> str:
    """The sender's address, with a name."""
    if settings.smtp_from:
        return settings.smtp_from
    return str(Address(_PRODUCT, "tollwatch", mail_host(settings)))


def sender_address(settings: Settings) -> str:
    """The sender's bare address, as the envelope has it."""
    return parseaddr(sender(settings))[1]


def mail_host(settings: Settings) -> str:
    """The name behind the ``@`` of ids and of the default sender: the sender's, else that of ``BASE_URL``."""
    named = parseaddr(settings.smtp_from)[1].rpartition("@")[2]
    host = named or urlsplit(settings.base_url).hostname or ""
    return host if host and not host.replace(".", "").isdigit() and ":" not in host else "tollwatch.invalid"


@cache
def _templates() -> Environment:
    folder = Path(__file__).parent / "templates"
    # Only what ends in .html is escaped: the text part is read as it stands.
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
    )


def _filled(template: str, notice: Notice) -> str:
    colour, on_colour = COLOURS.get(notice.severity, _PLAIN)
    return (
        _templates().get_template(template).render(notice=notice, colour=colour, on_colour=on_colour, colours=COLOURS)
    )


def _addresses(recipients: Sequence[str]) -> list[Address]:
    return [Address(addr_spec=recipient) for recipient in recipients]


def _calendar_method(attachment: Attachment) -> str | None:
    """What a calendar is to do with an invitation (RFC 5546); ``None`` for what is none."""
    kind, parameters = _parsed(attachment.media_type)
    return parameters.get("method", "PUBLISH") if kind == _CALENDAR else None


def _invite(mail: EmailMessage, attachment: Attachment, method: str) -> None:
    """Put an invitation beside text and HTML, where mail programs look for what belongs into the calendar."""
    text = attachment.content.decode("utf-8")
    mail.add_alternative(text, subtype="calendar", cte="base64", params={"method": method})


def _attach(mail: EmailMessage, attachment: Attachment) -> None:
    kind, parameters = _parsed(attachment.media_type)
    # An invitation stands in the mail already; the file is for programs that do not look there (RFC 6047 §2.4).
    main, _, sub = ("application/ics" if kind == _CALENDAR else kind).partition("/")
    mail.add_attachment(
        attachment.content, maintype=main, subtype=sub or "octet-stream", filename=attachment.name, params=parameters
    )


def _parsed(media_type: str) -> tuple[str, dict[str, str]]:
    """A media type and its parameters."""
    kind, _, rest = media_type.partition(";")
    pairs = (parameter.strip().partition("=") for parameter in rest.split(";"))
    return kind.strip().lower(), {key: value for key, _, value in pairs if key and value}
