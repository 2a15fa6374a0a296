"""Logging of every process: one line an event, as text or JSON, with secrets and personal data struck out."""

import logging
import re
import sys

import structlog

from core.settings import Settings

_STRUCK_OUT = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), r"\1 …"),
    (
        # The one-time set-up link stays readable: the log is where it is handed over.
        re.compile(
            r"(?i)(?<!/set-up\?)(\"?\b(?:access_token|refresh_token|client_secret|id_token|code_verifier|password"
            r"|secret|api_key|token|code|state|signature)\b\"?\s*[=:]\s*\"?)[^\s\"&,;}]{4,}"
        ),
        r"\1…",
    ),
    (re.compile(r"\btw_[\w-]{10,}"), "tw_…"),
    (re.compile(r"(?i)\b([\w.%-])[\w.+%-]*@([\w-]+\.[\w.-]+)"), r"\1…@\2"),
    (re.compile(r"((?:%2B|\+)\d{2})\d{4,}(\d{2})(?!\d)"), r"\1…\2"),
)
_QUIETER = ("httpx", "httpcore", "uvicorn.access", "alembic", "apscheduler")


def redacted(text: str) -> str:
    """``text`` without tokens, passwords, whole e-mail addresses and whole telephone numbers."""
    for pattern, replacement in _STRUCK_OUT:
        text = pattern.sub(replacement, text)
    return text


class Redaction(logging.Filter):
    """Strikes out of whatever is logged, traces included, what ``redacted`` strikes out."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redacted(record.getMessage()), None
        if record.exc_info:
            trace = redacted(logging.Formatter().formatException(record.exc_info))
            record.msg, record.exc_info, record.exc_text = f"{record.msg}\n{trace}", None, None
        return True


def configure(settings: Settings) -> None:
    """Send everything from ``LOG_LEVEL`` up to standard error in the form of ``LOG_FORMAT``; times are UTC."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Redaction())
    handler.setFormatter(_formatter(as_json=settings.log_format == "json"))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level)
    for name in _QUIETER:
        logging.getLogger(name).setLevel(logging.WARNING)


def _formatter(*, as_json: bool) -> logging.Formatter:
    details: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=details,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
