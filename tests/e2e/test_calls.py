"""The program as installed, from the HTTP request to the carrier."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from renvoi.node.checks.test_call import read_trace
from tests.support.node import NUMBER, OTHER_TARGET, TARGET, Node
from tests.support.ports import free_port
from tests.support.sip import Call, Incoming, Phone
from tests.support.sipp import Sipp
from tests.support.waiting import BESIDE_S, wait_for

SCENARIOS = Path(__file__).parent / "scenarios"


def peer(scenario: str, directory: Path, port: int, *words: str) -> tuple[Sipp, Path]:
    """Start SIPp for one call; return it, and where its messages will stand."""
    trace = directory / f"{scenario}.trace"
    words = ("-m", "1", "-trace_msg", "-message_file", str(trace), "-message_overwrite", "true", *words)
    return Sipp(directory, (SCENARIOS / f"{scenario}.xml").read_text(), *words, port=port), trace


@pytest.fixture
def trunk(node: Node) -> Iterator[Phone]:
    """Add an outbound trunk to the node, played by a phone."""
    with Phone() as phone:
        node.renvoi("trunk", "add", "main", "--outbound", phone.uri)
        yield phone
        node.renvoi("trunk", "remove", "main")


@pytest.fixture
def carrier() -> Iterator[Phone]:
    """Make the phone that calls come from."""
    with Phone() as phone:
        yield phone


def test_a_forwarded_call_from_http_to_record(node: Node, tmp_path: Path) -> None:
    """SIPp is carrier and trunk: caller kept, diversion told, early media, one record with the API's revision."""
    port = free_port()
    node.renvoi("trunk", "add", "sipp", "--outbound", f"sip:127.0.0.1:{port}")
    revision = node.forward(TARGET)
    edge = f"127.0.0.1:{node.sip_port}"
    answering, answering_trace = peer("trunk", tmp_path, port)
    calling, calling_trace = peer("carrier", tmp_path, free_port(), edge, "-s", NUMBER)
    with answering, calling:
        calling.wait(20)
        answering.wait(20)
    heard, invite = read_trace(calling_trace), read_trace(answering_trace)[0]
    node.renvoi("trunk", "remove", "sipp")

    assert invite.line == f"INVITE sip:{TARGET}@127.0.0.1:{port} SIP/2.0"
    assert invite.header("From").startswith('"Alice" <sip:+33612345678@carrier.example>;tag=carrier')
    assert invite.header("P-Asserted-Identity") == "<sip:+33612345678@carrier.example>"
    assert invite.header("Privacy") == "none"
    diversion = f"<sip:{NUMBER}@127.0.0.1>;reason=unconditional;counter=1;privacy=off"
    assert [value for name, value in invite.headers if name == "Diversion"] == [diversion]
    assert [value for name, value in invite.headers if name == "History-Info"] == [
        f"<sip:{NUMBER}@127.0.0.1>;index=1",
        f"<sip:{TARGET}@127.0.0.1;cause=302>;index=1.1;mp=1",
    ]
    # What is answered late comes twice.
    answers = dict.fromkeys((message.status, message.header("CSeq")) for message in heard if not message.sent)
    assert [status for status, _ in answers] == [100, 183, 180, 200, 200]

    record = node.record(heard[0].header("Call-ID"))
    assert (record["decision"], record["target"], record["revision"]) == ("forward", TARGET, revision)
    assert (record["status"], record["trunk"], record["hung_up_by"]) == (200, "sipp", "caller")
    assert (record["from"], record["number"]) == ("+33612345678", NUMBER)
    assert record["started_at"] <= record["ringing_at"] <= record["answered_at"] < record["ended_at"]

    (shown,) = node.renvoi("calls", "show", record["call_id"])
    assert shown["why"] == f"forwarded to {TARGET} on behalf of {NUMBER}"
    assert shown["rule_set_by"].startswith("key ")
    (leg,) = shown["ladder"]
    assert (leg["trunk"], leg["status"], leg["ended_at"]) == ("sipp", 200, record["answered_at"])
    assert leg["headers"] == [
        f"{name}: {value}" for name, value in invite.headers if name in ("Diversion", "History-Info")
    ]


def test_the_very_next_invite_obeys_a_change(node: Node, trunk: Phone, carrier: Phone) -> None:
    """200 changes, each followed at once by a call: not one goes to the target before."""
    node.set_rule(0)
    for round_number in range(200):
        target = (TARGET, OTHER_TARGET)[round_number % 2]
        revision = node.forward(target)
        call = Call(carrier, node.edge, NUMBER).start()
        incoming = Incoming.wait(trunk)
        assert incoming.invite.uri.startswith(f"sip:{target}@"), f"round {round_number}, revision {revision}"
        incoming.reply(486)
        call.expect(486)
        trunk.expect("ACK")


def test_disabled_and_unknown_numbers_are_answered_as_the_contract_says(node: Node, carrier: Phone) -> None:
    node.set_rule(0)
    expected = [(NUMBER, 480, "Q.850;cause=20"), ("+33199009999", 404, "Q.850;cause=1")]
    for number, status, reason in expected:
        call = Call(carrier, node.edge, number).start()
        assert call.expect(status)["Reason"] == reason
        record = node.record(call.call_id)
        assert (record["decision"], record["status"], record["target"]) == ("reject", status, None)


def test_a_call_that_comes_back_is_a_loop(node: Node, trunk: Phone, carrier: Phone) -> None:
    """The trunk sends the call back to us with the headers that we sent it."""
    node.set_rule(0)
    node.forward(TARGET)
    for header in ("Diversion", "History-Info"):
        call = Call(carrier, node.edge, NUMBER).start()
        incoming = Incoming.wait(trunk)
        came = [(header, value) for value in incoming.invite.all(header)]
        back = Call(carrier, node.edge, NUMBER, headers=came).start()
        back.expect(482, skip=(100,))
        incoming.reply(486)
        call.expect(486)
        trunk.expect("ACK")
        assert node.record(back.call_id)["reason"] == "loop"


def test_a_spool_that_was_removed_is_made_again(node: Node, carrier: Phone) -> None:
    """The records of calls from then on come without a restart of anything."""
    before = node.pids("kamailio")
    shutil.rmtree(node.data / "spool")
    call = Call(carrier, node.edge, "+33199009999").start()
    call.expect(404)
    assert node.record(call.call_id)["status"] == 404
    assert (node.data / "spool").is_dir()
    assert "the spool was removed, and is made again" in node.log.read_text("utf-8")
    assert node.pids("kamailio") == before
    node.wait_ready()


def test_the_second_trunk_takes_what_the_first_does_not(node: Node, trunk: Phone, carrier: Phone) -> None:
    """The first trunk is dead: nobody listens at its address."""
    node.renvoi("trunk", "add", "dead", "--outbound", f"sip:127.0.0.1:{free_port()}", "--priority", "90")
    node.set_rule(0)
    node.forward(TARGET)
    call = Call(carrier, node.edge, NUMBER).start()
    incoming = Incoming.wait(trunk, 20)
    incoming.reply(200)
    call.expect(200, 20)
    call.ack()
    trunk.expect("ACK")
    call.send("BYE")
    incoming.answer(trunk.expect("BYE"))
    carrier.expect(200)
    node.renvoi("trunk", "remove", "dead")
    record = node.record(call.call_id)
    assert (record["status"], record["trunk"], record["hung_up_by"]) == (200, "main", "caller")


def test_a_caller_who_hangs_up_while_it_rings(node: Node, trunk: Phone, carrier: Phone) -> None:
    node.set_rule(0)
    node.forward(TARGET)
    call = Call(carrier, node.edge, NUMBER).start()
    incoming = Incoming.wait(trunk)
    incoming.reply(180)
    call.expect(180)
    call.cancel()
    cancel = trunk.expect("CANCEL")
    incoming.answer(cancel)
    incoming.reply(487)
    call.expect_cancelled()
    record = node.record(call.call_id)
    assert (record["status"], record["hung_up_by"], record["answered_at"]) == (487, "caller", None)


def test_the_edge_killed_is_back_within_three_seconds(node: Node, trunk: Phone, carrier: Phone) -> None:
    """While it is away /readyz says so, and sends no traffic elsewhere for it; the next call goes through."""
    node.set_rule(0)
    node.forward(TARGET)
    before = node.pids("kamailio")

    def bad_news() -> dict[str, Any] | None:
        # It is back within half a second, so on a busy machine one death may pass unseen.
        with suppress(IndexError, ProcessLookupError):
            os.kill(node.pids("kamailio")[0], signal.SIGKILL)
        seen: dict[str, Any] = node.inner.get("/readyz").json()
        return seen if seen["parts"]["edge"]["state"] != "ok" else None

    seen = wait_for(bad_news, "the bad news")
    assert (seen["status"], seen["parts"]["edge"]["state"]) == ("degraded", "degraded")
    node.wait_ready(3 + BESIDE_S)
    assert not set(before) & set(node.pids("kamailio"))
    call = Call(carrier, node.edge, NUMBER).start()
    incoming = Incoming.wait(trunk)
    incoming.reply(486)
    call.expect(486)
    assert node.record(call.call_id)["status"] == 486
    never = 'renvoi_part_restarts_total{part="edge"} 0.0'
    wait_for(lambda: never not in node.inner.get("/metrics").text, "the count of restarts")
    counted = wait_for(
        lambda: [
            line for line in node.inner.get("/metrics").text.splitlines() if 'decision="forward",status="486"' in line
        ],
        "the metric of the call",
    )
    assert float(counted[0].split()[-1]) >= 1
