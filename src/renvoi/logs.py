"""Structured logs: one event a line on stderr, as JSON or coloured for a person."""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

from renvoi.domain.json_text import read_json

LEVELS = ("debug", "info", "warning", "error", "critical")

_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
)


def configure(form: str | None, level: str, stream: TextIO | None = None) -> None:
    """Log to `stream` (default stderr) from now on, this process's `logging` included.

    `form` is `console`, `json`, or None for console on a terminal and JSON elsewhere; `level` one of `LEVELS`.
    """
    stream = stream or sys.stderr
    console = form == "console" or (form is None and stream.isatty())
    last: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        *_renderers(console, stream.isatty()),
    ]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=list(_SHARED), processors=last))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    # They tell of their own start and end, which the node does already; the pool of each connection that fails.
    for library, least in (("alembic", logging.WARNING), ("uvicorn", logging.WARNING), ("psycopg.pool", logging.ERROR)):
        logging.getLogger(library).setLevel(least)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _renderers(console: bool, colours: bool) -> list[Processor]:
    if console:
        # The renderer's own tracebacks show local variables, and with them the API keys of requests.
        plain = structlog.dev.plain_traceback
        return [structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=plain)]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]


def relay(part: str, line: str) -> None:
    """Log a line that a child process wrote: its own event when it is one of our JSON lines, else its text."""
    event = _own_event(line)
    if event is None:
        structlog.get_logger(part).info(line, part=part)
        return
    level = event.pop("level", "info")
    text = str(event.pop("event"))
    # The child's own time stamp is dropped for the one of this process: they differ by less than a millisecond.
    event.pop("timestamp", None)
    log(part, str(level), text, {"part": part, **event})


def log(name: str, level: str, text: str, fields: Mapping[str, Any]) -> None:
    """Log `text` with `fields`; a level that is none of `LEVELS` counts as info."""
    number = logging.getLevelNamesMapping()[(level if level in LEVELS else "info").upper()]
    structlog.get_logger(name).log(number, text, **fields)


def _own_event(line: str) -> MutableMapping[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        event = read_json(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event else None
