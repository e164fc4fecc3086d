"""Logs: a constant sentence plus allowed keys; whatever else is given is dropped, never printed."""

import logging
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED_KEYS = frozenset({
    "event", "level", "timestamp", "service", "error", "where", "reason", "fix", "cause",
    "merchant_id", "conversation_id", "event_id", "event_type", "case_id", "erasure_id",
    "topic", "partition", "offset", "attempt", "seconds", "count", "status", "path", "method",
    "port", "host", "bootstrap", "store", "collection", "index", "version", "pack_version",
    "intent", "outcome", "lag", "pid", "code", "skill", "position", "seq", "problem",
})  # fmt: skip
"""Keys that a log line may carry; none of them may hold what a visitor wrote."""

EventDict = MutableMapping[str, Any]


def keep_allowed(_logger: object, _method: str, line: EventDict) -> EventDict:
    """Drops every key that is not on the list and says how many were dropped."""
    kept = {key: value for key, value in line.items() if key in ALLOWED_KEYS}
    if len(kept) < len(line):
        kept["dropped_keys"] = len(line) - len(kept)
    return kept


def configure(service: str, level: str, log_format: str) -> None:
    """Sets up structlog for this process; libraries may say warnings, by name only."""
    numeric = logging.getLevelNamesMapping()[level.upper()]
    renderer = (
        structlog.dev.ConsoleRenderer(colors=False)
        if log_format == "console"
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    _quiet_libraries()


class _NamesOnly(logging.Handler):
    """Passes on that a library warned, not what it said: its text may quote a record."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger()
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        log.warning("A library reported a problem.", where=record.name, error=error)


def _quiet_libraries() -> None:
    root = logging.getLogger()
    root.handlers = [_NamesOnly(level=logging.WARNING)]
    root.setLevel(logging.WARNING)
