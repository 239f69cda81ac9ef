"""`renvoi try`: one real call from loopback through the running edge, with SIPp as caller and in a trunk's place."""

import asyncio
import secrets
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from renvoi.adapters.clock import SystemClock
from renvoi.application import explain
from renvoi.application.calls import find_call
from renvoi.application.errors import OperatorError
from renvoi.application.ports.trunks import Trunks
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.trunks import list_trunks
from renvoi.domain.calls.call_record import CallRecord
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.routing import Voicemail
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.node.checks import sipp
from renvoi.node.checks.results import TracedMessage, TrialCall
from renvoi.node.supervisor import control, running
from renvoi.node.supervisor.supervised_process import State
from renvoi.settings import Settings

CALL_TIMEOUT_S = 90.0
"""How long the call may take: a real trunk may ring for its minute."""
PORTS_TRIED = 5
"""How many ports the caller tries, each of which somebody may take between its choice and SIPp's bind."""
RECORD_TIMEOUT_S = 5.0
TALK_MS = 500
"""How long an answered call lasts."""
MESSAGE_MS = 14_000
"""How long it lasts at the voicemail: the greeting that comes with renvoi takes 9 to 10 s, and a message follows."""
_TONE = "tone.pcma"
_SAY_TONE = f'<nop><action><exec rtp_stream="{_TONE},-1,8,PCMA/8000"/></action></nop>'
_SILENCE = "<!-- audio -->"
_HERE = Path(__file__).parent
_SHOWN_HEADERS = ("From", "To", "P-Asserted-Identity", "Diversion", "History-Info")


@dataclass(frozen=True, slots=True)
class _Trunk:
    """The address of an outbound trunk that renvoi can stand in for."""

    name: str
    address: tuple[str, int]
    tcp: bool


async def place_call(settings: Settings, store: Store, called: E164, caller: E164) -> TrialCall:
    """Place one call from `caller` to `called`, and wait for its end and record.

    Raises:
        OperatorError: no edge runs here, SIPp is not installed, or it does not start.
    """
    program = sipp.find_sipp()
    node = await _find_node(settings)
    edge_host, edge_port = _find_edge(node)
    trunks = await list_trunks(store)
    check_admitted(edge_host, trunks)
    stand_in, note = _stand_in(sorted(trunks.outbound, key=lambda trunk: -trunk.priority))
    for_voicemail = await _is_for_voicemail(settings, store, called, caller)
    no_voicemail = running.why_no_voicemail(node)
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
                command = sipp.sipp_command(
                    program, _HERE / "trial_trunk.xml", trunk_trace, stand_in.address, stand_in.tcp
                )
                await stack.enter_async_context(sipp.running(command, directory))
                await sipp.wait_until_listening(stand_in.address, tcp=stand_in.tcp)
            scenario = await asyncio.to_thread(_caller, directory, leaves_message)
            target = f"[{edge_host}]" if ":" in edge_host else edge_host
            options = ["-d", str(MESSAGE_MS if leaves_message else TALK_MS), "-s", called.value]
            options += ["-key", "caller", caller.value, "-cid_str", call_id, f"{target}:{edge_port}"]
            asked = await run_caller(directory, edge_host, [program, *options], scenario)
        sent = sipp.read_trace(trunk_trace)
    record = await _wait_for_record(store, call_id)
    return TrialCall(call_id, caller.value, called.value, _ladder(asked, sent), _final_status(asked), record, note)


async def run_caller(directory: Path, host: str, command: list[str], scenario: Path) -> list[sipp.SippMessage]:
    """Run the caller's SIPp from `host` to its end, with another port when somebody was quicker to take its own.

    SIPp binds its port itself, and lets no other socket hold it until then.
    """
    program, *options = command
    for _ in range(PORTS_TRIED):
        trace = directory / "caller.log"
        own = (host, sipp.free_port(host))
        async with sipp.running(
            [*sipp.sipp_command(program, scenario, trace, own, tcp=False), *options], directory
        ) as call:
            await _wait_for_end(call)
            failed = call.returncode not in (None, 0)
        found = sipp.read_trace(trace)
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
    found = await explain.explain(store, called.value, caller.value, settings.region, SystemClock().now_ms())
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


async def _find_node(settings: Settings) -> running.Running:
    try:
        return await running.find_node(settings)
    except control.NoNode as error:
        raise OperatorError(f"no node runs on {settings.data_dir}: start one with `renvoi serve`") from error
    except control.ControlError as error:
        raise OperatorError(str(error)) from error


def _find_edge(node: running.Running) -> tuple[str, int]:
    """Return where calls of the node come to: it may have been started with flags that we do not have."""
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
        if not sipp.is_free(address.address, tcp=address.tcp):
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
    host_and_port, _, parameters = trunk.uri.removeprefix("sip:").partition(";")
    host, colon, port = host_and_port.rpartition(":")
    if not colon or host_and_port.endswith("]"):
        host, port = host_and_port, "5060"
    host = "127.0.0.1" if host == "localhost" else host.strip("[]")
    try:
        if not ip_address(host).is_loopback:
            return None
    except ValueError:
        return None
    return _Trunk(trunk.name, (host, int(port)), "transport=tcp" in parameters)


async def _wait_for_end(call: asyncio.subprocess.Process) -> None:
    try:
        await asyncio.wait_for(call.wait(), CALL_TIMEOUT_S)
    except TimeoutError:
        return  # what was traced until now is shown


async def _wait_for_record(store: Store, call_id: str) -> CallRecord | None:
    deadline = time.monotonic() + RECORD_TIMEOUT_S
    while True:
        record = await find_call(store, call_id)
        if (record is not None and record.end_at_ms is not None) or time.monotonic() > deadline:
            return record
        await asyncio.sleep(0.05)


def _final_status(messages: list[sipp.SippMessage]) -> int | None:
    answers = (m.status for m in messages if not m.sent and m.header("CSeq").endswith("INVITE"))
    return next((status for status in answers if status is not None and status >= 200), None)


def _ladder(asked: list[sipp.SippMessage], sent: list[sipp.SippMessage]) -> tuple[TracedMessage, ...]:
    start = min((m.at_ms for m in asked), default=0.0)
    steps = [(m, ("caller", "edge") if m.sent else ("edge", "caller")) for m in asked]
    steps += [(m, ("trunk", "edge") if m.sent else ("edge", "trunk")) for m in sent]
    steps.sort(key=lambda step: step[0].at_ms)
    return tuple(
        TracedMessage(round(m.at_ms - start, 1), sender, receiver, m.line, _shown_headers(m))
        for m, (sender, receiver) in steps
    )


def _shown_headers(message: sipp.SippMessage) -> tuple[tuple[str, str], ...]:
    if message.line.startswith("INVITE "):
        wanted: tuple[str, ...] = _SHOWN_HEADERS
    elif (message.status or 0) >= 300:
        wanted = ("Reason", "Retry-After")
    else:
        return ()
    names = {name.lower() for name in wanted}
    return tuple((name, value) for name, value in message.headers if name.lower() in names)
