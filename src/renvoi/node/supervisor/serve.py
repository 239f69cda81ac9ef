"""`renvoi serve`: claims the data directory and the ports, starts the parts, and ends them in order."""

import asyncio
import faulthandler
import os
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from typing import Any

import structlog

from renvoi import logs
from renvoi.adapters.sql.announcements import listener_of, listening
from renvoi.application.demo import Demo, seed_demo
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.trunks import Trunks
from renvoi.application.ports.unit_of_work import Clock, Store
from renvoi.configuration.setting_types import API, EDGE, VOICEMAIL
from renvoi.configuration.settings import EDGE_SHARES_ROLE, Settings
from renvoi.domain.shared_key import KeyRing
from renvoi.edge.config import LAST_KNOWN
from renvoi.node.control import control
from renvoi.node.fork_server import ForkServer
from renvoi.node.parts import health
from renvoi.node.parts.edge import check_certificate, edge_of
from renvoi.node.parts.reconnecting_store import open_reconnecting
from renvoi.node.parts.roles import CERTIFICATES, COLLECTOR, FORK_SERVER, MAILER, WEBHOOKS, absences, check_duties
from renvoi.node.parts.service_manager import ServiceManager
from renvoi.node.parts.sockets import (
    check_rtp_host,
    check_sip_port,
    claim_data,
    claim_database,
    is_sqlite,
    listen_inner,
    listen_public,
)
from renvoi.node.parts.supervised_process import KILL_AFTER_S, ProcessSpec, State, SupervisedProcess
from renvoi.node.supervisor import summary
from renvoi.node.supervisor.count_exchange import CountExchange
from renvoi.node.supervisor.forks import Forks
from renvoi.node.supervisor.key_keeper import KeyKeeper
from renvoi.node.supervisor.leases import Lease
from renvoi.node.supervisor.node_requests import NodeRequests
from renvoi.node.supervisor.on_demand import PartsOnDemand
from renvoi.node.supervisor.part_specs import PartSpecs
from renvoi.node.supervisor.passwords import Passwords
from renvoi.node.supervisor.preparations import check_files, keep_spool, make_directories, upgrade_store
from renvoi.node.supervisor.reload import Reloads, on_hangup
from renvoi.node.supervisor.removed_numbers import RemovedNumbers
from renvoi.node.supervisor.tracing import EdgeTracing, with_key
from renvoi.node.supervisor.trunk_events import TrunkEvents
from renvoi.node.supervisor.trunk_requests import TrunkRequests
from renvoi.node.supervisor.trunks import NodeTrunks
from renvoi.removed_file import REMOVED

START_TIMEOUT_S = 10.0
"""How long the summary waits for the parts to be ready."""
STOPPING_STEPS = 4
"""Times that an end waits for parts, one after the other: each may be drained and told to end."""
LEAVE_S = 3.0
"""How long a node that stops tries to let go of what it has registered."""
STORE_PATIENCE_S = 30.0
"""How long a start waits for a store on a server."""
ADDRESSES_FOUND = "trunk-addresses.json"
"""In the directory of the control socket: the addresses of trunks that were found last."""
LAST = (COLLECTOR, MAILER)
"""Parts that start when the others are ready: nobody waits for them, and starting costs the others time."""


def serve(
    settings: Settings,
    clock: Clock,
    *,
    calls: bool,
    demo_if_new: bool,
    read_again: Callable[[], Settings],
    fork_server: ForkServer | None = None,
) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code. On SIGHUP settings are read again by `read_again`.

    Parts are forked by `fork_server`, or one that is started for it.

    Raises:
        OperatorError: another node runs here, a port is taken, the directory cannot be written, or settings contradict.
        StoreUnavailable: the store cannot be opened.
        StoreMismatch: it is not one that this program can use.
    """
    logs.configure(settings.log_format, settings.log_level)
    check_duties(settings, calls=calls)
    hep_key = with_key(settings).hep_key
    absent = absences(settings, calls=calls)
    make_directories(settings)
    check_files(settings, absent.keys())
    with (
        claim_data(settings.data_dir),
        claim_database(settings.database_path),
        listen_public(settings) as public,
        listen_inner(settings) as inner,
        ExitStack() as held,
    ):
        workers = _bind_workers(settings) if VOICEMAIL not in absent else []
        for worker in workers:
            held.enter_context(worker)
        if EDGE not in absent:
            for host in settings.sip_hosts:
                check_sip_port(host, settings.sip_port)
            check_certificate(settings)
            if settings.edge_shares_role:
                structlog.get_logger("node").warning(str(EDGE_SHARES_ROLE))
        elif EDGE in settings.parts:
            structlog.get_logger("node").warning("serving the API without calls", reason=absent[EDGE])
        if workers:
            for host in settings.rtp_hosts:
                check_rtp_host(host)
        manager = ServiceManager.of(os.environ)
        # A manager whose watchdog is not fed ends us by SIGABRT: the log has where we stood then.
        if sys.stderr is not None:
            faulthandler.enable()
        upgrade_store(settings, clock, manager)
        forks = Forks(fork_server, on_server=settings.database_path is None)
        node = Node(settings, clock, (public, inner), absent, workers, hep_key, manager, read_again, forks)
        return asyncio.run(node.run(demo_if_new=demo_if_new))


def _bind_workers(settings: Settings) -> list[socket.socket]:
    return health.bind_workers(health.worker_count(settings), settings.voicemail_host, settings.voicemail_port)


class Node:
    """A running node. Its store connection stays open for its whole life: see `sandbox.let_use_database`."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        listeners: tuple[socket.socket, socket.socket],
        absent: Mapping[str, str],
        workers: Sequence[socket.socket],
        hep_key: str | None,
        manager: ServiceManager,
        read_again: Callable[[], Settings],
        forks: Forks,
    ) -> None:
        """Take over `listeners`, the public and the inner one, and the `workers` sockets.

        `hep_key` is the key of copies of SIP messages, wherever it was written. `manager` is told how the node does;
        settings are read again by `read_again`; parts are started by `forks`.
        """
        public, inner = listeners
        url = health.url_of(settings.http_host, public.getsockname()[1])
        self._settings = settings
        self._clock = clock
        self._workers = workers
        host = health.worker_host(settings)
        self._worker_addresses = [(host, worker.getsockname()[1]) for worker in workers]
        self._listeners = listeners
        self._keyed = replace(settings, hep_key=hep_key, hep_key_file=None)
        self._edge = edge_of(self._keyed, self._worker_addresses)
        self._tracing = EdgeTracing(settings, self._edge)
        self._keys = KeyKeeper(settings, clock)
        self._absent = absent
        self._url = url
        self._inner_url = health.url_of(settings.inner_host, inner.getsockname()[1])
        self._stop = asyncio.Event()
        self._parts: dict[str, SupervisedProcess] = {}
        self._store: Store | None = None
        self._lease = Lease(control.node_name(settings.data_dir), clock, shared=settings.database_path is None)
        self._trunks = NodeTrunks(
            self._edge,
            settings.run_dir / ADDRESSES_FOUND,
            lambda: self._parts[EDGE].state is State.RUNNING,
            self._restart_edge,
            lambda: self._keys.ring,
            Passwords(settings.secrets_key),
            self._lease,
            kinds=[":" in host for host in settings.sip_hosts],
        )
        self._trunks.follow = self._follow_trunks
        self._counts = CountExchange(self._edge, control.node_name(settings.data_dir), clock)
        self._manager = manager
        self._reloads = Reloads(settings, read_again, self._parts, manager)
        self._forks = forks
        self._on_demand = PartsOnDemand(forks, self._reloads, self._parts, self._stop)

    async def run(self, *, demo_if_new: bool) -> int:
        """Serve until told to stop; return the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        on_hangup(loop, self._stop.set, self._reloads.want)
        with logs.batched():
            await self._run(demo_if_new=demo_if_new)
        return 0

    async def _run(self, *, demo_if_new: bool) -> None:
        path = self._settings.database_path
        # A database that several nodes share is nobody's to put a demo into.
        new = path is not None and not path.exists()
        handlers = {"status": self._status, "settings": self._public, "reload-trunks": self._trunks.reload}
        asked = NodeRequests(self._settings, lambda: self._store, self._absent)
        requests = {**TrunkRequests(self._settings, lambda: self._store, self._trunks.status).all, **asked.all}
        async with control.serve_control(self._settings.run_dir, handlers, requests):
            telling = asyncio.create_task(self._manager.keep_told(self._told))
            try:
                await self._start_api(ahead=path is None or is_sqlite(path))
                self._store = self._trunks.store = self._lease.store = await self._open_store()
                if self._store is not None:
                    await self._keys.renew(self._store)
                    limits = self._settings.limits_of_new_accounts
                    demo = await seed_demo(self._store, self._clock, limits) if new and demo_if_new else None
                    await self._serve(demo, demo_wanted=demo_if_new)
            finally:
                await asked.close()
                await self._stop_parts()
                telling.cancel()
                if self._store is not None:
                    await self._store.close()

    async def _start_api(self, *, ahead: bool) -> None:
        """Start the API ahead of everything else where there is a store already: it takes longest to be ready."""
        self._forks.start()
        self._parts[FORK_SERVER] = self._forks.part
        made = PartSpecs(self._forks, self._reloads)
        host, edge = health.worker_host(self._settings), self._edge
        specs = [
            made.http(self._listeners, self._inner_url),
            ProcessSpec(EDGE, self._trunks.prepare_edge, edge.relay, edge.is_ready, drain=edge.drain),
            *made.behind(),
            *(made.worker(self._keyed, index, self._workers, host) for index in range(len(self._workers))),
        ]
        for spec in specs:
            self._parts[spec.name] = part = SupervisedProcess(spec)
            if spec.name in self._absent:
                part.state, part.last_end = State.ABSENT, self._absent[spec.name]
        if ahead:
            self._parts["http"].start()

    async def _open_store(self) -> Store | None:
        """Open the store, for which this waits a while; None when told to stop meanwhile."""
        opening = asyncio.create_task(open_reconnecting(self._settings, needed_within_s=STORE_PATIENCE_S))
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait((opening, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if opening.done():
            return opening.result()
        opening.cancel()
        await asyncio.wait([opening])
        return None

    async def _serve(self, demo: Demo | None, *, demo_wanted: bool) -> None:
        assert self._store is not None
        for name, part in self._parts.items():
            if part.state is State.STOPPED and name not in LAST:
                part.start()
        last = [name for name in LAST if name not in self._absent]
        listener = listener_of(self._settings.database, "trunks")
        self._trunks.is_told = lambda: listener.hears
        background = [asyncio.create_task(work) for work in self._background(self._store)]
        try:
            with listening(listener, self._trunks.look):
                await self._wait_until_ready([part for name, part in self._parts.items() if name not in LAST])
                if not self._stop.is_set():
                    for name in last:
                        self._parts[name].start()
                    await self._wait_until_ready(list(self._parts.values()))
                if not self._stop.is_set():
                    summary.show(self._summary(demo, demo_wanted=demo_wanted))
                    self._manager.tell_status(self._told())
                    self._manager.ready()
                    background.append(asyncio.create_task(self._reloads.keep(self._until_ready)))
                await self._stop.wait()
        finally:
            for task in background:
                task.cancel()

    def _background(self, store: Store) -> Iterator[Coroutine[Any, Any, None]]:
        yield self._trunks.watch()
        yield self._keys.keep(store, self._hand_on_keys)
        if API not in self._absent:
            yield self._on_demand.keep_webhooks(store)
        has_edge = EDGE not in self._absent
        yield keep_spool(self._settings.spool_dir, self._edge.own_spool if has_edge else lambda: None)
        if has_edge:
            yield TrunkEvents(self._edge.trunk_states, self._settings.data_dir, self._clock).keep(store)
            yield self._tracing.keep()
            if self._settings.on_store_loss == LAST_KNOWN:
                told, oldest_s = partial(self._edge.take_other_counts, file=REMOVED), self._settings.store_loss_max_s
                yield RemovedNumbers(self._clock, oldest_s, told).keep(store)
            if self._lease.is_shared:
                yield self._counts.keep(store, self._settings.database)

    def _follow_trunks(self, trunks: Trunks) -> None:
        """Have certificates fetched while a trunk verifies signed identity, and no longer."""
        wanted = EDGE not in self._absent and any(trunk.verifies for trunk in trunks.inbound)
        self._on_demand.want(CERTIFICATES, wanted=wanted)

    async def _wait_until_ready(self, parts: Sequence[SupervisedProcess]) -> None:
        """Wait until these parts are ready, but not for ever: what is wrong with one must not hold the others."""

        def settled() -> bool:
            return all(part.state in (State.RUNNING, State.ABSENT) for part in parts)

        with suppress(TimeoutError):
            async with asyncio.timeout(START_TIMEOUT_S):
                while not settled() and not self._stop.is_set():  # noqa: ASYNC110 - states change in many places
                    await asyncio.sleep(0.02)

    async def _stop_parts(self) -> None:
        """End the parts in the order of a call.

        The edge refuses new calls, and API and voicemail end what they have begun; callers of the voicemail are told
        so through the edge, which ends after it; then those that take what the others have written last.
        """
        grace_s = self._settings.shutdown_grace_s
        self._forks.end_waiting()
        self._manager.stopping(LEAVE_S + STOPPING_STEPS * (grace_s + KILL_AFTER_S))
        # Another node registers trunks from now on, and none counts the calls here.
        with suppress(StoreUnavailable, TimeoutError):
            await asyncio.wait_for(asyncio.gather(self._trunks.leave(), self._counts.leave(self._store)), LEAVE_S)
        structlog.get_logger("node").info("stopping", grace_s=grace_s)
        workers = [part for name, part in self._parts.items() if name.startswith(health.PART)]
        if self._parts[EDGE].state is State.RUNNING and any(part.pid for part in workers):
            await self._edge.refuse_calls()
        await asyncio.gather(*(part.stop(grace_s) for part in (self._parts["http"], *workers)))
        await self._parts[EDGE].stop(grace_s)
        last = [self._parts[name] for name in (*LAST, CERTIFICATES, WEBHOOKS) if name in self._parts]
        await asyncio.gather(*(part.stop(grace_s) for part in last), *self._on_demand.ending)
        await self._forks.stop()

    async def _status(self) -> dict[str, object]:
        address = {"host": self._settings.sip_hosts[0], "port": self._settings.sip_port}
        return {
            "parts": {name: part.status() for name, part in self._parts.items()},
            "absent": dict(self._absent),
            "sip": address,
            "http": self._url,
            "inner": self._inner_url,
            "edge_shares_role": self._settings.edge_shares_role and EDGE not in self._absent,
            "workers": self._worker_addresses,
            "trunks": await self._trunks.status() if EDGE not in self._absent else [],
            "unheard": self._trunks.unheard() if EDGE not in self._absent else {},
            "unrelayed": self._trunks.unrelayed() if EDGE not in self._absent else (),
            "reloads": self._reloads.status(),
            "tracing": self._tracing.status() if EDGE not in self._absent else None,
        }

    async def _restart_edge(self) -> None:
        await self._parts[EDGE].restart(self._settings.shutdown_grace_s)
        await self._wait_until_ready([self._parts[EDGE]])

    async def _hand_on_keys(self, ring: KeyRing) -> None:
        if EDGE not in self._absent:
            await self._edge.take_keys(ring)

    async def _public(self) -> dict[str, object]:
        return control.public_settings(self._reloads.settings)

    def _told(self) -> str:
        """Return how the node does, in a line for the service manager."""
        if self._stop.is_set():
            return "stopping"
        return "; ".join(summary.troubles(self._parts)) or f"serving, {self._url}"

    async def _until_ready(self) -> None:
        await self._wait_until_ready(list(self._parts.values()))

    def _summary(self, demo: Demo | None, *, demo_wanted: bool) -> list[str]:
        lines = summary.places(self._settings, self._absent, self._url, self._inner_url)
        if demo_wanted and self._settings.database_path is None:
            lines.append(summary.no_demo())
        lines += summary.delays(self._parts)
        return lines + (summary.demo_account(self._settings, demo, self._url) if demo is not None else [])
