"""Kamailio's log lines, taken apart so that the supervisor can log them as its own."""

import re
from dataclasses import dataclass

_LINE = re.compile(
    r"\s*(?P<process>[0-9]+)\((?P<pid>[0-9]+)\) (?P<level>[A-Z]+): (?:\{call=(?P<call_id>[^}]*)\} )?"
    r"(?P<module>\S+) (?:\[[^]]*\]: )?(?:\w+\(\): )?(?P<text>.*)"
)
_LEVELS = {"DEBUG": "debug", "INFO": "info", "NOTICE": "info", "WARNING": "warning", "ERROR": "error"}


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line: `level` is `debug`, `info`, `warning` or `error`; `call_id` that of the message at hand, if any."""

    level: str
    text: str
    module: str | None = None
    call_id: str | None = None
    pid: int | None = None


def parse_log_line(line: str) -> LogLine | None:
    """Read a line of Kamailio's stderr; None when it is blank. What has another form becomes an `info` of its own."""
    line = line.rstrip()
    if not line.strip():
        return None
    found = _LINE.fullmatch(line)
    if found is None:
        return LogLine("error" if "error" in line.lower() else "info", line.strip())
    call_id = found["call_id"]
    late = found["module"].strip("<>:") == "jsonrpcs" and "failed to send the response" in found["text"]
    return LogLine(
        # We asked while it was starting, and had stopped waiting: that is no error of anybody.
        "debug" if late else _LEVELS.get(found["level"], "error"),
        found["text"],
        found["module"].strip("<>:"),
        call_id if call_id and call_id != "<null>" else None,
        int(found["pid"]),
    )
