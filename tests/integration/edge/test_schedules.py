"""Calls at simulated instants, at a real Kamailio: a schedule opens and closes by the clock (docs/schedules.md)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

import pytest

from renvoi.documents.number_row import rule_values
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Rule
from renvoi.domain.rules.schedule import Closed, ClosedAction, Day, ExceptionalPeriod, Hours, Period, Schedule
from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.edge import EdgeNode
from tests.support.simulated_clock import SimulatedClock
from tests.support.sip import Call, Incoming, Phone

NUMBER = "+33199001234"
WHEN_OPEN, WHEN_CLOSED = "+33612345678", "+33261910123"
SUNDAY = (Day.SUN,)
FORWARDED = Closed(ClosedAction.FORWARD, E164(WHEN_CLOSED))


@pytest.fixture(scope="module")
def clock() -> Iterator[SimulatedClock]:
    with SimulatedClock() as clock:
        yield clock


@pytest.fixture(scope="module")
def node(clock: SimulatedClock, gateway: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    made = EdgeNode(tmp_path_factory.mktemp("edge"), [OutboundTrunk("main", gateway.uri)])
    clock.give_to(made)
    with made as node:
        yield node


def put(node: EdgeNode, schedule: Schedule) -> None:
    node.put(NUMBER, target=WHEN_OPEN)
    values = rule_values(replace(Rule.forward(E164(WHEN_OPEN)), revision=1, schedule=schedule))
    columns = ", ".join(f"{name} = ?" for name in values)
    node.store.execute(f"UPDATE numbers SET {columns} WHERE number = ?", (*values.values(), E164(NUMBER).digits))


def reached(node: EdgeNode, carrier: Phone, trunk: Phone) -> tuple[str, int]:
    """Call the number; return who it was sent on to, and when that was decided (ms since 1970-01-01 UTC)."""
    call = Call(carrier, node.address, NUMBER).start()
    incoming = Incoming.wait(trunk)
    incoming.reply(486)
    call.expect(486)
    decided = node.wait_for_events(call.call_id, "decided", "failed")[0]
    return incoming.invite.uri.partition(":")[2].partition("@")[0], decided["at_ms"]


def schedule(*periods: Period, exceptions: tuple[ExceptionalPeriod, ...] = ()) -> Schedule:
    return Schedule("Europe/Paris", periods, "FR", (date(2027, 12, 25),), date(2028, 1, 1), exceptions, FORWARDED)


@pytest.mark.parametrize(
    ("given", "instants"),
    [
        (  # 02:00 becomes 03:00 at 01:00 UTC
            schedule(Period(SUNDAY, 90, 210)),
            {"00:29:50": False, "00:30": True, "00:59:50": True, "01:00": True, "01:29:50": True, "01:30": False},
        ),
        (schedule(Period(SUNDAY, 135, 165)), {"00:45": False, "01:15": False, "01:45": False}),
    ],
)
def test_a_night_in_spring(
    node: EdgeNode,
    clock: SimulatedClock,
    carrier: Phone,
    trunk: Phone,
    given: Schedule,
    instants: dict[str, bool],
) -> None:
    follow(node, clock, carrier, trunk, given, {f"2027-03-28T{time}": opened for time, opened in instants.items()})


def test_a_night_in_autumn(node: EdgeNode, clock: SimulatedClock, carrier: Phone, trunk: Phone) -> None:
    """03:00 becomes 02:00 at 01:00 UTC: 02:15 to 02:45 comes twice."""
    opened = {"00:14:50": False, "00:15": True, "00:44:50": True, "00:45": False, "01:00": False, "01:15": True}
    instants = {f"2027-10-31T{time}": each for time, each in opened.items()} | {"2027-10-31T01:45": False}
    follow(node, clock, carrier, trunk, schedule(Period(SUNDAY, 135, 165)), instants)


def test_a_holiday_and_an_exception(node: EdgeNode, clock: SimulatedClock, carrier: Phone, trunk: Phone) -> None:
    party = ExceptionalPeriod(date(2027, 12, 31), date(2027, 12, 31), (Hours(20 * 60, 120),))
    given = schedule(Period(tuple(Day), 540, 1080), exceptions=(party,))
    instants = {
        *(("2027-12-24T12:00", True), ("2027-12-25T12:00", False), ("2027-12-26T12:00", True)),
        *(("2027-12-31T12:00", False), ("2027-12-31T19:00", True), ("2028-01-01T00:59:50", True)),
        *(("2028-01-01T01:00", False), ("2028-01-01T08:00", True)),
    }
    follow(node, clock, carrier, trunk, given, dict(sorted(instants)))


def follow(
    node: EdgeNode,
    clock: SimulatedClock,
    carrier: Phone,
    trunk: Phone,
    given: Schedule,
    instants: dict[str, bool],
) -> None:
    """Call at each of the instants (UTC), and see whether the number is open then."""
    put(node, given)
    for at, opened in instants.items():
        at_ms = int(datetime.fromisoformat(f"{at}+00:00").timestamp() * 1000)
        clock.set(at_ms)
        target, decided_ms = reached(node, carrier, trunk)
        assert at_ms <= decided_ms < at_ms + 9000
        assert (at, target) == (at, WHEN_OPEN if opened else WHEN_CLOSED)
