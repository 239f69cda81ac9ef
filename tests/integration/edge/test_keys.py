"""Keys change while a real Kamailio relays: calls in progress go on, new ones have the new key, damage stops none."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from renvoi import key_file
from renvoi.domain.calls.call_mark import CallMark, MarkInvalid
from renvoi.domain.shared_key import ROTATION_MS, SPREAD_MS, KeyRing
from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.edge import EdgeNode, exists
from tests.support.keys import new_key, now_ms
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.sip_message import SipMessage, uri_in
from tests.support.waiting import wait_for

NUMBER, TARGET = "+33199001234", "+33612345678"


@pytest.fixture(scope="module")
def gateway() -> Iterator[Phone]:
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def shared(gateway: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    with EdgeNode(tmp_path_factory.mktemp("keys"), [OutboundTrunk("main", gateway.uri)]) as made:
        made.put(NUMBER, target=TARGET)
        yield made


@pytest.fixture
def node(shared: EdgeNode) -> EdgeNode:
    """Give the edge one key, which signs."""
    take(shared, KeyRing([new_key(now_ms() - ROTATION_MS)]))
    return shared


def take(node: EdgeNode, ring: KeyRing) -> None:
    """Give the running edge these keys."""
    node.keys = ring
    asyncio.run(node.kamailio.take_keys(ring))


def rotated(ring: KeyRing, age_ms: int = SPREAD_MS) -> KeyRing:
    """Return the keys with one more, made so long ago."""
    return KeyRing([*ring.keys, new_key(now_ms() - age_ms)])


def mark_in(message: SipMessage) -> str:
    """Return the mark in the Record-Route."""
    return uri_in(message["Record-Route"]).partition("rv=")[2].partition(";")[0]


def is_by(mark: str, call: Call, ring: KeyRing) -> bool:
    """Tell whether a mark was made with one of these keys."""
    try:
        CallMark.decode(mark, ring, now_ms(), call.call_id, call.tag)
    except MarkInvalid:
        return False
    return True


def begin(node: EdgeNode, carrier: Phone, trunk: Phone) -> tuple[Call, Incoming]:
    """Have a call ring."""
    call = Call(carrier, node.address, NUMBER).start()
    return call, Incoming.wait(trunk)


def answer(call: Call, incoming: Incoming) -> None:
    """Take a call that rings."""
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    incoming.phone.expect("ACK", skip=("OPTIONS",))


def hang_up(call: Call, incoming: Incoming, by: str) -> None:
    """End a call, from either side."""
    if by == "caller":
        call.send("BYE")
        incoming.answer(incoming.phone.expect("BYE", skip=("OPTIONS",)))
        call.phone.expect(200)
    else:
        incoming.send("BYE")
        bye = call.phone.expect("BYE")
        call.phone.send(bye.answer(200), bye.source)
        incoming.phone.expect(200)


@pytest.mark.parametrize("by", ["caller", "callee"])
def test_a_call_outlives_a_rotation_and_the_next_one_has_the_new_key(
    node: EdgeNode, carrier: Phone, trunk: Phone, by: str
) -> None:
    call, incoming = begin(node, carrier, trunk)
    answer(call, incoming)
    before = node.keys
    take(node, rotated(before))
    new = KeyRing(node.keys.keys[1:])
    assert call.answer is not None
    assert is_by(mark_in(call.answer), call, before)
    call.send("INFO")
    incoming.answer(trunk.expect("INFO", skip=("OPTIONS",)))
    carrier.expect(200)
    hang_up(call, incoming, by)
    node.wait_for_events(call.call_id, "decided", "answered", "hungup")
    after, taken = begin(node, carrier, trunk)
    assert is_by(mark_in(taken.invite), after, new)
    assert not is_by(mark_in(taken.invite), after, before)
    answer(after, taken)
    assert after.answer is not None
    assert is_by(mark_in(after.answer), after, new)
    hang_up(after, taken, by)


def test_a_key_that_has_not_spread_does_not_sign_but_what_others_signed_by_it_holds(
    node: EdgeNode, carrier: Phone, trunk: Phone
) -> None:
    """Another node's clock may be ahead, and it may use the key sooner."""
    before = node.keys
    take(node, rotated(before, age_ms=0))
    call, incoming = begin(node, carrier, trunk)
    assert is_by(mark_in(incoming.invite), call, before)
    answer(call, incoming)
    assert call.answer is not None
    made = CallMark.decode(mark_in(call.answer), before, now_ms(), call.call_id, call.tag)
    newer = made.encode(KeyRing(node.keys.keys[1:]), now_ms(), call.call_id, call.tag)
    route = call.answer["Record-Route"].replace(mark_in(call.answer), newer)
    call.answer.headers = [(k, route if k == "Record-Route" else v) for k, v in call.answer.headers]
    hang_up(call, incoming, "caller")


@pytest.mark.parametrize("by", ["caller", "callee"])
@pytest.mark.parametrize("foreseen", [True, False])
def test_a_rotation_while_a_call_rings(
    node: EdgeNode, carrier: Phone, trunk: Phone, by: str, *, foreseen: bool
) -> None:
    """The two sides then have marks by different keys, unless both were made with the decision."""
    call, incoming = begin(node, carrier, trunk)
    if not foreseen:
        incoming.contact = incoming.contact.replace(">", ";ob>")
    before = node.keys
    take(node, rotated(before))
    answer(call, incoming)
    assert call.answer is not None
    assert is_by(mark_in(incoming.invite), call, before)
    assert is_by(mark_in(call.answer), call, before if foreseen else KeyRing(node.keys.keys[1:]))
    hang_up(call, incoming, by)


def test_a_reinvite_after_a_rotation_changes_nothing(node: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    call, incoming = begin(node, carrier, trunk)
    answer(call, incoming)
    take(node, rotated(node.keys))
    call.send("INVITE", body=SDP)
    incoming.answer(trunk.expect("INVITE", skip=("OPTIONS",)))
    carrier.expect(200, skip=(100,))
    call.ack()
    trunk.expect("ACK")
    hang_up(call, incoming, "callee")


def test_a_key_that_was_removed_serves_no_call(node: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    call, incoming = begin(node, carrier, trunk)
    answer(call, incoming)
    before = node.keys
    take(node, KeyRing([new_key()]))
    call.send("BYE")
    carrier.expect(481)
    trunk.expect_silence(0)
    take(node, before)
    hang_up(call, incoming, "caller")


@pytest.fixture
def started(tmp_path: Path, trunk: Phone) -> Iterator[EdgeNode]:
    """Start an edge, so that all of its processes have read the same keys, and not only those that served a call."""
    with EdgeNode(tmp_path, [OutboundTrunk("main", trunk.uri)]) as made:
        made.put(NUMBER, target=TARGET)
        yield made


@pytest.mark.parametrize("damage", [b"", b"{", b'{"keys": []}', b"\xff\x00" * 500, b"[" * 100_000, None])
def test_a_damaged_file_stops_no_call(started: EdgeNode, carrier: Phone, trunk: Phone, damage: bytes | None) -> None:
    """The keys from before serve on, with one line in the log of each process; then the next file counts."""
    node = started
    call, incoming = begin(node, carrier, trunk)
    answer(call, incoming)
    path = node.config.directory / key_file.NAME
    said = node.logged().count("the previous shared keys stay")
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)
        path.chmod(0o644)
    for _ in range(4):
        after, taken = begin(node, carrier, trunk)
        answer(after, taken)
        hang_up(after, taken, "callee")
    hang_up(call, incoming, "caller")
    told = node.logged().count("the previous shared keys stay") - said
    assert 0 < told <= len(node.pids())
    take(node, rotated(node.keys))
    after, taken = begin(node, carrier, trunk)
    assert is_by(mark_in(taken.invite), after, KeyRing(node.keys.keys[1:]))
    answer(after, taken)
    hang_up(after, taken, "caller")


def test_an_edge_that_starts_again_serves_the_calls_from_before(tmp_path: Path, carrier: Phone, trunk: Phone) -> None:
    """Whether it was told to end or died: nothing of a call is in its memory."""
    with EdgeNode(tmp_path, [OutboundTrunk("main", trunk.uri)]) as made:
        made.put(NUMBER, target=TARGET)
        for end, by in ((made.stop, "caller"), (made.kill, "callee")):
            call, incoming = begin(made, carrier, trunk)
            answer(call, incoming)
            pids = made.pids()
            end()
            _wait_gone(pids)
            made.start()
            hang_up(call, incoming, by)
            made.wait_for_events(call.call_id, "decided", "answered", "hungup")


def _wait_gone(pids: set[int]) -> None:
    wait_for(lambda: not any(map(exists, pids)), "the end of the processes")
