"""Who belongs to a call, and where its requests may go."""

import pytest

from renvoi.domain.calls.call_mark import DIGEST_BYTES, WORKER, CallMark, NextHop, Towards
from renvoi.domain.trunks.address import Destination
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network
from renvoi.edge.router.parties import Parties, hop_of, marks_in
from renvoi.edge.router.trunk_table import TrunkTable

CALL = "a call"
INBOUND = [
    InboundTrunk("carrier", (parse_network("10.1.0.0/24"), parse_network("2001:db8:1::/48"))),
    InboundTrunk("other", (parse_network("10.2.0.0/24"),)),
]
OUTBOUND = [
    OutboundTrunk("main", "sip:10.3.0.1:5062"),
    OutboundTrunk("named", "sip:Trunk.Example"),
    OutboundTrunk("kin", "sip:10.2.0.7"),
]
FOUND = {
    "main": [Destination("10.3.0.1", 5060)],
    "named": [Destination("10.4.0.1", 5060), Destination("10.4.0.2", 5060)],
    "kin": [Destination("10.2.0.7", 5060)],
}


class Facts:
    """See `Seen`."""

    def __init__(self) -> None:
        self.noted: set[str] = set()

    def note(self, fact: str) -> None:
        self.noted.add(fact)

    def has(self, fact: str) -> bool:
        return fact in self.noted


@pytest.fixture
def parties() -> Parties:
    return Parties(TrunkTable.of(1, INBOUND, OUTBOUND, FOUND), Facts())


def mark(towards: Towards, outbound: str = "main", hop: str = "", inbound: str = "carrier") -> CallMark:
    made = NextHop.of(hop)
    return CallMark(towards, inbound, outbound, 0, made.digest() if made is not None else bytes(DIGEST_BYTES))


@pytest.mark.parametrize(
    ("source", "inbound", "may"),
    [
        ("10.1.0.1", "carrier", True),
        ("10.1.0.255", "carrier", True),
        ("::ffff:10.1.0.1", "carrier", True),
        ("[2001:db8:1::7]", "carrier", True),
        ("10.1.1.0", "carrier", False),
        ("10.2.0.1", "carrier", False),
        ("10.3.0.1", "carrier", False),
        ("2001:db8:2::7", "carrier", False),
        ("10.1.0.1", "removed since", False),
        ("10.1.0.1", "", False),
        # The name of an outbound trunk is not an inbound one's.
        ("10.3.0.1", "main", False),
    ],
)
def test_the_calling_side_is_the_whole_inbound_trunk(parties: Parties, source: str, inbound: str, may: bool) -> None:
    assert parties.may_send(mark(Towards.CALLEE, inbound=inbound), source) is may


@pytest.mark.parametrize(
    ("source", "outbound", "may"),
    [
        ("10.3.0.1", "main", True),
        ("10.3.0.2", "main", False),
        ("10.1.0.1", "main", False),
        ("10.4.0.2", "named", True),
        ("10.4.0.3", "named", False),
        # Calls come from this carrier, too: its networks are known.
        ("10.2.0.9", "kin", True),
        ("10.2.1.9", "kin", False),
        ("10.3.0.1", "removed since", False),
        ("127.0.0.1", f"{WORKER}127.0.0.1:5080", True),
        ("127.0.0.2", f"{WORKER}127.0.0.1:5080", False),
        ("2001:db8::5", f"{WORKER}[2001:db8::5]:5080", True),
        ("127.0.0.1", f"{WORKER}", False),
        ("127.0.0.1", f"{WORKER}127.0.0.1:5080?x", False),
    ],
)
def test_the_called_side_is_the_outbound_trunk_or_the_worker(
    parties: Parties, source: str, outbound: str, may: bool
) -> None:
    assert parties.may_send(mark(Towards.CALLER, outbound), source) is may


HOP = "sip:callee@10.9.0.1:5090"


@pytest.mark.parametrize(
    ("uri", "may"),
    [
        (HOP, True),
        ("sip:somebody-else@10.9.0.1:5090", True),
        ("sip:10.3.0.1:5062", True),
        ("sip:+331@10.3.0.1:9", True),
        (f"{HOP};transport=tcp", False),
        (f"{HOP};maddr=10.9.0.2", False),
        ("sip:callee@10.9.0.1:5091", False),
        ("sips:callee@10.9.0.1:5090", False),
        ("sip:10.9.0.2", False),
        ("sip:10.1.0.1", False),
        ("sip:10.3.0.1;maddr=10.9.0.2", False),
        ("sip:10.3.0.1;maddr=;maddr=10.9.0.2", False),
        ("sip:10.3.0.1" + ";x" * 100 + ";maddr=10.9.0.2", False),
        ("sip:x@10.9.0.2@10.3.0.1", False),
        ("tel:+331", False),
        ("", False),
    ],
)
def test_the_called_side_is_reached_where_it_answered_or_at_its_trunk(parties: Parties, uri: str, may: bool) -> None:
    assert parties.may_reach(mark(Towards.CALLEE, hop=HOP), uri, CALL) is may


@pytest.mark.parametrize(
    ("uri", "may"),
    [
        (HOP, True),
        ("sip:10.1.0.200:6000", True),
        ("sip:[2001:db8:1::1]", True),
        ("sip:10.2.0.1", False),
        ("sip:10.3.0.1:5062", False),
        ("sip:carrier.example", False),
        ("sip:10.1.0.1;maddr=10.9.0.2", False),
    ],
)
def test_the_caller_is_reached_where_it_called_from_or_within_its_trunk(parties: Parties, uri: str, may: bool) -> None:
    assert parties.may_reach(mark(Towards.CALLER, hop=HOP), uri, CALL) is may


@pytest.mark.parametrize(
    ("uri", "may"),
    [
        ("sip:x@127.0.0.1:5080", True),
        ("sip:127.0.0.1:5080", True),
        ("sip:127.0.0.1:5081", False),
        ("sip:127.0.0.1", False),
        ("sip:127.0.0.1:5080;maddr=10.9.0.2", False),
    ],
)
def test_a_worker_is_reached_at_its_port_only(parties: Parties, uri: str, may: bool) -> None:
    """Behind other ports of its machine are other things."""
    assert parties.may_reach(mark(Towards.CALLEE, f"{WORKER}127.0.0.1:5080"), uri, CALL) is may


def test_a_trunk_with_a_name_is_reached_by_it(parties: Parties) -> None:
    for uri in ("sip:trunk.example", "sip:x@TRUNK.EXAMPLE:5070", "sip:10.4.0.2"):
        assert parties.may_reach(mark(Towards.CALLEE, "named"), uri, CALL)
    assert not parties.may_reach(mark(Towards.CALLEE, "named"), "sip:other.example", CALL)


@pytest.mark.parametrize("by", Towards)
def test_a_contact_that_changed_is_of_this_call_and_this_side(parties: Parties, by: Towards) -> None:
    moved = "sip:moved@10.9.9.9"
    other = Towards.CALLER if by is Towards.CALLEE else Towards.CALLEE
    parties.note_contact(mark(other), by, moved, CALL)
    assert parties.may_reach(mark(by), moved, CALL)
    assert not parties.may_reach(mark(by), moved, "another call")
    assert not parties.may_reach(mark(other), moved, CALL)
    assert not parties.may_reach(mark(by), f"{moved}:5061", CALL)


def test_what_the_mark_covers_or_nobody_can_read_is_not_kept(parties: Parties) -> None:
    for uri in ("sip:10.3.0.1", "sip:x@10.3.0.1:777", "", "tel:+331", "sip:a@b@c"):
        parties.note_contact(mark(Towards.CALLER), Towards.CALLEE, uri, CALL)
    parties.note_answer(mark(Towards.CALLER), "10.3.0.1")
    assert isinstance(parties.seen, Facts)
    assert parties.seen.noted == set()


def test_an_address_that_answered_for_a_trunk_is_its_own(parties: Parties) -> None:
    parties.note_answer(mark(Towards.CALLER), "10.7.0.7")
    assert parties.may_send(mark(Towards.CALLER), "10.7.0.7")
    assert parties.may_reach(mark(Towards.CALLEE), "sip:10.7.0.7", CALL)
    assert not parties.may_send(mark(Towards.CALLER, "named"), "10.7.0.7")
    # Once the trunk is removed nobody stands for it.
    removed = Parties(TrunkTable.of(2, INBOUND, OUTBOUND[1:], FOUND), parties.seen)
    assert not removed.may_send(mark(Towards.CALLER), "10.7.0.7")


def test_the_next_hop_is_the_nearest_proxy_else_the_contact() -> None:
    assert hop_of("", "<sip:a@b>;expires=1") == "sip:a@b"
    assert hop_of("<sip:p1;lr>, <sip:p2;lr>", "<sip:a@b>") == "sip:p1;lr"
    assert hop_of("", "") == ""


def test_every_mark_of_an_answer_is_found_with_the_proxy_above_it() -> None:
    value = "<sip:q;lr>, <sip:us;lr;rv=AA>, <sip:p;lr>, <sip:us2;rv=B-_;lr>"
    assert list(marks_in(value)) == [("AA", "sip:q;lr"), ("B-_", "sip:p;lr")]
    assert list(marks_in("<sip:us;rv=AA>")) == [("AA", "")]
    assert list(marks_in("<sip:p;lr>, <<<")) == []
