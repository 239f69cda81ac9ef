"""The trunks of a running node: read from the store, looked up, given to the edge, and asked of it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.trunks import Trunks
from renvoi.application.ports.unit_of_work import Store
from renvoi.domain.shared_key import KeyRing
from renvoi.domain.trunks.address import Destination, TrunkAddress
from renvoi.domain.trunks.branch_plan import in_order
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.edge.kamailio.registrations import Registration, RegistrationState, registration_of
from renvoi.edge.kamailio.rpc import EdgeSilent
from renvoi.edge.kamailio.trunk_state import DestinationState
from renvoi.node.parts.edge import Edge
from renvoi.node.parts.processes import Command
from renvoi.node.supervisor.leases import Lease
from renvoi.node.supervisor.passwords import Passwords
from renvoi.node.supervisor.tls_faults import TlsFaults
from renvoi.node.supervisor.trunk_names import TrunkNames
from renvoi.wakeups import to_next

PERIOD_S = 1.0
"""How often changed trunks are looked for, names that are due, and an edge that has not taken the trunks yet."""
IDLE_PERIOD_S = 5.0
"""The same where changes are announced and nothing else is to be done, in case that an announcement was missed."""
NAME_PATIENCE_S = 1.0
"""How long a start and a change of trunks wait for a name that was never looked up."""
EDGE_PATIENCE_S = 0.5
"""How long the edge may take to tell the state of its trunks: less than who asks for the node's status waits."""
DOWN_PERIOD = 5
"""How many periods pass between two looks for trunks that are down, to look their names up soon."""


_Found = Mapping[str, tuple[Destination, ...]]


class NodeTrunks:
    """Keeps the trunks of the edge as they are in the store and in DNS. `runs` tells whether the edge does."""

    def __init__(
        self,
        edge: Edge,
        remembered: Path,
        runs: Callable[[], bool],
        restart: Callable[[], Awaitable[None]],
        keys: Callable[[], KeyRing],
        passwords: Passwords,
        lease: Lease,
        *,
        kinds: Sequence[bool],
    ) -> None:
        """Make it remember addresses in the file `remembered`; `keys` are those that a start of the edge is given.

        `restart` has the edge start again, and returns when it works. `kinds` are those of the addresses that trunks
        have, the preferred one first: True for IPv6.
        """

        async def find(address: TrunkAddress) -> tuple[Destination, ...]:
            # Loaded late: most nodes have no trunk that is known by name.
            from renvoi.adapters.names import look_up  # noqa: PLC0415

            return await look_up(address, kinds)

        self.store: Store | None = None
        self.is_told: Callable[[], bool] = lambda: False
        """Whether `look` is called when trunks were changed, by whoever."""
        self.follow: Callable[[Trunks], None] = lambda _: None
        """Called with the trunks whenever they were read."""
        self._changed = asyncio.Event()
        self._edge = edge
        self._runs = runs
        self._restart = restart
        self._keys = keys
        self._passwords = passwords
        self._tls_faults = TlsFaults(lambda: passwords.client_keys(self._trunks) if self._trunks is not None else {})
        self._names = TrunkNames(remembered, find)
        self._kinds = kinds
        self._lock = asyncio.Lock()
        self._reloading = asyncio.Lock()
        self._trunks: Trunks | None = None
        self._lease = lease
        self._given: tuple[int, _Found, _Found] | None = None

    async def prepare_edge(self) -> Command:
        """Write what a start of the edge reads; return its command."""
        async with self._lock:
            try:
                trunks = await self._read()
            except StoreUnavailable:
                # An edge that has to be started again while the store is away gets those read last.
                if self._trunks is None:
                    raise
                trunks = self._trunks
            found = await self._find(trunks)
            registrars = self._names.registrars(trunks.outbound)
            credentials = self._passwords.credentials(trunks)
            self._edge.expect_callers(self._passwords.callers(trunks))
            tls_keys = self._passwords.client_keys(trunks)
            command = await self._edge.prepare(trunks, self._keys(), found, _hosts(registrars), credentials, tls_keys)
            self._given = (trunks.revision, found, registrars)
            return command

    async def reload(self) -> dict[str, object]:
        """Have the edge take the trunks as they are; it reads them by itself whenever it starts."""
        await self._reload()
        revision = self._trunks.revision if self._trunks is not None else None
        return {"revision": revision, "unrelayed": self.unrelayed()}

    async def _reload(self) -> bool:
        """Do so; tell whether the edge has the trunks now."""
        if self.store is None:
            return False
        # Who finds an edge that is being started again for the same reason waits for it.
        async with self._reloading:
            async with self._lock:
                trunks = await self._read()
                if not (self._runs() and self._edge.lacks(trunks)):
                    return await self._give(trunks)
            structlog.get_logger("node").info("the edge is started again, with what a trunk's credentials need")
            await self._restart()
            return False

    async def leave(self) -> None:
        """Let go of what is registered if there are other nodes to do it; else callers would meet nobody for a while.

        Raises:
            StoreUnavailable: those cannot be told.
        """
        if self._lease.is_shared and self._runs():
            with suppress(EdgeSilent):
                await self._edge.register({})
            await self._lease.release()

    def look(self) -> None:
        """Look for changed trunks soon."""
        self._changed.set()

    async def watch(self) -> None:
        """Look for changes made elsewhere, in the store and in DNS, for ever."""
        told = ""
        periods = 0
        in_force = False
        while True:
            rests = in_force and self._names.is_empty and self.is_told()
            with suppress(TimeoutError):
                async with asyncio.timeout(to_next(IDLE_PERIOD_S if rests else PERIOD_S)):
                    await self._changed.wait()
            self._changed.clear()
            periods += 1
            in_force = False
            try:
                if periods % DOWN_PERIOD == 0:
                    await self._hurry()
                if self._runs():
                    await self._edge.renew_certificate()
                await self._find_tls_faults()
                try:
                    in_force = await self._reload()
                    told = ""
                except StoreUnavailable as error:
                    if not told:
                        structlog.get_logger("node").warning("trunks cannot be read", error=str(error))
                    told = str(error)
                    async with self._lock:
                        if self._trunks is not None:
                            await self._give(self._trunks)
            except Exception as error:  # noqa: BLE001 - the edge may be just dying; the next look finds it started again
                structlog.get_logger("node").warning("trunks are not in force yet", error=str(error))

    async def status(self) -> list[dict[str, object]]:
        """Return the state of each outbound trunk, in the order in which they are tried; see `running.TrunkReport`."""
        if self._trunks is None:
            return []
        states: dict[str, list[DestinationState]] | None = None
        registered: Mapping[str, RegistrationState] = {}
        if self._runs():
            try:
                async with asyncio.timeout(EDGE_PATIENCE_S):
                    states = _by_trunk(await self._edge.trunk_states())
                    registered = await self._edge.registration_states()
            except (EdgeSilent, TimeoutError):
                states = None
        ordered = in_order(self._trunks.outbound)
        return [{**self._status(trunk, states), **self._registered(trunk, registered)} for trunk in ordered]

    def unheard(self) -> Mapping[str, str]:
        """Return why calls that would prove themselves are not let in, by the inbound trunk that they would be of."""
        return self._passwords.caller_troubles

    def unrelayed(self) -> Sequence[str]:
        """Return the trunks that no call is forwarded of, as they need a media relay and there is none."""
        return () if self._trunks is None or self._edge.has_relay else self._trunks.relayed

    def _registered(self, trunk: OutboundTrunk, states: Mapping[str, RegistrationState]) -> dict[str, object]:
        if not trunk.register:
            return {"registration": None}
        state = states.get(trunk.name, RegistrationState(False))
        elsewhere = not self._lease.has(trunk.name) and self._lease.was_asked
        word = "elsewhere" if elsewhere else "registered" if state.registered else "failed"
        return {"registration": word, "registrar_answer": state.answer, "registrar_answered_at_s": state.answered_at_s}

    def _status(self, trunk: OutboundTrunk, states: Mapping[str, list[DestinationState]] | None) -> dict[str, object]:
        name = self._names.get(trunk.uri)
        found = states.get(trunk.name, []) if states is not None else []
        # The best of its addresses says what a call meets.
        best = next((word for word in ("up", "retry", "down") if any(each.state == word for each in found)), "unfound")
        return {
            "name": trunk.name,
            "uri": trunk.uri,
            "state": best if states is not None else "unknown",
            "addresses": [
                {
                    "uri": each.uri,
                    "state": each.state,
                    "since_s": each.since_s,
                    "answer": each.answer,
                    "answered_at_s": each.answered_at_s,
                }
                for each in found
            ],
            "name_error": name.error if name is not None else None,
            "found_at_s": name.found_at_s if name is not None else None,
            "missing_family": self._missing_family(trunk.address),
            "password_error": self._passwords.troubles.get(trunk.name),
            "tls_error": self._edge.tls_troubles.get(trunk.name) or self._tls_faults.get(trunk.name),
        }

    def _missing_family(self, address: TrunkAddress) -> str | None:
        """Return the family that this node lacks an address of to send to a trunk, None where it does not."""
        is_ipv6 = ":" in address.host
        return None if address.is_name or is_ipv6 in self._kinds else "IPv6" if is_ipv6 else "IPv4"

    async def _read(self) -> Trunks:
        assert self.store is not None
        self._trunks = await self.store.read(self._passwords.read)
        self.follow(self._trunks)
        return self._trunks

    async def _find(self, trunks: Trunks) -> Mapping[str, tuple[Destination, ...]]:
        self._names.follow(trunks.outbound)
        await self._names.refresh(NAME_PATIENCE_S)
        return self._names.addresses(trunks.outbound)

    async def _give(self, trunks: Trunks) -> bool:
        """Have the edge take these trunks, where it has not yet; tell whether there is nothing left to be taken."""
        found = await self._find(trunks)
        registrars = self._names.registrars(trunks.outbound)
        wanted = (trunks.revision, found, registrars)
        if self._runs():
            if wanted != self._given:
                credentials = self._passwords.credentials(trunks)
                tls_keys = self._passwords.client_keys(trunks)
                await self._edge.reload_trunks(trunks, found, _hosts(registrars), credentials, tls_keys)
                await self._edge.take_callers(self._passwords.callers(trunks))
                self._given = wanted
                structlog.get_logger("node").info("trunks are in force", revision=trunks.revision)
            if registrars:
                await self._lease.renew(registrars)
            await self._edge.register(self._registrations(trunks, registrars))
        return self._given in (None, wanted)

    def _registrations(self, trunks: Trunks, registrars: _Found) -> dict[str, Registration]:
        """Return what this node registers, by trunk."""
        credentials = self._passwords.credentials(trunks) if registrars else {}
        found: dict[str, Registration] = {}
        for trunk in trunks.outbound:
            each = registration_of(trunk, credentials.get(trunk.name), registrars.get(trunk.name, ()))
            # Kamailio knows a registration by its Contact; two commands at once may have set one twice.
            taken = {other.contact for other in found.values()}
            if each is not None and self._lease.has(trunk.name) and each.contact not in taken:
                found[trunk.name] = each
        return found

    async def _find_tls_faults(self) -> None:
        """Find out why trunks by TLS get no calls."""
        trunks = [trunk for trunk in self._trunks.outbound if trunk.address.is_tls] if self._trunks is not None else []
        if not trunks or not self._runs():
            return
        states = [each for each in await self._edge.trunk_states() if not each.up]
        places = {at.uri: at for trunk in trunks for at in self._names.destinations(trunk)}
        down = {
            name: [places[each.uri] for each in listed if each.uri in places]
            for name, listed in _by_trunk(states).items()
        }
        self._tls_faults.follow(trunks, {name: found for name, found in down.items() if found})

    async def _hurry(self) -> None:
        if self._trunks is None or not self._runs() or not self._names.addresses(self._trunks.outbound):
            return
        down = {each.trunk for each in await self._edge.trunk_states() if each.state == "down"}
        for trunk in self._trunks.outbound:
            if trunk.name in down:
                self._names.hurry(trunk.uri)


def _hosts(registrars: _Found) -> set[str]:
    return {each.address for listed in registrars.values() for each in listed}


def _by_trunk(states: list[DestinationState]) -> dict[str, list[DestinationState]]:
    found: dict[str, list[DestinationState]] = {}
    for each in states:
        found.setdefault(each.trunk, []).append(each)
    return found
