"""Kamailio's log lines, taken apart so that the supervisor can log them as its own."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from renvoi.domain.repetitions import Repetitions
from renvoi.domain.text import counted

MAX_TEXT = 1024
"""Characters of a line that are kept; Kamailio's parser repeats what it cannot read, which may be 64 KiB."""
_LINE = re.compile(
    r"\s*(?P<process>[0-9]+)\((?P<pid>[0-9]+)\) (?P<level>[A-Z]+): (?:\{call=(?P<call_id>[^}]*)\} )?"
    r"(?P<module>\S+) (?:\[(?P<place>[^]]*)\]: )?(?:\w+\(\): )?(?P<text>.*)"
)
_DIGITS = re.compile(r"[0-9]+")
_NO_PLACES = ("core/kemi.c", "xlog.c")
"""Where lines of our own come from, whatever they are about."""
_NO_CALL = (None, "", "<null>", "123")
"""The last one is the Call-ID of the message that Kamailio makes up where it has read none (core/fmsg.c), as before it
parses what has come."""
_LEVELS = {"DEBUG": "debug", "INFO": "info", "NOTICE": "info", "WARNING": "warning", "ERROR": "error"}


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line: `level` is `debug`, `info`, `warning` or `error`; `call_id` that of the message at hand, if any.

    `place` is where in Kamailio's source it was written, where that tells what it is about.
    """

    level: str
    text: str
    module: str | None = None
    call_id: str | None = None
    pid: int | None = None
    place: str | None = field(default=None, compare=False)

    @property
    def kind(self) -> str:
        """What lines that say the same of different messages have in common."""
        if self.module is None:
            return ""
        return f"{self.module} {self.place or _DIGITS.sub('', self.text)[:48]}"


class BoundedLines:
    """Lets lines through, of each kind as many as `Repetitions` does, and tells how many there were beyond.

    Peers choose what Kamailio cannot read, and how often: without a bound they could fill the disk.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """Use `clock`, in seconds."""
        self._repetitions = Repetitions[LogLine](clock)

    def filter(self, line: LogLine) -> Iterator[LogLine]:
        """Yield what shall be logged now that `line` has come: itself, if at all, after what is logged about others."""
        for count, first in self._repetitions.left_out():
            others = counted(count, "more line like this was", "more lines like this were")
            text = f"{others} left out within a minute: {first.text}"
            yield replace(first, text=text[:MAX_TEXT])
        if self._repetitions.admit(line.kind, line):
            yield line


def parse_log_line(line: str) -> LogLine | None:
    """Read a line of Kamailio's stderr; None when it is blank. What has another form becomes an `info` of its own."""
    line = line.rstrip()
    if not line.strip():
        return None
    found = _LINE.fullmatch(line)
    if found is None:
        return LogLine("error" if "error" in line.lower() else "info", line.strip()[:MAX_TEXT])
    call_id, place = found["call_id"], found["place"]
    late = found["module"].strip("<>:") == "jsonrpcs" and "failed to send the response" in found["text"]
    return LogLine(
        # We asked while it was starting, and had stopped waiting: that is not an error.
        "debug" if late else _LEVELS.get(found["level"], "error"),
        found["text"][:MAX_TEXT],
        found["module"].strip("<>:"),
        call_id if call_id not in _NO_CALL else None,
        int(found["pid"]),
        None if place is None or place.startswith(_NO_PLACES) else place,
    )
