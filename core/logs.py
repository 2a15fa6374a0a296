"""Logging of every process: one line an event, as text or JSON, with secrets and people's numbers taken out.

What libraries log through ``logging`` passes the same redaction as our own events, whichever handler prints it.
"""

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from core.settings import Settings

HIDDEN = "[hidden]"
_SECRET_NAMES = re.compile(
    r"(?i)authorization|cookie|password|passwd|secret|api[_-]?key|token|ticket|^code$|^state$|code[_-]verifier"
)
_OWN_HANDLERS = ("uvicorn.access", "uvicorn.error", "streamlit", "tornado.access")
_HARMLESS_NAMES = frozenset({"code", "state"})
# The one-time set-up link stays readable: the log of the first start is where it is handed over.
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), rf"\1 {HIDDEN}"),
    (
        re.compile(
            r"(?i)(?<!/set-up\?)([\"']?\b(?:access_token|refresh_token|id_token|client_secret|authorization|set-cookie|cookie|password|"
            r"api[_-]?key|x-api-key|secret_key|code_verifier|token)[\"']?\s*[:=]\s*[\"']?)(?!\[hidden\])"
            r"(?:(?:bearer|basic)\s+)?[^\s\"'&,;}]+"
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"\btw_[\w-]{10,}"), f"tw_{HIDDEN}"),
    (re.compile(r"(?i)((?<!/set-up)[?&](?:code|state|ticket|token|key|signature)=)[^&\s\"'#]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)(\b(?:code|state|ticket)=)(?!\[hidden\])[^&\s\"'#]{12,}"), rf"\1{HIDDEN}"),
    (re.compile(r"(://[^/\s:@]+:)[^@\s/]+@"), rf"\1{HIDDEN}@"),
    (re.compile(r"\b[\w.+-]{1,64}@([\w-]+\.)+[A-Za-z]{2,}\b"), "[e-mail]"),
)
_PHONE = re.compile(r"(?<![\w.:-])(\+|00)?(\d[\d ().-]{5,20}\d)(?![\w:]|[.-]\d)")
_FEWEST_PHONE_DIGITS, _MOST_PHONE_DIGITS = 10, 15
_KEPT_FIRST, _KEPT_LAST = 4, 2


def redact(text: str) -> str:
    """The text without tokens, secrets, addresses of people, and the middle digits of phone numbers."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return _PHONE.sub(_mask_phone, text)


def _mask_phone(match: re.Match[str]) -> str:
    found = match.group(0)
    digits = [position for position, letter in enumerate(found) if letter.isdigit()]
    fewest = 7 if match.group(1) else _FEWEST_PHONE_DIGITS
    if not fewest <= len(digits) <= _MOST_PHONE_DIGITS:
        return found
    hidden = set(digits[_KEPT_FIRST:-_KEPT_LAST])
    return "".join("*" if position in hidden else letter for position, letter in enumerate(found))


def redact_value(value: Any) -> Any:
    """The same for values of any shape: names that tell a secret hide their value whole."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {name: _redact_named(str(name), inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact_value(inner) for inner in value]
    if isinstance(value, bool | int | float) or value is None:
        return value
    return redact(str(value))


def _redact_named(name: str, value: Any) -> Any:
    if not _SECRET_NAMES.search(name) or value is None:
        return redact_value(value)
    if name.lower() in _HARMLESS_NAMES and re.fullmatch(r"[a-z_]{1,30}", str(value)):
        return value
    return HIDDEN


class RedactingFilter(logging.Filter):
    """Takes secrets out of what a library logs to a handler of its own; never refuses a record."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and not record.exc_text:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        record.msg = redact(record.getMessage())
        record.args = ()
        return True


def redact_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The structlog processor: the event and each of its values."""
    return {name: _redact_named(name, value) for name, value in event.items()}


def configure(settings: Settings, *, process: str = "web") -> None:
    """Set up logging of this process on standard error; ``process`` names it in each line. Call it once, first."""

    def name_process(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {"process": process, **event}

    shared: list[Processor] = [
        name_process,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact_event,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer: Processor = (
        structlog.processors.JSONRenderer(default=str)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level)
    for name in _OWN_HANDLERS:
        logging.getLogger(name).addFilter(RedactingFilter())
    for noisy in ("httpx", "httpcore", "apscheduler", "alembic", "watchdog", "streamlit"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
