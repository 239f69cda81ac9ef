"""Limits of calls, on one node with a real Kamailio (docs/trunks.md, docs/calls.md §2)."""

import random
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from renvoi.domain.access.limits import AccountLimits, Limits
from renvoi.domain.calls.usage import DAY_MS, day_of
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.edge.router.call_counts import TOLD_TABLE
from tests.support.call_load import Load
from tests.support.edge import EdgeNode
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.waiting import wait_for

NUMBER, TARGET = "+33199001234", "+33612345678"
OTHER, OTHERS_TARGET = "+33199001235", "+33612345679"
TOLD = "limit.reached: calls of account 1\n"
PATIENT_MS = 30_000
"""How long a call may be neither answered nor given up: what the tests do meanwhile takes a while on a busy machine."""


@pytest.fixture(scope="module")
def first() -> Iterator[Phone]:
    """Play the trunk of the higher priority."""
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def second() -> Iterator[Phone]:
    """Play the trunk of the lower priority."""
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, first: Phone) -> Iterator[EdgeNode]:
    """Run an edge; each test gives it its trunks."""
    trunk = OutboundTrunk("first", first.uri)
    with EdgeNode(tmp_path_factory.mktemp("edge"), [trunk], workers=4, no_answer_ms=PATIENT_MS) as edge:
        edge.put(NUMBER, target=TARGET)
        edge.put(OTHER, target=OTHERS_TARGET)
        yield edge


@pytest.fixture(autouse=True)
def fresh(node: EdgeNode, first: Phone, second: Phone) -> None:
    node.limit()
    first.forget()
    second.forget()


def trunks(node: EdgeNode, first: Phone, second: Phone, **limits: int) -> None:
    """Give the edge two trunks, of which the first one has limits."""
    node.reload(OutboundTrunk("first", first.uri, 90, **limits), OutboundTrunk("second", second.uri, 10))  # type: ignore[arg-type]  # all are numbers


def begin(node: EdgeNode, carrier: Phone, trunk: Phone, number: str = NUMBER) -> tuple[Call, Incoming]:
    """Make a call that rings at `trunk`."""
    call = Call(carrier, node.address, number).start()
    return call, Incoming.wait(trunk)


def answer(call: Call, incoming: Incoming) -> None:
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    incoming.phone.expect("ACK")


def hang_up(call: Call, incoming: Incoming) -> None:
    call.send("BYE")
    incoming.answer(incoming.phone.expect("BYE", skip=("ACK",)))
    call.phone.expect(200)


def in_use(node: EdgeNode, name: str) -> int:
    """Return how many calls Kamailio counts under a name."""
    return int(node.table("counts").get(name, 0))


def test_a_full_trunk_is_passed_over_until_a_call_ends(
    node: EdgeNode, carrier: Phone, first: Phone, second: Phone
) -> None:
    """Whichever way a call ends: answered and hung up by either side, refused, cancelled, or silent."""
    trunks(node, first, second, max_calls=1)
    call, incoming = begin(node, carrier, first)
    other, elsewhere = begin(node, carrier, second)
    assert in_use(node, "Tfirst") == 1
    elsewhere.reply(486)
    other.expect(486)
    answer(call, incoming)
    other, elsewhere = begin(node, carrier, second)
    hang_up(call, incoming)
    elsewhere.reply(486)
    other.expect(486)

    call, incoming = begin(node, carrier, first)
    answer(call, incoming)
    incoming.send("BYE")
    bye = carrier.expect("BYE")
    carrier.send(bye.answer(200), bye.source)
    first.expect(200)

    call, incoming = begin(node, carrier, first)
    incoming.reply(486)
    call.expect(486)

    call, incoming = begin(node, carrier, first)
    incoming.reply(180)
    call.expect(180)
    call.cancel()
    cancel = first.expect("CANCEL", skip=("ACK",))
    first.send(cancel.answer(200), cancel.source)
    incoming.reply(487)
    call.expect_cancelled()

    call, incoming = begin(node, carrier, first)
    incoming.reply(500)
    Incoming.wait(second).reply(486)
    call.expect(486)
    wait_for(lambda: in_use(node, "Tfirst") == 0, "a trunk without calls")


def test_when_all_trunks_are_full_the_caller_is_told(node: EdgeNode, carrier: Phone, first: Phone) -> None:
    node.reload(OutboundTrunk("first", first.uri, max_calls=1))
    call, incoming = begin(node, carrier, first)
    refused = Call(carrier, node.address, NUMBER).start()
    assert refused.expect(503)["Reason"] == "Q.850;cause=34"
    failed = node.wait_for_events(refused.call_id, "decided", "failed")[-1]
    assert (failed["reason"], failed["by"], failed["cause"]) == ("trunk-limit", "edge", 34)
    # In force with the next call, though the trunk has more than that already.
    node.reload(OutboundTrunk("first", first.uri, max_calls=2))
    another, rings = begin(node, carrier, first)
    node.reload(OutboundTrunk("first", first.uri, max_calls=1))
    Call(carrier, node.address, NUMBER).start().expect(503)
    for each, there in ((call, incoming), (another, rings)):
        there.reply(486)
        each.expect(486)
        assert in_use(node, "Tfirst") == (1 if each is call else 0)


def test_a_trunk_gets_no_more_calls_in_a_second_than_it_takes(
    node: EdgeNode, carrier: Phone, first: Phone, second: Phone
) -> None:
    trunks(node, first, second, max_rate=2)
    began = time.monotonic()
    calls = [Call(carrier, node.address, NUMBER).start() for _ in range(12)]
    arrived: list[Incoming] = []

    def all_came() -> bool:
        for phone in (first, second):
            while (message := phone.receive_now()) is not None:
                if message.method == "INVITE" and message.status is None:
                    arrived.append(Incoming(phone, message))
        return len({each.invite["Call-ID"] for each in arrived}) == len(calls)

    wait_for(all_came, "all calls at the trunks")
    at_first = {each.invite["Call-ID"] for each in arrived if each.phone is first}
    # Two in each second that has begun since, of which the first one may have begun before.
    assert 2 <= len(at_first) <= 2 * (int(time.monotonic() - began) + 2)
    for each in arrived:
        each.reply(486)
    wait_for(lambda: _refused(carrier, calls), "the end of all calls")


def _refused(carrier: Phone, calls: list[Call]) -> bool:
    while carrier.receive_now() is not None:
        pass
    got = {message["Call-ID"] for message in carrier.seen if message.status == 486}
    return got >= {call.call_id for call in calls}


def test_a_call_whose_bye_is_lost_is_let_go(node: EdgeNode, carrier: Phone, first: Phone, second: Phone) -> None:
    """After the longest time that a call may last."""
    trunks(node, first, second, max_calls=1)
    call, incoming = begin(node, carrier, first)
    answer(call, incoming)
    assert in_use(node, "Tfirst") == 1
    (held,) = node.table("held")
    node.expire("held", held)
    wait_for(lambda: in_use(node, "Tfirst") == 0, "the end of a call that nobody ended")
    assert not node.table("held")
    hang_up(call, incoming)
    assert in_use(node, "Tfirst") == 0, "nothing is taken off twice"


def refuse(node: EdgeNode, carrier: Phone, status: int, reason: str, number: str = NUMBER) -> None:
    """Check that a call is refused, and why its record says it was."""
    call = Call(carrier, node.address, number).start()
    cause = {486: 17, 480: 20}[status]
    assert call.expect(status)["Reason"] == f"Q.850;cause={cause}"
    (decided,) = node.wait_for_events(call.call_id, "decided")
    assert (decided["decision"], decided["reason"], decided["cause"]) == ("reject", reason, cause)


@pytest.mark.parametrize(
    ("limits", "shared"),
    [
        (AccountLimits(account=Limits(1)), True),
        (AccountLimits(number=Limits(1)), False),
        (AccountLimits(target=Limits(1)), False),
    ],
)
def test_calls_at_once(node: EdgeNode, carrier: Phone, first: Phone, limits: AccountLimits, shared: bool) -> None:
    """Of an account, of each of its numbers, of its calls to each target."""
    node.reload(OutboundTrunk("first", first.uri))
    node.limit(limits)
    call, incoming = begin(node, carrier, first)
    refuse(node, carrier, 486, "limit-calls")
    if shared:
        refuse(node, carrier, 486, "limit-calls", OTHER)
    else:
        another, rings = begin(node, carrier, first, OTHER)
        rings.reply(486)
        another.expect(486)
    answer(call, incoming)
    refuse(node, carrier, 486, "limit-calls")
    hang_up(call, incoming)
    call, incoming = begin(node, carrier, first)
    incoming.reply(486)
    call.expect(486)
    assert set(node.table("counts").values()) == {"0"}
    assert not node.table("held")


def use(node: EdgeNode, name: str, minutes: float, running: int = 0, spend: int = 0) -> None:
    """Have so many minutes used up today, less when the calls `running` were answered."""
    row = name, day_of(time_ms()), round(minutes * 60_000), running, spend
    words = "INSERT OR REPLACE INTO usage (name, day, ms, running, spend, price) VALUES (?, ?, ?, ?, ?, 0)"
    node.store.execute(words, row)


def time_ms() -> int:
    return time.time_ns() // 1_000_000


@pytest.mark.parametrize(("scope", "name"), [("account", "a1"), ("number", "n33199001234")])
def test_minutes_of_a_day(node: EdgeNode, carrier: Phone, first: Phone, scope: str, name: str) -> None:
    """Of an account and of each of its numbers: those of calls that have ended, and of those that run."""
    node.reload(OutboundTrunk("first", first.uri))
    node.limit(AccountLimits(**{scope: Limits(minutes_per_day=10)}))
    since_midnight = time_ms() % DAY_MS / 60_000
    for minutes, running in ((10, 0), (10.1 - since_midnight, 1)):
        use(node, name, minutes, running)
        refuse(node, carrier, 480, "limit-minutes")
        use(node, name, minutes - 1, running)
        call, incoming = begin(node, carrier, first)
        incoming.reply(486)
        call.expect(486)
    decided = node.events(call.call_id)[0]
    assert decided["used"] == ["a1", "n33199001234"]
    use(node, name, 10)
    node.limit(AccountLimits(**{scope: Limits(minutes_per_day=11)}))
    call, incoming = begin(node, carrier, first)
    incoming.reply(486)
    call.expect(486)
    assert set(node.table("counts").values()) <= {"0"}
    assert f"limit.reached: minutes of {scope} " in node.logged()
    use(node, name, 0)


def test_spend_of_a_day(node: EdgeNode, carrier: Phone, first: Phone) -> None:
    node.reload(OutboundTrunk("first", first.uri))
    node.limit(AccountLimits(account=Limits(spend_per_day=2_500_000)))
    use(node, "a1", 600, spend=2_500_000)
    refuse(node, carrier, 480, "limit-spend")
    use(node, "a1", 600, spend=2_499_999)
    call, incoming = begin(node, carrier, first)
    incoming.reply(486)
    call.expect(486)
    use(node, "a1", 0)


def test_a_limit_that_is_changed_holds_for_the_next_call(node: EdgeNode, carrier: Phone, first: Phone) -> None:
    """Also one below what is in use; and other accounts have their own."""
    node.reload(OutboundTrunk("first", first.uri))
    node.limit(AccountLimits(account=Limits(3)))
    # A test before may have had it told within this minute.
    node.forget(TOLD_TABLE)
    before, began = node.logged().count(TOLD), time.monotonic()
    calls = [begin(node, carrier, first) for _ in range(3)]
    refuse(node, carrier, 486, "limit-calls")
    node.limit(AccountLimits(account=Limits(4)))
    calls.append(begin(node, carrier, first))
    node.limit(AccountLimits(account=Limits(2)))
    for call, incoming in calls[:2]:
        refuse(node, carrier, 486, "limit-calls")
        incoming.reply(486)
        call.expect(486)
    refuse(node, carrier, 486, "limit-calls")
    node.limit(AccountLimits(account=Limits(1)), account_id=2)
    node.put("+33199001236", target=TARGET, account_id=2)
    calls.append(begin(node, carrier, first, "+33199001236"))
    refuse(node, carrier, 486, "limit-calls", "+33199001236")
    node.limit()
    calls.append(begin(node, carrier, first))
    for call, incoming in calls[2:]:
        incoming.reply(486)
        call.expect(486)
    assert set(node.table("counts").values()) == {"0"}
    told = node.logged().count(TOLD) - before
    assert 1 <= told <= 1 + (time.monotonic() - began) // 60, "once a minute"


def test_a_hundred_numbers_at_their_limit(node: EdgeNode, carrier: Phone, first: Phone) -> None:
    """Twice as many calls as there may be, all at once at four processes: each number gets as many as it may."""
    node.reload(OutboundTrunk("first", first.uri))
    numbers = [f"+331990020{index:02}" for index in range(100)]
    for index, number in enumerate(numbers):
        node.put(number, target=f"+336100000{index:02}")
    node.limit(AccountLimits(number=Limits(2)))
    for _ in range(2):
        calls = [Call(carrier, node.address, number) for number in numbers * 4]
        random.Random(7).shuffle(calls)
        load = Load(carrier, first, calls)
        wait_for(load.settled, load.state)
        let_in = Counter(incoming.invite.uri.partition("@")[0] for incoming in load.arrived.values())
        assert let_in == {f"sip:+336100000{index:02}": 2 for index in range(100)}
        assert Counter(node.table("counts")[f"n{number[1:]}"] for number in numbers) == {"2": 100}
        load.end()
        assert set(node.table("counts").values()) == {"0"}
