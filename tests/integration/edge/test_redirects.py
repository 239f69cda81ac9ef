"""A trunk that answers a call with 3xx (docs/trunks.md, `--redirects`)."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from renvoi.domain.access.limits import AccountLimits, Limits
from renvoi.domain.trunks.choices import Redirects
from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.edge import EdgeNode
from tests.support.sip import SDP, Call, Incoming, Phone

NUMBER, OTHER, TARGET, NEXT = "+33199001234", "+33199005678", "+33612345678", "+33140000009"


@pytest.fixture(scope="module")
def phones() -> Iterator[list[Phone]]:
    with Phone() as first, Phone() as second:
        yield [first, second]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    with EdgeNode(tmp_path_factory.mktemp("edge")) as node:
        node.put(NUMBER, target=TARGET)
        node.put(OTHER, target=NEXT)
        yield node


@pytest.fixture
def node(shared: EdgeNode, phones: list[Phone]) -> EdgeNode:
    """Return the edge with two trunks, `a` which may redirect and `b`; nothing is left over from the test before."""
    first, second = phones
    shared.limit()
    shared.reload(
        OutboundTrunk("a", first.uri, 90, redirects=Redirects.FOLLOW, max_calls=10),
        OutboundTrunk("b", second.uri, 10),
    )
    for phone in phones:
        phone.forget()
    return shared


def moved(incoming: Incoming, to: str, status: int = 302, **headers: str) -> None:
    incoming.reply(status, headers=[("Contact", f"<sip:{to}@anywhere.example>"), *headers.items()])


def at(phone: Phone, number: str) -> Incoming:
    incoming = Incoming.wait(phone)
    assert incoming.invite.uri.startswith(f"sip:{number}@{phone.host}"), incoming.invite.uri
    return incoming


def test_the_call_goes_on_to_where_it_is_wanted(node: EdgeNode, carrier: Phone, phones: list[Phone]) -> None:
    """The caller sees nothing of it, the trunk who diverted, and the record where it went."""
    first, _ = phones
    call = Call(carrier, node.address, NUMBER).start()
    moved(at(first, TARGET), NEXT, Diversion=f"<sip:{TARGET}@x>;reason=no-answer")
    incoming = at(first, NEXT)
    assert incoming.invite.all("Diversion") == [
        f"<sip:{TARGET}@127.0.0.1>;reason=no-answer;counter=1;privacy=off",
        f"<sip:{NUMBER}@127.0.0.1>;reason=unconditional;counter=1;privacy=off",
    ]
    assert incoming.invite.all("History-Info") == [
        f"<sip:{NUMBER}@127.0.0.1>;index=1",
        f"<sip:{TARGET}@127.0.0.1;cause=302>;index=1.1;mp=1",
        f"<sip:{NEXT}@127.0.0.1;cause=408>;index=1.1.1;mp=1.1",
    ]
    incoming.reply(200, body=SDP)
    answer = call.expect(200)
    assert answer["Contact"] == incoming.contact
    call.ack()
    first.expect("ACK", skip=("INVITE",))
    call.send("BYE")
    incoming.answer(first.expect("BYE"))
    carrier.expect(200)
    _, answered, _ = node.wait_for_events(call.call_id, "decided", "answered", "hungup")
    assert (answered["trunk"], answered["redirected"]) == ("a", [TARGET, NEXT])
    shown = [(leg["request_uri"].split("@")[0], leg["status"], leg["trunk"]) for leg in answered["legs"]]
    assert shown == [(f"sip:{TARGET}", 302, "a"), (f"sip:{NEXT}", 200, "a")]
    assert not node.table("held")


def test_it_goes_through_every_trunk_from_the_first_one_and_ends_there(
    node: EdgeNode, carrier: Phone, phones: list[Phone]
) -> None:
    """What was planned for the first number is not tried with the second one."""
    first, second = phones
    call = Call(carrier, node.address, NUMBER).start()
    moved(at(first, TARGET), NEXT, 301)
    at(first, NEXT).reply(500)
    incoming = at(second, NEXT)
    assert "reason=unconditional" in incoming.invite.all("Diversion")[0]
    incoming.reply(502)
    call.expect(502)
    failed = node.wait_for_events(call.call_id, "decided", "failed")[-1]
    assert (failed["status"], failed["trunk"], failed["redirected"]) == (502, "b", [TARGET, NEXT])
    assert [leg["status"] for leg in failed["legs"]] == [301, 500, 502]


def test_it_may_go_on_more_than_once_but_not_for_ever(node: EdgeNode, carrier: Phone, phones: list[Phone]) -> None:
    first, second = phones
    call = Call(carrier, node.address, NUMBER).start()
    hops = [TARGET, *(f"+3314000001{last}" for last in range(4))]
    for number, wanted in pairwise(hops):
        moved(at(first, number), wanted)
    # The fourth one counts as a refusal.
    at(second, hops[3]).reply(486)
    call.expect(486)
    failed = node.wait_for_events(call.call_id, "decided", "failed")[-1]
    assert failed["redirected"] == hops[:4]
    # So many diversions are tried by TCP first.
    sent = [leg["request_uri"].split("@")[0] for leg in failed["legs"] if leg["end"] != "unsent"]
    assert sent == [f"sip:{each}" for each in (*hops[:4], hops[3])]


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param("+33899700000", id="premium"),
        pytest.param("+4930123456", id="another country"),
        pytest.param(TARGET, id="itself"),
        pytest.param(NUMBER, id="back to us"),
        pytest.param(OTHER, id="another number of ours"),
        pytest.param("alice", id="no number"),
        pytest.param("112", id="emergency"),
    ],
)
def test_what_may_not_be_followed_counts_as_a_refusal(
    node: EdgeNode, carrier: Phone, phones: list[Phone], wanted: str
) -> None:
    first, second = phones
    call = Call(carrier, node.address, NUMBER).start()
    moved(at(first, TARGET), wanted)
    at(second, TARGET).reply(486)
    call.expect(486)
    assert node.wait_for_events(call.call_id, "decided", "failed")[-1]["redirected"] == []


@pytest.mark.parametrize("status", [300, 302, 305, 399])
def test_a_redirection_never_reaches_the_caller(
    node: EdgeNode, carrier: Phone, phones: list[Phone], status: int
) -> None:
    """The second trunk is not one whose 3xx is followed."""
    first, second = phones
    call = Call(carrier, node.address, NUMBER).start()
    at(first, TARGET).reply(500)
    moved(at(second, TARGET), NEXT, status)
    answer = call.expect(503)
    assert (answer["Reason"], answer.get("Contact")) == ("Q.850;cause=38", None)


def test_limits_are_those_of_the_number_called(node: EdgeNode, carrier: Phone, phones: list[Phone]) -> None:
    """A second call to the same next target is one too many there; when the first one ends it is let go."""
    first, second = phones
    node.limit(AccountLimits(target=Limits(calls=1)))
    call = Call(carrier, node.address, NUMBER).start()
    moved(at(first, TARGET), NEXT)
    incoming = at(first, NEXT)
    incoming.reply(180)
    call.expect(180)
    node.put("+33199000001", target="+33612340000")
    other = Call(carrier, node.address, "+33199000001").start()
    moved(at(first, "+33612340000"), NEXT)
    at(second, "+33612340000").reply(486)
    other.expect(486)
    assert int(node.table("counts").get(f"t1.{NEXT[1:]}", 0)) == 1
    incoming.reply(486)
    call.expect(486)
    assert not node.table("held")
    assert int(node.table("counts").get(f"t1.{NEXT[1:]}", 0)) == 0


def test_a_caller_who_hangs_up_meanwhile_ends_it(node: EdgeNode, carrier: Phone, phones: list[Phone]) -> None:
    first, _ = phones
    call = Call(carrier, node.address, NUMBER).start()
    incoming = at(first, TARGET)
    incoming.reply(180)
    call.expect(180)
    call.cancel()
    cancel = first.expect("CANCEL")
    incoming.answer(cancel)
    moved(incoming, NEXT)
    call.expect_cancelled()
    first.expect("ACK")
    first.expect_silence(0.05)
