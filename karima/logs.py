"""How the shop logs: one JSON object a line, known fields only, secrets taken out."""

from typing import Any

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from karima import request_id
from karima.scrubbing import redact, scrub

# The `extra` fields that may be logged; anything else a caller passes is dropped.
FIELDS = [
    "method", "route", "status", "ms", "user_id", "other_user_ids", "ip", "code",
    "reason", "order", "attempt", "refund", "gateway_event", "job", "dependency",
    "count",
]  # fmt: skip


def logging_config(level: str, json: bool) -> dict[str, Any]:
    """Return the LOGGING setting: JSON lines, or lines for a person at a terminal."""
    render = _json_renderers() if json else _console_renderers()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _collect(),
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    *render,
                ],
            }
        },
        "handlers": {
            "stdout": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stdout",
                "formatter": "structured",
            }
        },
        "root": {"handlers": ["stdout"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # It tells of every task that it registers, in every process.
            "procrastinate": {"level": "WARNING"},
            # The development server logs query strings; `karima.request` does not.
            "django.server": {"handlers": [], "level": "ERROR", "propagate": True},
        },
    }


def _collect() -> list[Processor]:
    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=FIELDS),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
        add_request_id,
    ]


def _json_renderers() -> list[Processor]:
    return [
        structlog.processors.format_exc_info,
        scrub_event,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]


def _console_renderers() -> list[Processor]:
    return [
        structlog.processors.format_exc_info,
        redact_event,
        structlog.dev.ConsoleRenderer(
            colors=False, timestamp_key="ts", exception_formatter=_plain
        ),
    ]


def _plain(stream: Any, exc_info: Any) -> None:
    """Print nothing: the traceback is already a redacted string."""


def add_request_id(
    logger: WrappedLogger, method_name: str, event: EventDict
) -> EventDict:
    """Name the request that is being answered, if there is one."""
    identifier = request_id.current()
    if identifier:
        event["request_id"] = identifier
    return event


def scrub_event(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Scrub every text in the line: message, fields and traceback."""
    return {key: _clean(value, scrub) for key, value in event.items()}


def redact_event(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Like `scrub_event`, but a traceback keeps its lines for the reader."""
    message = {"event": _clean(event.get("event", ""), scrub)}
    return {key: _clean(value, redact) for key, value in event.items()} | message


def _clean(value: Any, clean: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    return clean(str(value))
