"""`renvoi try`: one real call from loopback through the running edge, with SIPp as caller and in a trunk's place."""

import asyncio
import os
import re
import secrets
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from renvoi.adapters.clock import SystemClock
from renvoi.application import calls
from renvoi.application.calls import find_call
from renvoi.application.errors import OperatorError
from renvoi.application.ports.trunks import Trunks
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.trunks import read_trunks
from renvoi.configuration.settings import Settings
from renvoi.domain.calls.call_record import CallRecord
from renvoi.domain.hosts import host_and_port
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.routing import Voicemail
from renvoi.domain.trunks.address import DEFAULT_PORT, TCP
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.node.checks.results import TracedMessage, TrialCall
from renvoi.node.control import control
from renvoi.node.parts.processes import DIES_WITH_PARENT
from renvoi.node.parts.supervised_process import State

SIPP_START_TIMEOUT_S = 20.0
_MARK = re.compile(
    r"^-{20,} (?P<day>\d{4}-\d\d-\d\d)[ T](?P<time>\d\d:\d\d:\d\d\.\d+)[^\n]*\n"
    r"\w+ message (?P<how>sent|received)[^\n]*\n\n",
    re.MULTILINE,
)
CALL_TIMEOUT_S = 90.0
"""How long the call may take: a real trunk may ring for its minute."""
PORTS_TRIED = 5
"""How many ports the caller tries, each of which somebody may take between its choice and SIPp's bind."""
RECORD_TIMEOUT_S = 20.0
"""How long the record of the call may take to the store: the collector of a busy machine gets its turn late."""
TALK_MS = 500
"""How long an answered call lasts."""
MESSAGE_MS = 14_000
"""How long it lasts at the voicemail: the greeting that comes with renvoi takes 9 to 10 s, and a message follows."""
_TONE = "tone.pcma"
_SAY_TONE = f'<nop><action><exec rtp_stream="{_TONE},-1,8,PCMA/8000"/></action></nop>'
_SILENCE = "<!-- audio -->"
_CALLER_TRACE = "caller.log"
_HERE = Path(__file__).parent
_SHOWN_HEADERS = ("From", "To", "P-Asserted-Identity", "Diversion", "History-Info")


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
        raise OperatorError(
            "SIPp is not installed: install it with 'apt-get install sip-tester'",
            "SIPp n’est pas installé\u00a0: installez-le par 'apt-get install sip-tester'",
        )
    return found


def sipp_command(sipp: str, scenario: Path, trace: Path, address: tuple[str, int], tcp: bool) -> list[str]:
    """Return the command of one SIPp that handles one call at `address`, and writes its messages to `trace`."""
    host, port = address
    command = [sipp, "-sf", str(scenario), "-m", "1", "-i", host, "-p", str(port), "-t", "t1" if tcp else "u1"]
    return [*command, "-nostdin", "-trace_msg", "-message_file", str(trace), "-message_overwrite", "true"]


@asynccontextmanager
async def sipp_running(command: Sequence[str], directory: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run SIPp in `directory`, and end it at the latest when the context ends."""
    process = await asyncio.create_subprocess_exec(
        *DIES_WITH_PARENT,
        str(os.getpid()),
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


async def wait_until_listening(sipp: asyncio.subprocess.Process, address: tuple[str, int], *, tcp: bool) -> None:
    """Wait until SIPp listens at `address`.

    Raises:
        OperatorError: it does not in time, or has ended.
    """
    deadline = time.monotonic() + SIPP_START_TIMEOUT_S
    while is_free(address, tcp=tcp):
        if sipp.returncode is not None or time.monotonic() > deadline:
            raise OperatorError(f"SIPp did not start to listen at {address[0]}:{address[1]}")
        await asyncio.sleep(0.02)


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


@dataclass(frozen=True, slots=True)
class _Trunk:
    """The address of an outbound trunk that renvoi can stand in for."""

    name: str
    address: tuple[str, int]
    tcp: bool


LadderSoFar = Callable[[], tuple[TracedMessage, ...]]
"""Reads what a call that is under way has shown so far: two small files."""


def _nobody_watches(_: LadderSoFar) -> None: ...


async def place_call(
    settings: Settings,
    store: Store,
    called: E164,
    caller: E164,
    watch: Callable[[LadderSoFar], None] = _nobody_watches,
) -> TrialCall:
    """Place one call from `caller` to `called`, and wait for its end and record.

    `watch` is given what reads its ladder as long as the call is under way.

    Raises:
        OperatorError: no edge runs here, SIPp is not installed, or it does not start.
    """
    program = find_sipp()
    node = await find_node(settings)
    edge_host, edge_port = find_edge(node)
    trunks = await read_trunks(store)
    check_admitted(edge_host, trunks)
    stand_in, note = _stand_in(sorted(trunks.outbound, key=lambda trunk: -trunk.priority))
    for_voicemail = await _is_for_voicemail(settings, store, called, caller)
    no_voicemail = control.why_no_voicemail(node)
    leaves_message = for_voicemail and not no_voicemail
    if for_voicemail and no_voicemail:
        note = f"the node takes no messages: {no_voicemail}"
    if leaves_message:
        note = f"the caller hears the greeting, and leaves a tone as a message: this takes {MESSAGE_MS // 1000} s"
    call_id = f"try-{secrets.token_hex(8)}"
    with tempfile.TemporaryDirectory(prefix="renvoi-try-") as name:
        directory = Path(name)
        trunk_trace = directory / "trunk.log"
        async with AsyncExitStack() as stack:
            if stand_in is not None:
                command = sipp_command(program, _HERE / "trial_trunk.xml", trunk_trace, stand_in.address, stand_in.tcp)
                sipp = await stack.enter_async_context(sipp_running(command, directory))
                await wait_until_listening(sipp, stand_in.address, tcp=stand_in.tcp)
            scenario = await asyncio.to_thread(_caller, directory, leaves_message)
            target = host_and_port(edge_host, edge_port)
            options = ["-d", str(MESSAGE_MS if leaves_message else TALK_MS), "-s", called.value]
            options += ["-key", "caller", caller.value, "-cid_str", call_id, target]
            watch(lambda: ladder_of(read_trace(directory / _CALLER_TRACE), read_trace(trunk_trace)))
            asked = await run_caller(directory, edge_host, [program, *options], scenario)
        sent = read_trace(trunk_trace)
    record = await wait_for_record(store, call_id)
    return TrialCall(call_id, caller.value, called.value, ladder_of(asked, sent), final_status(asked), record, note)


async def run_caller(directory: Path, host: str, command: list[str], scenario: Path) -> list[SippMessage]:
    """Run the caller's SIPp from `host` to its end, with another port when somebody was quicker to take its own.

    SIPp binds its port itself, and lets no other socket hold it until then.
    """
    program, *options = command
    for _ in range(PORTS_TRIED):
        trace = directory / _CALLER_TRACE
        own = (host, free_port(host))
        async with sipp_running([*sipp_command(program, scenario, trace, own, tcp=False), *options], directory) as call:
            await _wait_for_end(call)
            failed = call.returncode not in (None, 0)
        found = read_trace(trace)
        if found or not failed:
            return found
    raise OperatorError(
        "SIPp ended without calling: check that `sipp -v` works and that no firewall blocks UDP on loopback"
    )


def check_admitted(host: str, trunks: Trunks) -> None:
    """Check that the edge takes calls from this machine: it would not answer, and the caller would wait for nothing.

    Raises:
        OperatorError: no inbound trunk names the address.
    """
    networks = [network for trunk in trunks.inbound for network in trunk.networks]
    if any(ip_address(host) in network for network in networks):
        return
    shown = f"{host}/{128 if ':' in host else 32}"
    why = f"no inbound trunk has the address {host}" if networks else "there is no inbound trunk"
    raise OperatorError(
        f"the edge answers no call from this machine, as {why}: `renvoi trunk add try --inbound {shown}` admits it"
    )


async def _is_for_voicemail(settings: Settings, store: Store, called: E164, caller: E164) -> bool:
    found = await calls.explain(store, called.value, caller.value, settings.region, SystemClock().now_ms())
    return isinstance(found.decision, Voicemail)


def _caller(directory: Path, leaves_message: bool) -> Path:
    """Return the caller's scenario; one who leaves a message says a tone of 444 Hz (PCMA: 8,000 bytes a second)."""
    scenario = _HERE / "trial_caller.xml"
    if not leaves_message:
        return scenario
    # Whole periods, so that it can be repeated. A square wave needs no encoder: two values, half a period each.
    period = bytes([0xA5] * 9 + [0x25] * 9)
    (directory / _TONE).write_bytes(period * 400)
    talking = directory / scenario.name
    talking.write_text(scenario.read_text("utf-8").replace(_SILENCE, _SAY_TONE), "utf-8")
    return talking


async def find_node(settings: Settings) -> control.Running:
    """Return the node that runs on our data directory.

    Raises:
        OperatorError: there is none, or it does not answer.
    """
    try:
        return await control.find_node(settings)
    except control.NoNode as error:
        raise OperatorError(f"no node runs on {settings.data_dir}: start one with `renvoi serve`") from error
    except control.ControlError as error:
        raise OperatorError(str(error)) from error


def find_edge(node: control.Running) -> tuple[str, int]:
    """Return where calls of the node come to: it may have been started with flags that we do not have.

    Raises:
        OperatorError: its edge takes none now.
    """
    edge, sip = node.status["parts"]["edge"], node.status["sip"]
    if edge["state"] != State.RUNNING:
        raise OperatorError(f"the edge is {edge['state']}: {edge['detail']}")
    host, port = str(sip["host"]), int(sip["port"])
    if ip_address(host).is_unspecified:
        host = "::1" if ":" in host else "127.0.0.1"
    return host, port


def _stand_in(trunks: list[OutboundTrunk]) -> tuple[_Trunk | None, str]:
    """Return the first trunk on loopback if its place is free, and what the reader should know otherwise."""
    for trunk in trunks:
        address = _loopback(trunk)
        if address is None:
            continue
        if not is_free(address.address, tcp=address.tcp):
            return (
                None,
                f"somebody else answers at trunk {trunk.name} ({trunk.uri}), so this shows the caller's side only",
            )
        return address, "" if trunk is trunks[0] else f"trunk {trunks[0].name} is tried before {trunk.name}"
    if not trunks:
        return None, "there is no outbound trunk: `renvoi trunk add NAME --outbound SIP_URI` adds one"
    return (
        None,
        f"trunk {trunks[0].name} ({trunks[0].uri}) is not on this machine, so this shows the caller's side only",
    )


def _loopback(trunk: OutboundTrunk) -> _Trunk | None:
    where = trunk.address
    if where.is_tls:
        return None  # its place has a certificate
    host = "127.0.0.1" if where.host == "localhost" else where.host
    try:
        if not ip_address(host).is_loopback:
            return None
    except ValueError:
        return None
    return _Trunk(trunk.name, (host, where.port or DEFAULT_PORT), tcp=where.transport == TCP)


async def _wait_for_end(call: asyncio.subprocess.Process) -> None:
    try:
        await asyncio.wait_for(call.wait(), CALL_TIMEOUT_S)
    except TimeoutError:
        return  # what was traced until now is shown


async def wait_for_record(store: Store, call_id: str) -> CallRecord | None:
    """Return the record of a call that has ended, what there is of it if it takes too long."""
    deadline = time.monotonic() + RECORD_TIMEOUT_S
    while True:
        record = await find_call(store, call_id)
        if (record is not None and record.end_at_ms is not None) or time.monotonic() > deadline:
            return record
        await asyncio.sleep(0.05)


def final_status(messages: list[SippMessage]) -> int | None:
    """Return the final answer that the caller got to its INVITE, None for none."""
    answers = (m.status for m in messages if not m.sent and m.header("CSeq").endswith("INVITE"))
    return next((status for status in answers if status is not None and status >= 200), None)


def ladder_of(asked: list[SippMessage], sent: list[SippMessage]) -> tuple[TracedMessage, ...]:
    """Return what the caller (`asked`) and who stands in for the trunk (`sent`) have traced, in the order of time."""
    # The two SIPps stamp what they trace by clocks of their own, some milliseconds apart: nothing is before the INVITE.
    start = min((m.at_ms for m in asked or sent), default=0.0)
    steps = [(m, ("caller", "edge") if m.sent else ("edge", "caller")) for m in asked]
    steps += [(m, ("trunk", "edge") if m.sent else ("edge", "trunk")) for m in sent]
    steps.sort(key=lambda step: max(step[0].at_ms, start))
    return tuple(
        TracedMessage(round(max(m.at_ms - start, 0.0), 1), sender, receiver, m.line, _shown_headers(m))
        for m, (sender, receiver) in steps
    )


def _shown_headers(message: SippMessage) -> tuple[tuple[str, str], ...]:
    if message.line.startswith("INVITE "):
        wanted: tuple[str, ...] = _SHOWN_HEADERS
    elif (message.status or 0) >= 300:
        wanted = ("Reason", "Retry-After")
    else:
        return ()
    names = {name.lower() for name in wanted}
    return tuple((name, value) for name, value in message.headers if name.lower() in names)
