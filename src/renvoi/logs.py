"""Structured logs: one event a line on stderr, as JSON or coloured for a person."""

import json
import logging
import os
import signal
import sys
from collections.abc import Mapping, MutableMapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TextIO

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from renvoi.domain.text import read_json
from renvoi.log_writer import LogWriter

LEVELS = ("debug", "info", "warning", "error", "critical")
LEVEL_SIGNALS = {level: signal.SIGRTMIN + place for place, level in enumerate(LEVELS)}
"""What tells a part of the node that works at which level it is to log from now on."""

_PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
"""Of syslog, by level: what systemd's journal takes from the head of a line (sd-daemon(3))."""
_TIME = structlog.processors.TimeStamper(fmt="iso", utc=True)
_STACK = structlog.processors.StackInfoRenderer()
_writer: LogWriter | None = None
"""Of this process, where lines may be batched."""


class _Output:
    """Where the events of structlog's loggers end, as lines."""

    def __init__(self, writer: LogWriter) -> None:
        self.debug = self.info = self.warning = writer.write
        # What ends a process is logged as an error, so this must be out when it ends.
        self.error = self.critical = writer.write_now


class _LibraryHandler(logging.Handler):
    """Writes what libraries log by `logging`."""

    def __init__(self, writer: LogWriter) -> None:
        super().__init__()
        self._writer = writer

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`."""
        try:
            line = self.format(record).encode("utf-8", "backslashreplace")
        except Exception:  # noqa: BLE001 - as all handlers of `logging` do: it must not fail whoever logs
            self.handleError(record)
            return
        (self._writer.write_now if record.levelno >= logging.ERROR else self._writer.write)(line)


def configure(form: str | None, level: str, stream: TextIO | None = None) -> None:
    """Log to `stream` (default stderr) from now on, this process's `logging` included.

    `form` is `console`, `json`, or None for console on a terminal and JSON elsewhere; `level` one of `LEVELS`.
    Each line is written at once; see `batched`. JSON for systemd's journal begins with its priority, which the journal
    takes off.
    """
    global _writer  # noqa: PLW0603 - one for each process, as the configuration of `structlog` and `logging` is
    stream = stream or sys.stderr
    console = form == "console" or (form is None and stream.isatty())
    writer = LogWriter(stream)
    _writer = None if console else writer
    as_json = _json_for_journal if _is_journal(stream) else _json
    renderers = _console(stream.isatty()) if console else [structlog.processors.format_exc_info, as_json]
    handler = _LibraryHandler(writer)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.add_log_level,
                structlog.stdlib.ExtraAdder(),
                _TIME,
                _STACK,
            ],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    # They log their own start and end, which the node does already; the pool logs each connection that fails.
    for library, least in (("alembic", logging.WARNING), ("uvicorn", logging.WARNING), ("psycopg.pool", logging.ERROR)):
        logging.getLogger(library).setLevel(least)
    output = _Output(writer)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _time,
            _STACK,
            *renderers,
            _encode,
        ],
        # `logging` would take five times as long for a line, and a request logs one.
        logger_factory=lambda *_: output,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )


def set_level(level: str) -> None:
    """Log from this level on, of `LEVELS`, from now on."""
    logging.getLogger().setLevel(level.upper())
    structlog.configure(**{**structlog.get_config(), "wrapper_class": structlog.make_filtering_bound_logger(level)})


def batched() -> AbstractContextManager[None]:
    """Let lines wait a moment for others, to be written together; errors, and all when this ends, are not kept waiting.

    Begin it when the signals that end the process are handled: what waits is lost with a process that is killed. A
    person who reads along gets each line at once.
    """
    return nullcontext() if _writer is None else _writer.batched()


def _time(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    # A line of a child process has its own time: it waited there to be written with others.
    own = event.pop("timestamp", None)
    if not isinstance(own, str):
        stamped: EventDict = _TIME(logger, name, event)
        return stamped
    event["timestamp"] = own
    return event


def _console(colours: bool) -> list[Processor]:
    # The renderer's own tracebacks show local variables, and with them the API keys of requests.
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=plain)]


_to_json = msgspec.json.Encoder().encode
_any_to_json = structlog.processors.JSONRenderer(ensure_ascii=False)
_PLAIN = frozenset({str, int, float, bool, type(None)})


def _json(logger: WrappedLogger, name: str, event: EventDict) -> str | bytes:
    try:
        # Nothing else takes this way: msgspec would show the fields of an object that its `repr` hides.
        if _PLAIN.issuperset(map(type, event.values())):
            # Formatted as `json` does it, with a space after each comma and colon: people search for these lines.
            return msgspec.json.format(_to_json(event), indent=0).decode()
    except (UnicodeEncodeError, OverflowError):
        pass  # half a character (a surrogate), or a number of more than 64 bits
    try:
        return _any_to_json(logger, name, event)
    except Exception:  # noqa: BLE001 - whoever logs must not fail, whatever is logged
        return json.dumps({name: _shown(value) for name, value in event.items()}, ensure_ascii=False)


def _json_for_journal(logger: WrappedLogger, name: str, event: EventDict) -> str:
    priority = _PRIORITIES.get(str(event.get("level")), 6)
    line = _json(logger, name, event)
    return f"<{priority}>{line if isinstance(line, str) else line.decode()}"


def _is_journal(stream: TextIO) -> bool:
    """Tell whether what is written to `stream` goes to systemd's journal (systemd.exec(5), `$JOURNAL_STREAM`)."""
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False  # a stream of Python's own
    return os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def _shown(value: object) -> object:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - see above
        return f"<{type(value).__name__}>"


def _encode(_: WrappedLogger, __: str, line: Any) -> bytes:
    encoded: bytes = line.encode("utf-8", "backslashreplace")
    return encoded


def relay(part: str, line: str) -> None:
    """Log a line that a child process wrote: its own event when it is one of our JSON lines, else its text."""
    event = _own_event(line)
    if event is None:
        structlog.get_logger(part).info(line, part=part)
        return
    level = event.pop("level", "info")
    text = str(event.pop("event"))
    log(part, str(level), text, {"part": part, **event})


def log(name: str, level: str, text: str, fields: Mapping[str, Any]) -> None:
    """Log `text` with `fields`; an unknown level (not in `LEVELS`) counts as info."""
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
