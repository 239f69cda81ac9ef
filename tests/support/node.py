"""A node as installed: `renvoi serve` with a data directory and ports of its own, and its command line."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import httpx

from tests.support.commands import RENVOI, run_command
from tests.support.ports import free_port
from tests.support.waiting import wait_for

NUMBER, SECOND = "+33199001234", "+33261910123"
TARGET, OTHER_TARGET = "+33644630000", "+33644631111"
START_TIMEOUT_S = 90.0
RECORD_TIMEOUT_S = 30.0


def descendants(pid: int) -> list[int]:
    """Return the ids of a process's children, their children, and so on."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        children.setdefault(parent, []).append(int(stat.parent.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found[1:]


def is_alive(pid: int) -> bool:
    """Tell whether a process runs still: one that has ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def command_line(pid: int) -> str:
    """Return a process's command line, empty when it has gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def udp_ports(pid: int) -> list[int]:
    """Return the ports of a process's UDP sockets."""
    opened: set[str] = set()
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        # Others are closed meanwhile.
        with suppress(FileNotFoundError):
            opened.add(str(fd.readlink()))
    sockets = (line.split() for line in Path("/proc/net/udp").read_text("ascii").splitlines()[1:])
    return [int(fields[1].rpartition(":")[2], 16) for fields in sockets if f"socket:[{fields[9]}]" in opened]


class Node:
    """A data directory with an account, a key and two numbers, and the node that serves it.

    With `database_url` they are in that PostgreSQL database, which `beside`, another node, may have filled already.
    `only` is what the node does, by default everything. A `key` is that of data which are there already.
    """

    def __init__(
        self,
        directory: Path,
        *,
        database_url: str | None = None,
        only: str | None = None,
        beside: "Node | None" = None,
        key: str | None = None,
    ) -> None:
        self.data = directory / "data"
        self.log = directory / "node.log"
        self.data.mkdir(mode=0o751, parents=True, exist_ok=True)
        self.http_port, self.inner_port, self.sip_port = free_port(), free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.wrapper: list[str] = []
        """What the node's and the commands' command lines begin with, such as a namespace of their own."""
        settings = {
            "RENVOI_DATABASE_URL": database_url,
            "RENVOI_ONLY": only,
            "RENVOI_INNER_PORT": str(self.inner_port),
            "RENVOI_SIP_TLS_PORT": str(free_port()),
            # Its calls are counted, and tests may make as many as they like.
            "RENVOI_NEW_ACCOUNT_CALLS": "100000",
            "RENVOI_NEW_ACCOUNT_MINUTES": "1000000",
        }
        self.environment = dict(os.environ) | {name: value for name, value in settings.items() if value is not None}
        self.key: str = key or (beside.key if beside is not None else self._fill())
        self._connect()

    def _connect(self) -> None:
        self.api = httpx.Client(base_url=f"http://127.0.0.1:{self.http_port}", timeout=10)
        self.inner = httpx.Client(base_url=f"http://127.0.0.1:{self.inner_port}", timeout=10)

    def _fill(self) -> str:
        self.renvoi("account", "add", "acme")
        key: str = self.renvoi("key", "add", "acme")["key"]
        self.renvoi("number", "add", NUMBER, "--account", "acme")
        self.renvoi("number", "add", SECOND, "--account", "acme")
        self.renvoi("trunk", "add", "carrier", "--inbound", "127.0.0.0/8")
        return key

    @property
    def edge(self) -> tuple[str, int]:
        """Where the edge takes calls."""
        return ("127.0.0.1", self.sip_port)

    def sip_addresses(self) -> list[tuple[str, int]]:
        """Return where the edge and the voicemail workers take SIP; there must be no call, as audio has ports too."""
        workers = (port for pid in self.pids("renvoi.node voicemail ") for port in udp_ports(pid))
        return [self.edge, *(("127.0.0.1", port) for port in workers)]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the command line."""
        words = (*words, "--data", str(self.data))
        if not self.wrapper:
            return run_command(words, self.environment)
        command = [*self.wrapper, RENVOI, *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=self.environment)

    def renvoi(self, *words: str) -> Any:
        """Run a command that must succeed, and return what it prints with --json."""
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def configure(self, **settings: object) -> None:
        """Put settings into the data directory's `renvoi.toml`, in place of those before."""
        lines = (f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
        path = self.data / "renvoi.toml"
        path.touch(0o600)
        path.write_text("".join(lines), "utf-8")

    def start(self, *flags: str) -> Self:
        """Start `renvoi serve`, and wait until it is ready."""
        self.launch(*flags)
        self.wait_ready()
        return self

    def launch(self, *flags: str) -> None:
        """Start `renvoi serve`, again if the node was stopped."""
        if self.api.is_closed:
            self._connect()
        ports = ["--http-port", str(self.http_port), "--sip-port", str(self.sip_port)]
        with self.log.open("ab") as log:
            command = [*self.wrapper, RENVOI, "serve", "--data", str(self.data), *ports, *flags]
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment
            )

    def wait_ready(self, timeout_s: float = START_TIMEOUT_S) -> None:
        """Wait until every part does its work, and nothing needs attention."""
        wait_for(self.is_ready, "readiness", timeout_s)

    def is_ready(self) -> bool:
        """Tell whether that is so now."""
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()[-2000:]
        try:
            return bool(self.inner.get("/readyz").json()["status"] == "ready")
        except httpx.TransportError:
            return False

    def wait_for_another_edge(self, before: Iterable[int]) -> None:
        """Wait until the edge that had these processes, and was killed, is gone, and another one is ready.

        Until the supervisor knows of its end, the node says that it is ready.
        """

        def is_another() -> bool:
            now = set(self.pids("kamailio"))
            return bool(now) and now.isdisjoint(before)

        wait_for(is_another, "another edge", START_TIMEOUT_S)
        self.wait_ready()

    def wait_degraded(self, part: str, why: str) -> None:
        """Wait until the node says of a part that it needs attention, for that reason, and its edge takes calls."""

        def found() -> bool:
            with suppress(httpx.HTTPError, KeyError, ValueError):
                parts = self.inner.get("/readyz").json()["parts"]
                state = parts[part]
                return state["state"] == "degraded" and why in state["detail"] and parts["edge"]["state"] == "ok"
            return False

        wait_for(found, lambda: f"{part} to be degraded: {why} ({self.inner.get('/readyz').text})", START_TIMEOUT_S)

    def wait_part(self, part: str, state: str, why: str = "") -> dict[str, Any]:
        """Wait until the inner /readyz says that a part is in that state, for that reason; return all that it says.

        What it says may be older than what was done just now: it waits for nobody who takes long to answer.
        """

        def found() -> dict[str, Any] | None:
            said: dict[str, Any] = self.inner.get("/readyz").json()
            shown = said["parts"].get(part, {"state": "", "detail": ""})
            return said if shown["state"] == state and why in shown["detail"] else None

        wanted = f"{part} to be {state}: {why}"
        shown: dict[str, Any] = wait_for(found, lambda: f"{wanted} ({self.inner.get('/readyz').text})", START_TIMEOUT_S)
        return shown

    def wait_metric(self, *lines: str) -> None:
        """Wait until the inner /metrics has these lines, which may be late as what /readyz says may be."""

        def has_all() -> bool:
            return set(lines) <= set(self.inner.get("/metrics").text.splitlines())

        wait_for(has_all, lambda: f"{lines} ({self.inner.get('/metrics').text})", START_TIMEOUT_S)

    def readiness(self) -> int:
        """Return the HTTP status of /readyz, 0 when nobody answers."""
        try:
            return self.api.get("/readyz").status_code
        except httpx.TransportError:
            return 0

    def set_rule(self, kind: int, param: str = "", number: str = NUMBER) -> httpx.Response:
        """Change a rule by the API."""
        body = {"apiKey": self.key, "number": number, "type": kind, "param": param}
        return self.api.post("/v1/vn/callforward", json=body)

    def forward(self, target: str, number: str = NUMBER) -> int:
        """Forward a number; return the rule's new revision."""
        answer = self.set_rule(1, target, number)
        assert answer.json()["code"] == 3, answer.text
        return int(answer.headers["X-Rule-Revision"])

    def records(self, call_id: str) -> list[dict[str, Any]]:
        """Return the records of a call that have an end."""
        calls = self.renvoi("calls", "--limit", "1000")
        return [call for call in calls if call["call_id"] == call_id and call["ended_at"]]

    def record(self, call_id: str) -> dict[str, Any]:
        """Wait for a call's record; there must be exactly one."""

        def missed() -> str:
            calls = self.renvoi("calls", "--limit", "1000")
            return f"the record's end ({[call for call in calls if call['call_id'] == call_id]})"

        # Each look starts a command, which takes seconds on a busy machine.
        found: list[dict[str, Any]] = wait_for(lambda: self.records(call_id), missed, RECORD_TIMEOUT_S)
        assert len(found) == 1
        return found[0]

    def pids(self, word: str) -> list[int]:
        """Return the node's processes whose command line has `word`, oldest first."""
        assert self.process is not None
        return sorted(pid for pid in descendants(self.process.pid) if word in command_line(pid))

    def kill(self) -> float:
        """Kill the node's first process with SIGKILL, and wait until all of its children have gone.

        Return when that was, by time.monotonic().
        """
        assert self.process is not None
        children = descendants(self.process.pid)
        killed_at = time.monotonic()
        self.process.kill()
        self.process.wait()
        wait_for(lambda: not any(command_line(pid) for pid in children), "the end of the orphans")
        return killed_at

    def stop(self) -> int:
        """End the node as an operator does; return its exit code."""
        self.api.close()
        self.inner.close()
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


@contextmanager
def node(directory: Path, *flags: str) -> Iterator[Node]:
    """Run a node in `directory`."""
    made = Node(directory)
    try:
        yield made.start(*flags)
    finally:
        made.stop()
