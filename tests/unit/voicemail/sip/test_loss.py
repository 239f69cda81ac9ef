"""Many calls at once over a network that loses, duplicates and reorders: each ends, on both sides, and is forgotten."""

import heapq
import itertools
import random

import pytest

from renvoi.voicemail.sip.endpoint import Cancelled, Ended, HungUp, Invited, Reoffered
from tests.support.sip_message import SipMessage
from tests.support.sip_peer import ANSWER, EDGE, SDP, AgentHarness, Caller, follow_up

CALLS = 60
HOURLY = 3600.0


class Robot:
    """A caller that repeats itself until it is answered; then it talks, and hangs up or is hung up on."""

    def __init__(self, world: "World", start: float) -> None:
        self.world, self.caller = world, Caller()
        self.dice = world.dice
        self.invite = self.caller.invite(body=self.dice.choice([SDP, ""]))
        self.status: int | None = None
        self.over = False
        self.waiting: SipMessage | None = None
        world.at(start, lambda: self.ask(self.invite))
        if self.dice.random() < 0.15:
            world.at(start + self.dice.uniform(0, 1), self.give_up)

    def ask(self, request: SipMessage, interval: float = 0.5, left: float = 32) -> None:
        """Send a request, and again until it is answered or 32 s have passed."""
        if interval == 0.5:
            self.waiting = request
        if self.waiting is not request:
            return
        if left <= 0:
            self.over = True
            return
        self.world.to_agent(request)
        limit = 32.0 if request.method == "INVITE" else 4.0
        self.world.at(interval, lambda: self.ask(request, min(2 * interval, limit) + 1e-6, left - interval))

    def give_up(self) -> None:
        if self.status is None:
            self.world.to_agent(follow_up("CANCEL", self.invite))

    def receive(self, message: SipMessage) -> None:
        if message.status is None:
            self.over = True
            self.waiting = None
            self.world.to_agent(message.answer(200))
        elif message.method == "INVITE":
            self.invited(message)
        elif message.status >= 200 and self.waiting is not None and message["CSeq"] == self.waiting["CSeq"]:
            self.over = self.over or message.method == "BYE"
            self.waiting = None

    def invited(self, response: SipMessage) -> None:
        assert response.status is not None
        if response.status < 200:
            return
        first, self.status = self.status is None, response.status
        if response.status >= 300:
            self.over = True
            self.waiting = None
            self.world.to_agent(follow_up("ACK", self.invite, response))
            return
        self.caller.answer = response
        body = "" if self.invite.body else SDP
        self.world.to_agent(self.caller.ack(body, cseq=int(response["CSeq"].split()[0])))
        if first:
            self.waiting = None
            self.world.at(self.dice.uniform(0, 3), self.update)
            self.world.at(self.dice.uniform(4, 60), self.hang_up)

    def update(self) -> None:
        if not self.over and self.dice.random() < 0.5:
            self.ask(self.caller.request("UPDATE", body=SDP))

    def hang_up(self) -> None:
        if not self.over:
            self.ask(self.caller.request("BYE"))


class World:
    """The agent with its owner, the callers, and the network between them, all under one clock."""

    def __init__(self, seed: int, loss: float, twice: float) -> None:
        self.dice = random.Random(seed)
        self.loss, self.twice = loss, twice
        self.harness = AgentHarness()
        self.order = itertools.count()
        self.plans: list[tuple[float, int, object]] = []
        self.robots: dict[str, Robot] = {}
        self.told: dict[int, list[str]] = {}
        self.offers = 0

    def at(self, after: float, action: object) -> None:
        heapq.heappush(self.plans, (self.harness.now + after, next(self.order), action))

    def carry(self, deliver: object) -> None:
        """Deliver once, twice or never, after any delay up to 0.3 s."""
        for _ in range(1 + (self.dice.random() < self.twice)):
            if self.dice.random() >= self.loss:
                self.at(self.dice.uniform(0.001, 0.3), deliver)

    def to_agent(self, message: SipMessage) -> None:
        self.carry(lambda: self.harness.agent.receive(message.encode(), EDGE, self.harness.now))

    def run(self, calls: int) -> None:
        for _ in range(calls):
            robot = Robot(self, self.dice.uniform(0, 5))
            self.robots[robot.caller.call_id] = robot
        end = self.harness.now + HOURLY
        while self.plans or self.harness.agent.next_timer() is not None:
            due = self.harness.agent.next_timer()
            planned = self.plans[0][0] if self.plans else None
            self.harness.now = max(self.harness.now, min(each for each in (due, planned) if each is not None))
            assert self.harness.now < end, "it never ends"
            if planned is not None and planned <= self.harness.now:
                heapq.heappop(self.plans)[2]()  # type: ignore[operator]  # plans hold callables
            self.harness.agent.handle_timer(self.harness.now)
            self.settle()

    def settle(self) -> None:
        for event in self.harness.agent.events():
            self.own(event)
        for message in self.harness.sent():
            robot = self.robots[message["Call-ID"]]
            self.carry(lambda robot=robot, message=message: robot.receive(message))

    def own(self, event: object) -> None:
        agent, now = self.harness.agent, self.harness.now
        match event:
            case Invited(call):
                self.told[call] = ["invited"]
                if self.dice.random() < 0.1:
                    agent.reject(call, 486, "Busy Here", now)
                    self.told[call].append("end")
                else:
                    self.at(self.dice.uniform(0, 0.4), lambda: agent.accept(call, ANSWER, self.harness.now))
                    self.at(self.dice.uniform(1, 40), lambda: self.hang_up(call))
            case Reoffered(call):
                self.offers += 1
                agent.accept(call, ANSWER, now)
            case HungUp(call):
                self.at(0.1, lambda: agent.accept_bye(call, self.harness.now))
                self.told[call].append("end")
            case Cancelled(call) | Ended(call):
                self.told[call].append("end")

    def hang_up(self, call: int) -> None:
        if "end" not in self.told[call]:
            self.harness.agent.hang_up(call, self.harness.now)


@pytest.mark.parametrize(("seed", "loss", "twice"), [(1, 0.0, 0.0), (2, 0.1, 0.2), (3, 0.3, 0.5), (4, 0.6, 0.0)])
def test_every_call_ends_whatever_is_lost(seed: int, loss: float, twice: float) -> None:
    world = World(seed, loss, twice)
    world.run(CALLS)
    assert world.harness.agent.idle
    assert {call_id for call_id, robot in world.robots.items() if not robot.over} == set()
    assert [told for told in world.told.values() if told[0] != "invited" or told.count("end") != 1] == []
    assert world.offers > 5
    if loss < 0.5:
        assert len(world.told) == CALLS
