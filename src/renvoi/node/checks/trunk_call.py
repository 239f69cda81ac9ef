"""`renvoi trunk test --call`: one short call through a trunk, by the running edge, with SIPp as the caller."""

import asyncio
import secrets
import tempfile
from pathlib import Path

from renvoi.adapters.clock import SystemClock
from renvoi.application.calls import Trace, trace_calls
from renvoi.application.errors import OperatorError
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.shared_keys import read_keys
from renvoi.application.trunks import read_trunks
from renvoi.configuration.settings import Settings
from renvoi.domain.calls.ladder import ANSWERED, RANG_OUT, Leg
from renvoi.domain.hosts import host_and_port
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.trial import HEADER, RING_TIMEOUT, Trial
from renvoi.node.checks.results import Finding
from renvoi.node.checks.test_call import (
    TALK_MS,
    check_admitted,
    final_status,
    find_edge,
    find_node,
    find_sipp,
    run_caller,
    wait_for_record,
)

_SCENARIO = Path(__file__).parent / "trial_caller.xml"
_BEFORE = "Content-Type: application/sdp\n"
_OF_THE_CALLED = {480: "is not available", 486: "is busy", 487: "was let go", 600: "is busy", 603: "declined"}
"""Answers that somebody behind the trunk gives: the call has got through it."""


async def call_through(
    settings: Settings, store: Store, trunk: str, target: E164, caller: E164
) -> tuple[Finding, Trace | None]:
    """Place a call to `target` through a trunk, as one to `caller`, a number of ours, that is forwarded there.

    It ends half a second after an answer, or when it has rung for `RING_TIMEOUT`. Return the verdict, and what is kept
    of the call.

    Raises:
        OperatorError: no edge runs here, it would not take the call, or SIPp is missing or does not start.
    """
    program = find_sipp()
    host, port = find_edge(await find_node(settings))
    check_admitted(host, await read_trunks(store))
    ring = await read_keys(store)
    if ring is None:
        raise OperatorError("the store has no shared keys yet: the node makes them when it starts")
    call_id = f"test-{secrets.token_hex(8)}"
    proof = Trial(trunk, target).seal(ring, SystemClock().now_ms(), call_id)
    with tempfile.TemporaryDirectory(prefix="renvoi-test-") as name:
        directory = Path(name)
        scenario = directory / _SCENARIO.name
        # In a file that is ours: arguments are seen by everybody.
        text = await asyncio.to_thread(_SCENARIO.read_text, "utf-8")
        await asyncio.to_thread(scenario.write_text, text.replace(_BEFORE, f"{HEADER}: {proof}\n{_BEFORE}", 1), "utf-8")
        options = ["-d", str(TALK_MS), "-s", caller.value, "-key", "caller", caller.value, "-cid_str", call_id]
        asked = await run_caller(directory, host, [program, *options, host_and_port(host, port)], scenario)
    await wait_for_record(store, call_id)
    traces = await trace_calls(store, call_id)
    trace = traces[-1] if traces else None
    return verdict(trunk, final_status(asked), trace), trace


def verdict(trunk: str, status: int | None, trace: Trace | None) -> Finding:
    legs = trace.ladder.legs if trace is not None and trace.ladder is not None else ()
    if trace is not None and trace.record.decision == "reject":
        advice = "`renvoi policy show`, `renvoi limits show` and `renvoi number show` have what calls depend on"
        return Finding("call", False, f"our own edge refuses it: {trace.record.reason}", advice)
    if not legs:
        said = "no answer" if status is None else str(status)
        return Finding("call", False, f"it was sent nowhere ({said})", f"see `renvoi trunk test {trunk}`")
    return _of_leg(trunk, legs[-1])


def _of_leg(trunk: str, leg: Leg) -> Finding:
    said = f"{leg.status} {leg.phrase}".strip()
    if leg.end == RANG_OUT:
        return Finding("call", True, f"it rang for {RING_TIMEOUT.seconds} s, and nobody answered")
    if leg.end != ANSWERED or leg.status is None:
        return Finding("call", False, f"{trunk} does not answer", f"see `renvoi trunk test {trunk}`")
    if leg.status < 300:
        return Finding("call", True, f"it was answered ({said}), and ended")
    if leg.status in _OF_THE_CALLED:
        return Finding("call", True, f"the called party {_OF_THE_CALLED[leg.status]} ({said})")
    advice = "the lines above have what the trunk was sent: compare it with what the carrier wants"
    return Finding("call", False, f"{trunk} refuses it: {said}", advice)
