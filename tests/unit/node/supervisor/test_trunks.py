"""The trunks of a node: looked up in the background, remembered, and given to the edge when something changed."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from renvoi.adapters import names, sealing
from renvoi.adapters.clock import SystemClock
from renvoi.application.ports.trunks import Trunks
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.trunks import add_trunk, change_trunk, password_of
from renvoi.domain.shared_key import KeyRing
from renvoi.domain.trunks.address import Destination, NameNotFound, TrunkAddress
from renvoi.domain.trunks.digest import Credentials
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk
from renvoi.edge.kamailio.registrations import Registration, RegistrationState
from renvoi.edge.kamailio.rpc import EdgeSilent
from renvoi.edge.kamailio.trunk_state import DestinationState
from renvoi.http.deps import PartState
from renvoi.node.control import trunk_reports
from renvoi.node.parts.edge import Edge
from renvoi.node.supervisor import trunk_names, trunks
from renvoi.node.supervisor.leases import VALID_MS, Lease
from renvoi.node.supervisor.passwords import Passwords
from renvoi.node.supervisor.trunk_names import TrunkNames
from renvoi.node.supervisor.trunks import NodeTrunks
from tests.support.http_api import FixedClock
from tests.support.memory_store import MemoryStore

NAMED = OutboundTrunk("named", "sip:t.example")
SECRET = password_of("plain", "outbound")
PLAIN = OutboundTrunk("plain", "sip:192.0.2.7")
HERE, THERE = (Destination("192.0.2.1", 5060),), (Destination("192.0.2.2", 5060),)


class Zone:
    """What look-ups find; an error is raised, and a future is waited for."""

    def __init__(self, found: object) -> None:
        self.found = found
        self.asked = 0

    async def look_up(self, _address: TrunkAddress, kinds: Sequence[bool] = (False,)) -> tuple[Destination, ...]:
        assert list(kinds) == [False]
        self.asked += 1
        if isinstance(self.found, asyncio.Future):
            await self.found
        if isinstance(self.found, Exception):
            raise self.found
        return cast("tuple[Destination, ...]", self.found)


class FakeEdge:
    """An edge that notes what it is given."""

    def __init__(self) -> None:
        self.given: list[tuple[int, dict[str, Any]]] = []
        self.states: list[DestinationState] | Exception = []
        self.modules = False
        self.callers: Mapping[str, Credentials] = {}
        self.restarts = 0
        self.tls_troubles: dict[str, str] = {}
        self.has_relay = False
        self.registered: dict[str, Registration] = {}

    async def prepare(self, found: Trunks, _keys: object, addresses: dict[str, Any], *_rest: object) -> None:
        self.given.append((found.revision, addresses))
        self.modules = any(trunk.user for trunk in found.outbound)

    async def register(self, wanted: dict[str, Registration]) -> None:
        self.registered = wanted

    async def registration_states(self) -> dict[str, RegistrationState]:
        return {name: RegistrationState(True, 200, 60) for name in self.registered}

    async def reload_trunks(self, found: Trunks, addresses: dict[str, Any], *_rest: object) -> None:
        self.given.append((found.revision, addresses))

    def expect_callers(self, callers: Mapping[str, Credentials]) -> None:
        self.callers = callers

    async def take_callers(self, callers: Mapping[str, Credentials]) -> None:
        self.callers = callers

    async def renew_certificate(self) -> None:
        """Have none."""

    def lacks(self, found: Trunks) -> bool:
        return any(trunk.user for trunk in found.outbound) and not self.modules

    async def restart(self) -> None:
        self.restarts += 1

    async def trunk_states(self) -> list[DestinationState]:
        if isinstance(self.states, Exception):
            raise self.states
        return self.states


class FakeStore:
    """A store that has trunks, and no passwords."""

    def __init__(self, *outbound: OutboundTrunk) -> None:
        self.trunks = Trunks(1, (), outbound)

    async def read(self, query: Callable[[Any], Any]) -> Any:
        return query(SimpleNamespace(trunks=lambda: self.trunks, secrets=dict))


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await scenario()

    asyncio.run(whole())


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look names up at each call."""
    monkeypatch.setattr(trunk_names, "REFRESH_S", 0.0)
    monkeypatch.setattr(trunk_names, "AGAIN_S", 0.0)
    monkeypatch.setattr(trunks, "NAME_PATIENCE_S", 0.05)


def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: Zone, *outbound: OutboundTrunk) -> Any:
    edge = FakeEdge()
    monkeypatch.setattr(names, "look_up", zone.look_up)
    made = NodeTrunks(
        cast("Edge", edge),
        tmp_path / "found.json",
        lambda: True,
        edge.restart,
        lambda: cast("KeyRing", None),
        Passwords(tmp_path / "secrets.key"),
        Lease("node", SystemClock(), shared=False),
        kinds=[False],
    )
    made.store = cast("Store", FakeStore(*outbound))
    return made, edge


async def settle(check: Callable[[], bool], step: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(5):
        while not check():
            await step()
            await asyncio.sleep(0)


def test_a_name_that_is_found_later_reaches_the_edge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        zone = Zone(NameNotFound("no t.example"))
        made, edge = node(tmp_path, monkeypatch, zone, NAMED, PLAIN)
        await made.prepare_edge()
        assert edge.given == [(1, {"named": ()})]
        (named, plain) = await made.status()
        assert (named["state"], named["name_error"], plain["name_error"]) == ("unfound", "no t.example", None)
        zone.found = HERE
        await settle(lambda: len(edge.given) > 1, made.reload)
        assert edge.given[1:] == [(1, {"named": HERE})]
        await made.reload()
        assert len(edge.given) == 2, "what has not changed is not given again"

    run(scenario)


def test_what_was_found_is_kept_while_names_fail_and_over_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        zone = Zone(HERE)
        made, edge = node(tmp_path, monkeypatch, zone, NAMED)
        await made.prepare_edge()
        zone.found = NameNotFound("DNS is away")
        asked = zone.asked
        await settle(lambda: zone.asked > asked + 2, made.reload)
        assert edge.given == [(1, {"named": HERE})]
        again, edge = node(tmp_path, monkeypatch, zone, NAMED)
        await again.prepare_edge()
        assert edge.given == [(1, {"named": HERE})]
        zone.found = THERE
        await settle(lambda: len(edge.given) > 1, again.reload)
        assert edge.given[-1] == (1, {"named": THERE})

    run(scenario)


def test_silent_dns_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        zone = Zone(asyncio.get_running_loop().create_future())
        made, edge = node(tmp_path, monkeypatch, zone, NAMED)
        await made.prepare_edge()
        for _ in range(3):
            await made.reload()
        assert (zone.asked, edge.given) == (1, [(1, {"named": ()})]), "one look-up at a time"

    run(scenario)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"sip:t.example": {}}', '{"sip:t.example": {"at": 1}}'])
def test_a_damaged_memory_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "found.json"
    path.write_text(text, "utf-8")
    found = TrunkNames(path, Zone(HERE).look_up)
    found.follow([NAMED])
    assert found.addresses([NAMED]) == {"named": ()}


def test_the_best_address_tells_the_state_of_a_trunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        made, edge = node(tmp_path, monkeypatch, Zone(HERE), NAMED)
        await made.prepare_edge()
        edge.states = [DestinationState("named", "sip:a", "down", 1), DestinationState("named", "sip:b", "retry")]
        (status,) = await made.status()
        assert (status["state"], [each["uri"] for each in status["addresses"]]) == ("retry", ["sip:a", "sip:b"])
        edge.states = EdgeSilent("no answer")
        (status,) = await made.status()
        assert (status["state"], status["addresses"]) == ("unknown", [])

    run(scenario)


def test_a_node_that_is_told_of_changes_looks_for_them_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trunks, "PERIOD_S", 0.001)
    monkeypatch.setattr(trunks, "IDLE_PERIOD_S", 1e6)

    async def scenario() -> None:
        made, edge = node(tmp_path, monkeypatch, Zone(HERE), PLAIN)
        await made.prepare_edge()
        made.is_told = lambda: True
        watching = asyncio.create_task(made.watch())
        try:
            # The first look is a period after the start; what comes then was announced.
            for revision in (2, 3, 4):
                made.store.trunks = Trunks(revision, (), (PLAIN,))
                made.look()
                await settle(lambda revision=revision: edge.given[-1][0] == revision, turn)  # type: ignore[misc]
        finally:
            watching.cancel()

    run(scenario)


async def turn() -> None:
    """Let the others go on."""


def test_a_first_trunk_with_a_user_has_the_edge_start_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was started without the module; the next start has it, and later changes need none."""

    async def scenario() -> None:
        made, edge = node(tmp_path, monkeypatch, Zone(HERE), PLAIN)
        await made.prepare_edge()
        user = replace(PLAIN, user="bob")
        made.store.trunks = Trunks(2, (), (user,))
        await made.reload()
        assert (edge.restarts, [revision for revision, _ in edge.given]) == (1, [1])
        await made.prepare_edge()
        made.store.trunks = Trunks(3, (), (user, NAMED))
        await made.reload()
        assert (edge.restarts, [revision for revision, _ in edge.given]) == (1, [1, 2, 3])
        errors = {status["name"]: status["password_error"] for status in await made.status()}
        assert errors["named"] is None
        assert "secrets.key is not here" in errors["plain"]

    run(scenario)


def test_who_may_call_from_anywhere_is_told_to_the_edge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the key of secrets is missing nobody may, and the node says so."""

    async def scenario() -> None:
        sealing.load_or_make(tmp_path / "secrets.key")
        key = sealing.load(tmp_path / "secrets.key")
        assert key is not None
        pbx = InboundTrunk("pbx", (), inbound_user="bob")
        name = password_of("pbx", "inbound")
        store = MemoryStore()
        await add_trunk(store, pbx, secrets={name: key.seal(name, "secret")})
        made, edge = node(tmp_path, monkeypatch, Zone(HERE))
        made.store = store
        await made.prepare_edge()
        assert edge.callers == {"pbx": Credentials("bob", "", "secret")}
        (tmp_path / "secrets.key").unlink()
        await change_trunk(store, "pbx", lambda sides: [replace(side, region="DE") for side in sides])
        await made.reload()
        assert edge.callers == {}
        assert "secrets.key is not here" in made.unheard()["pbx"]
        known = {"trunk pbx": PartState("ok", "up")}
        for before, begins in ((known, "up; no call is let in by"), ({}, "no call is let in by its password: the key")):
            part = trunk_reports.unheard_parts(made.unheard(), before)["trunk pbx"]
            assert (part.state, part.detail.startswith(begins)) == ("degraded", True)

    run(scenario)


def test_of_two_nodes_one_registers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one follows when it leaves, or says nothing for a minute."""

    async def scenario() -> None:
        sealing.load_or_make(tmp_path / "secrets.key")
        key = sealing.load(tmp_path / "secrets.key")
        assert key is not None
        user = replace(PLAIN, user="bob", register=True)
        store = MemoryStore()
        await add_trunk(store, user, secrets={SECRET: key.seal(SECRET, "secret")})
        clock = FixedClock(0)
        nodes = []
        for name in ("one", "two"):
            made, edge = node(tmp_path, monkeypatch, Zone(HERE))
            made.store, edge.modules = store, True
            made._lease = lease = Lease(name, clock, shared=True)
            lease.store = store
            nodes.append((made, edge, lease))
        (one, first, lease), (two, second, other) = nodes

        async def look() -> list[bool]:
            lease._due = other._due = 0
            await one.reload()
            await two.reload()
            return [bool(each.registered) for each in (first, second)]

        assert await look() == [True, False]
        assert first.registered["plain"].credentials.password == "secret"
        assert [(await each.status())[0]["registration"] for each in (one, two)] == ["registered", "elsewhere"]
        clock.now += VALID_MS - 1
        assert await look() == [True, False]
        await one.leave()
        assert first.registered == {}
        lease._held = frozenset()
        await two.reload()
        other._due = 0
        await two.reload()
        assert second.registered
        clock.now += VALID_MS
        assert await look() == [True, False]

    run(scenario)


def test_trunks_that_need_a_relay_are_named_while_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        made, edge = node(tmp_path, monkeypatch, Zone(HERE), OutboundTrunk("a", "sip:192.0.2.1", relay=True))
        assert made.unrelayed() == ()
        assert (await made.reload())["unrelayed"] == ["a (--relay)"]
        edge.has_relay = True
        assert (await made.reload())["unrelayed"] == ()

    run(scenario)
