"""SIPp, the SIP test tool, underneath `renvoi try`."""

import asyncio
import os
import re
import shutil
import signal
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from renvoi.application.errors import OperatorError

START_TIMEOUT_S = 5.0
_MARK = re.compile(
    r"^-{20,} (?P<day>\d{4}-\d\d-\d\d)[ T](?P<time>\d\d:\d\d:\d\d\.\d+)[^\n]*\n"
    r"\w+ message (?P<how>sent|received)[^\n]*\n\n",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class SippMessage:
    """One message of SIPp's trace: when (ms since 1970), whether it was sent, first line and headers in their order."""

    at_ms: float
    sent: bool
    line: str
    headers: tuple[tuple[str, str], ...]

    def header(self, name: str) -> str:
        """Return the first header of that name, empty when there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def status(self) -> int | None:
        """The status code of an answer, None for a request."""
        return int(self.line.split()[1]) if self.line.startswith("SIP/2.0 ") else None


def find_sipp() -> str:
    """Return where SIPp is.

    Raises:
        OperatorError: it is not installed.
    """
    found = shutil.which("sipp")
    if found is None:
        raise OperatorError("SIPp is not installed: install it with 'apt-get install sip-tester'")
    return found


def sipp_command(sipp: str, scenario: Path, trace: Path, address: tuple[str, int], tcp: bool) -> list[str]:
    """Return the command of one SIPp that handles one call at `address`, and writes its messages to `trace`."""
    host, port = address
    command = [sipp, "-sf", str(scenario), "-m", "1", "-i", host, "-p", str(port), "-t", "t1" if tcp else "u1"]
    return [*command, "-nostdin", "-trace_msg", "-message_file", str(trace), "-message_overwrite", "true"]


@asynccontextmanager
async def running(command: Sequence[str], directory: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run SIPp in `directory`, and end it at the latest when the context ends."""
    process = await asyncio.create_subprocess_exec(
        "setpriv",
        "--pdeathsig",
        "KILL",
        "--",
        *command,
        cwd=directory,
        # In UTC its trace can be read without knowing where it ran.
        env={**os.environ, "TZ": "UTC", "TERM": "dumb"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        await process.wait()


def is_free(address: tuple[str, int], *, tcp: bool) -> bool:
    """Tell whether nobody listens at `address`."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM) as probe:
        if tcp:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError:
            return False
    return True


def free_port(host: str) -> int:
    """Return a UDP port that nobody has at this moment."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


async def wait_until_listening(address: tuple[str, int], *, tcp: bool) -> None:
    """Wait until somebody listens at `address`.

    Raises:
        OperatorError: nobody does in time.
    """
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            while is_free(address, tcp=tcp):  # noqa: ASYNC110 - another process binds it, and sends no event
                await asyncio.sleep(0.02)
    except TimeoutError as error:
        raise OperatorError(f"SIPp did not start to listen at {address[0]}:{address[1]}") from error


def read_trace(path: Path) -> list[SippMessage]:
    """Read the messages that SIPp has written to `path`; none when it wrote nothing."""
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n")
    marks = list(_MARK.finditer(text))
    starts = [mark.start() for mark in marks]
    return [_message(mark, text[mark.end() : end]) for mark, end in zip(marks, [*starts[1:], len(text)], strict=False)]


def _message(mark: re.Match[str], text: str) -> SippMessage:
    head = text.split("\n\n", 1)[0].strip().split("\n")
    headers = tuple((name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in head[1:]))
    moment = datetime.fromisoformat(f"{mark['day']}T{mark['time'][:15]}").replace(tzinfo=UTC)
    return SippMessage(moment.timestamp() * 1000, mark["how"] == "sent", head[0], headers)
