"""What no peer can do: stay without an answer, get in uninvited, or stop a process of the edge."""

import asyncio
import os
import random
import re
import shutil
import signal
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from renvoi.call_records.spool import MAX_WAITING
from renvoi.domain.trunks.caller_id import CallerIdPolicy
from renvoi.domain.trunks.choices import Redirects
from renvoi.domain.trunks.digest import Credentials
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network
from renvoi.node.parts import edge as edge_part
from tests.support.digest import NAMES
from tests.support.edge import EdgeNode, exists
from tests.support.mutation import mutate
from tests.support.sip import SDP, Call, Incoming, Phone, options
from tests.support.sip_message import SipMessage
from tests.support.waiting import wait_for

NUMBER, TARGET = "+33199001234", "+33612345678"
TORTURE = sorted(path for path in (Path(__file__).parents[2] / "data/sip-torture").rglob("*") if path.is_file())
ANSWERS = (180, 183, 200, 302, 401, 407, 403, 486, 503)
MUTATIONS = 2000


@pytest.fixture(autouse=True)
def _no_process_ended(edge: EdgeNode) -> Iterator[None]:
    """Check after each test that the shared edge is still made of the same processes."""
    before = edge.pids()
    yield
    assert edge.pids() == before


def test_calls_come_from_inbound_trunks_only(edge: EdgeNode, carrier: Phone) -> None:
    """403 for a peer that is heard for other reasons, as an outbound trunk is, without a record."""
    edge.put(NUMBER, target=TARGET)
    before = edge.statistics()["refused_sources"]
    elsewhere = InboundTrunk("elsewhere", (parse_network("192.0.2.0/24"),))
    edge.reload(*edge.trunks.outbound, inbound=[elsewhere])
    try:
        call = Call(carrier, edge.address, NUMBER).start()
        call.expect(403)
        assert options(carrier, edge.address).status == 200
        assert edge.statistics()["refused_sources"] == before + 1
        assert not edge.events(call.call_id)
    finally:
        edge.reload(*edge.trunks.outbound)


def test_a_request_with_a_forged_route_is_not_relayed(edge: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    """The edge is not an open relay: inside a dialog only its own mark opens the way."""
    edge.put(NUMBER, target=TARGET)
    call = Call(carrier, edge.address, NUMBER)
    route = f"<sip:{edge.address[0]}:{edge.address[1]};lr;ftag={call.tag};rv=0123456789abcdef0123456789abcdef>"
    for routes in ([], [route]):
        headers = [("Contact", f"<{trunk.uri}>"), *(("Record-Route", value) for value in routes)]
        call.answer = call.invite.answer(200, tag="forged", headers=headers)
        call.send("BYE")
        carrier.expect(481)
    trunk.expect_silence(0.1)


def test_a_route_header_of_a_new_call_leads_nowhere(edge: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    """A Route that came with a new call does not decide where it goes."""
    edge.put(NUMBER, target=TARGET)
    call = Call(carrier, edge.address, NUMBER, headers=[("Route", "<sip:127.0.0.1:9;lr>")]).start()
    incoming = Incoming.wait(trunk)
    assert not incoming.invite.all("Route")
    incoming.reply(486)
    call.expect(486)


@pytest.mark.parametrize(
    ("method", "status"), [("REGISTER", 405), ("MESSAGE", 405), ("SUBSCRIBE", 405), ("BYE", 481), ("DANCE", 501)]
)
def test_other_methods(edge: EdgeNode, carrier: Phone, method: str, status: int) -> None:
    request = Call(carrier, edge.address, NUMBER).invite
    headers = [(key, value if key != "CSeq" else f"1 {method}") for key, value in request.headers]
    carrier.send(SipMessage(request.start_line.replace("INVITE", method), headers), edge.address)
    assert (carrier.expect(status).get("Allow") is not None) == (status in (405, 501))


def test_too_many_hops(edge: EdgeNode, carrier: Phone) -> None:
    call = Call(carrier, edge.address, NUMBER)
    call.invite.headers[1] = ("Max-Forwards", "0")
    call.start().expect(483)


@pytest.mark.parametrize("name", ["Diversion", "P-Asserted-Identity", "History-Info", "X-Other"])
def test_a_header_that_is_not_utf_8_does_not_cost_the_call(
    edge: EdgeNode, carrier: Phone, trunk: Phone, name: str
) -> None:
    """A display name in Latin-1 is passed on byte for byte."""
    edge.put(NUMBER, target=TARGET)
    value = b'"Andr\xe9" <sip:+33155555555@x>'.decode("utf-8", "surrogateescape")
    call = Call(carrier, edge.address, NUMBER, headers=[(name, value)]).start()
    incoming = Incoming.wait(trunk)
    assert value in incoming.invite.all(name)
    incoming.reply(486)
    call.expect(486)
    edge.wait_for_events(call.call_id, "decided", "failed")


def test_a_request_uri_that_is_no_text_is_refused(edge: EdgeNode, carrier: Phone) -> None:
    """It gets 400 and a record, not silence."""
    edge.put(NUMBER, target=TARGET)
    call = Call(carrier, edge.address, NUMBER)
    strange = b"\xff\xe9".decode("utf-8", "surrogateescape")
    call.invite.start_line = f"INVITE sip:{strange}@127.0.0.1 SIP/2.0"
    carrier.send(call.invite, edge.address)
    carrier.expect(400)
    (decided,) = edge.wait_for_events(call.call_id, "decided")
    assert (decided["called"], decided["reason"], decided["status"]) == ("\ufffd\ufffd", "malformed", 400)


def test_a_row_that_holds_no_rule_refuses_the_calls_of_its_number(edge: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    """503 and a record, also for values that SQLite keeps and no column is for; the row of a sane rule serves on."""
    for damage in (f"numbers SET routing = NULL, ring_timeout_s = {10**15}", "accounts SET policy_version = 'newer'"):
        edge.put(NUMBER, target=TARGET)
        edge.store.execute(f"UPDATE {damage}")
        call = Call(carrier, edge.address, NUMBER).start()
        assert call.expect(503)["Reason"] == "Q.850;cause=41"
        (decided,) = edge.wait_for_events(call.call_id, "decided")
        assert (decided["reason"], decided["status"]) == ("store-unavailable", 503)
        edge.store.execute("UPDATE accounts SET policy_version = NULL")
    edge.put(NUMBER, target=TARGET)
    Call(carrier, edge.address, NUMBER).start()
    Incoming.wait(trunk).reply(486)


def test_a_store_that_cannot_be_read(tmp_path: Path, carrier: Phone) -> None:
    """503 and Retry-After as long as it lasts; the next call is not harmed."""
    with Phone() as gateway, EdgeNode(tmp_path, [OutboundTrunk("main", gateway.uri)]) as node:
        node.put(NUMBER, target=TARGET)
        node.store.execute("ALTER TABLE numbers RENAME TO hidden")
        call = Call(carrier, node.address, NUMBER).start()
        refused = call.expect(503)
        assert refused["Reason"] == "Q.850;cause=41"
        assert refused["Retry-After"]
        (decided,) = node.wait_for_events(call.call_id, "decided")
        assert decided["reason"] == "store-unavailable"
        node.store.execute("ALTER TABLE hidden RENAME TO numbers")
        call = Call(carrier, node.address, NUMBER).start()
        Incoming.wait(gateway).reply(486)
        call.expect(486)


def talk(node: EdgeNode, carrier: Phone, gateway: Phone) -> tuple[Call, Incoming]:
    """Set up a call and have it answered."""
    node.put(NUMBER, target=TARGET)
    call = Call(carrier, node.address, NUMBER).start()
    incoming = Incoming.wait(gateway)
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    gateway.expect("ACK")
    return call, incoming


def test_new_calls_are_refused_while_draining(tmp_path: Path, carrier: Phone) -> None:
    """A call in progress goes on and can be ended; a new one is sent elsewhere."""
    with Phone() as gateway, EdgeNode(tmp_path, [OutboundTrunk("main", gateway.uri)]) as node:
        call, incoming = talk(node, carrier, gateway)
        asyncio.run(node.kamailio.drain())
        refused = Call(carrier, node.address, NUMBER).start().expect(503)
        assert refused["Retry-After"]
        call.send("BYE")
        incoming.answer(gateway.expect("BYE"))
        carrier.expect(200)


def test_calls_in_progress_outlive_a_crash(tmp_path: Path, carrier: Phone) -> None:
    """No process outlives a killed Kamailio, and a call that was up can be ended through the next one."""
    with Phone() as gateway, EdgeNode(tmp_path, [OutboundTrunk("main", gateway.uri)]) as node:
        call, incoming = talk(node, carrier, gateway)
        pids = node.pids()
        node.kill()
        wait_for(lambda: not any(map(exists, pids)), lambda: f"the end of {[pid for pid in pids if exists(pid)]}")
        node.start()
        call.send("BYE")
        incoming.answer(gateway.expect("BYE"))
        carrier.expect(200)
        node.wait_for_events(call.call_id, "decided", "answered", "hungup")


def test_a_spool_that_cannot_be_written_costs_no_call(tmp_path: Path, carrier: Phone) -> None:
    """Nor its record: events wait in memory, and are written by whichever process, without another call."""
    with Phone() as gateway, EdgeNode(tmp_path, [OutboundTrunk("main", gateway.uri)]) as node:
        node.put(NUMBER, target=TARGET)
        mode = stat.S_IMODE(node.config.spool.stat().st_mode)
        node.config.spool.chmod(0o555)
        call = Call(carrier, node.address, NUMBER).start()
        Incoming.wait(gateway).reply(486)
        call.expect(486)
        wait_for(lambda: node.statistics()["spool_waiting"] == 2, "the events that wait")
        assert node.trouble() == "2 call events wait in memory, as the spool cannot be written"
        assert "call events wait in memory" in node.logged()
        assert not node.events(call.call_id)
        node.config.spool.chmod(mode)
        node.wait_for_events(call.call_id, "decided", "failed")
        wait_for(lambda: node.statistics()["spool_waiting"] == 0, "the end of what waits")
        assert node.statistics()["spool_lost"] == 0
        assert node.trouble() == ""


def test_a_spool_that_is_removed_costs_no_call_and_is_said_to_be_away(tmp_path: Path, carrier: Phone) -> None:
    """Call events wait in memory until it is made again; those that lay in it are gone with it."""
    # As a data directory of ours is: Kamailio, which has given up its rights, may pass through.
    tmp_path.chmod(0o751)
    with Phone() as gateway, EdgeNode(tmp_path, [OutboundTrunk("main", gateway.uri)]) as node:
        node.put(NUMBER, target=TARGET)
        for removal in range(2):
            before = Call(carrier, node.address, NUMBER).start()
            Incoming.wait(gateway).reply(486)
            before.expect(486)
            node.wait_for_events(before.call_id, "decided", "failed")
            shutil.rmtree(node.config.spool)
            call = Call(carrier, node.address, NUMBER).start()
            Incoming.wait(gateway).reply(486)
            call.expect(486)
            wait_for(lambda: node.statistics()["spool_waiting"] == 2, "the events that wait")
            assert node.logged().count("call events wait in memory") == removal + 1
            assert node.trouble() == "2 call events wait in memory, as the spool cannot be written"
            node.config.spool.mkdir()
            node.kamailio.own_spool()
            node.wait_for_events(call.call_id, "decided", "failed")
            wait_for(lambda: node.trouble() == "", "the end of what waits")


def test_events_beyond_those_that_can_wait_are_logged_counted_and_shown(
    tmp_path: Path, carrier: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EdgeNode(tmp_path, [OutboundTrunk("main", "sip:127.0.0.1:9")]) as node:
        mode = stat.S_IMODE(node.config.spool.stat().st_mode)
        node.config.spool.chmod(0o555)
        calls = []
        for _ in range(MAX_WAITING + 3):  # each is refused, which is one event
            calls.append(Call(carrier, node.address, NUMBER).start())
            calls[-1].expect(404)
        wait_for(lambda: node.statistics()["spool_lost"] == 3, "the count of lost events")
        assert node.statistics()["spool_waiting"] == MAX_WAITING
        assert calls[-1].call_id in node.logged()
        shown = node.trouble()
        assert shown.startswith("3 call events could not be written to the spool and are lost")
        node.config.spool.chmod(mode)
        wait_for(lambda: node.statistics()["spool_waiting"] == 0, "the end of what waits")
        assert node.events(calls[0].call_id)
        assert not node.events(calls[-1].call_id)
        assert node.trouble() == shown.partition("; ")[0]
        monkeypatch.setattr(edge_part, "RECENT_S", 0.0)
        assert node.trouble() == ""


@pytest.mark.parametrize(("thousandths", "percent"), [(1, 1), (305, 31), (950, 95)])
def test_the_share_of_calls_that_is_refused_is_shown(edge: EdgeNode, thousandths: int, percent: int) -> None:
    assert edge.trouble() == ""
    measures = edge.process_named("timer=load")
    # It would set the share back at once.
    os.kill(measures, signal.SIGSTOP)
    try:
        edge.set_refused_share(thousandths)
        assert edge.trouble() == f"refuses {percent} % of new calls, more come than it can handle"
    finally:
        os.kill(measures, signal.SIGCONT)
    wait_for(lambda: edge.trouble() == "", "the end of it")


def test_kamailio_has_no_rights(edge: EdgeNode) -> None:
    """Its processes are not root's, and none of those that hear the network has a capability left."""
    assert edge.process is not None
    for pid in edge.pids():
        status = Path(f"/proc/{pid}/status").read_text("ascii")
        assert re.search(r"NoNewPrivs:\s*1", status)
        effective = re.search(r"CapEff:\s*(\w+)", status)
        permitted = re.search(r"CapPrm:\s*(\w+)", status)
        assert effective
        assert permitted
        assert int(effective[1], 16) == 0
        assert pid == edge.process.pid or int(permitted[1], 16) == 0
        if edge.kamailio.user is not None:
            assert re.search(rf"Uid:\s*{edge.kamailio.user.uid}\s", status)


@pytest.mark.parametrize("path", TORTURE, ids=lambda path: path.stem)
def test_torture_messages(edge: EdgeNode, path: Path) -> None:
    """After each message of RFC 4475 and RFC 5118 a valid OPTIONS is answered."""
    with Phone() as stranger, Phone() as asker:
        stranger.send(path.read_bytes(), edge.address)
        assert options(asker, edge.address).status == 200


def test_mutated_invites(tmp_path: Path) -> None:
    """The same after each of many INVITEs with bytes changed, cut, doubled or put in at random (seeded).

    At an edge of its own: what it sends on, it sends again for seconds, and the next test would take that for its call.
    """
    dice = random.Random(20240229)
    headers = [
        ("Diversion", '"A, B" <sip:+33155555555@x;p=1>;reason=user-busy;counter=1;privacy=off'),
        ("History-Info", "<sip:+33155555555@x?Reason=SIP%3Bcause%3D302>;index=1, <sip:+33144444444@x>;index=1.1"),
        ("P-Asserted-Identity", '"Alice" <sip:+33140000001@carrier.example;user=phone>'),
        ("Reason", "Q.850;cause=16"),
    ]
    with (
        Phone() as gateway,
        Phone() as stranger,
        Phone() as asker,
        EdgeNode(tmp_path, [OutboundTrunk("main", gateway.uri)]) as node,
    ):
        node.put(NUMBER, target=TARGET)
        pids = node.pids()
        for _ in range(MUTATIONS):
            message = Call(stranger, node.address, NUMBER, headers=headers).invite.encode()
            stranger.send(mutate(message, dice), node.address)
            assert options(asker, node.address).status == 200
            stranger.forget()
        assert node.pids() == pids


def sent_on(call: Call, carrier: Phone, gateway: Phone) -> SipMessage | None:
    """Return the INVITE of a call at the trunk, or the answer of an edge that has no time for it; None so far."""
    for phone, begins in ((gateway, "INVITE "), (carrier, "SIP/2.0 503 ")):
        while (message := phone.receive_now()) is not None:
            if message.get("Call-ID") == call.call_id and message.start_line.startswith(begins):
                return message
    return None


def test_mutated_answers(tmp_path: Path) -> None:
    """The same after each of many answers of a trunk, which challenges us, redirects or refuses the caller besides."""
    dice = random.Random(20261130)
    challenges = [(name, 'Digest realm="r", nonce="n", algorithm=MD5, qop="auth"') for name, _ in NAMES.values()]
    others = [
        ("Contact", "<sip:+33644630000@127.0.0.1;lr>;expires=60;q=0.5"),
        ("Diversion", "<sip:+33155555555@x>;reason=user-busy;counter=1"),
        ("Reason", 'Q.850;cause=17;text="busy"'),
        ("Retry-After", "10 (soon);duration=3"),
    ]
    with Phone() as gateway, Phone() as carrier, Phone() as asker:
        trunk = OutboundTrunk(
            "main", gateway.uri, user="acc-12", caller_id=CallerIdPolicy.ANONYMOUS, redirects=Redirects.FOLLOW
        )
        # Many of these calls ring on.
        node = EdgeNode(tmp_path, [trunk], memory_mib=256)
        node.credentials = {"main": Credentials("acc-12", "", "word")}
        with node:
            node.put(NUMBER, target=TARGET)
            pids = node.pids()
            for _ in range(MUTATIONS // 2):
                call = Call(carrier, node.address, NUMBER).start()
                invite = wait_for(partial(sent_on, call, carrier, gateway), "the call at the trunk, or its refusal")
                if invite.status is None:
                    answer = invite.answer(dice.choice(ANSWERS), headers=[*challenges, *others], body=SDP)
                    gateway.send(mutate(answer.encode(), dice), invite.source)
                assert options(asker, node.address).status == 200
                carrier.forget()
                gateway.forget()
            assert node.pids() == pids
            assert "Traceback" not in node.logged()
