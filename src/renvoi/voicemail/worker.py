"""A voicemail worker: one SIP socket, many calls (`docs/calls.md §4`). The node starts it, the edge reaches it."""

import asyncio
import json
import os
import secrets
import socket
import time
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

import structlog

from renvoi.domain.hosts import plain_address
from renvoi.domain.messages.voicemail_handoff import HEADER, HandoffInvalid, VoicemailHandoff
from renvoi.key_file import KeyFile
from renvoi.voicemail.blocking_io import BlockingIO
from renvoi.voicemail.call import CallConfig, VoicemailCall
from renvoi.voicemail.call_flow import MessageLimits
from renvoi.voicemail.rtp_sockets import NoPortFree, RtpPorts, RtpReader
from renvoi.voicemail.sip.agent import OptionsAnswer, UserAgent
from renvoi.voicemail.sip.endpoint import (
    Cancelled,
    Confirmed,
    Ended,
    Event,
    HungUp,
    Invited,
    Moved,
    Pressed,
    Reoffered,
)

LOOPBACK: tuple[IPv4Network | IPv6Network, ...] = (ip_network("127.0.0.1/32"),)
TELL_PERIOD_S = 60.0
"""Seconds between two log lines about unknown sources, at least."""
_MOST_KNOWN = 1024
"""Addresses whose verdict is kept; strangers can make up any number of them."""
TICK_S = 0.02
"""One packet of audio."""
DATAGRAMS_AT_ONCE = 64
"""SIP messages read before audio gets its turn again."""
MAX_DATAGRAM_BYTES = 65535
SPACE_PERIOD_S = 1.0
"""How old what is known of the free space of the disk may be."""
FAREWELL_S = 1.0
"""How long the last calls' BYEs may take to be answered when the worker ends; its supervisor gives it 2 s in all."""

DIED = 'Q.850;cause=41;text="the voicemail was restarted"'
"""The Reason of a BYE to callers whose worker died (RFC 3326)."""

log = structlog.get_logger("voicemail")

Copy = Callable[[bytes, tuple[str, int], tuple[str, int]], None]
"""Is given each SIP message, with where it came from and where it goes; it must neither wait nor raise."""


class SourceAllowlist:
    """The networks that SIP is taken from: by UDP anybody may send, and what comes with a call is believed.

    `tell` is called with an unknown source's address now and then.
    """

    def __init__(self, networks: Iterable[IPv4Network | IPv6Network], tell: Callable[[str], None]) -> None:
        self._networks = tuple(networks)
        self._tell = tell
        self._tell_from: float | None = None
        self._known: dict[str, bool] = {}

    def allow(self, host: str, now: float) -> bool:
        """Tell whether SIP is taken from `host`, an IP address, at `now`, seconds of any clock that does not jump."""
        allowed = self._known.get(host)
        if allowed is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            allowed = self._known[host] = self._judge(host)
        if not allowed and (self._tell_from is None or now >= self._tell_from):
            self._tell_from = now + TELL_PERIOD_S
            self._tell(host)
        return allowed

    def _judge(self, host: str) -> bool:
        address = plain_address(host)
        return any(address in network for network in self._networks)


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """What a worker may do: calls at once, free bytes of disk below which it takes none, and how it takes messages.

    `rtp_hosts` are the addresses of this machine that audio comes to, each with the one that peers are told: one,
    or one of IPv4 and one of IPv6. `peers` are the networks that SIP is taken from, `keys` is the file of the keys
    that edges seal with. `sip_host` is the address that edges reach the worker at, by default the one that its
    socket is bound to.
    """

    disk: Path
    keys: Path
    rtp_hosts: tuple[tuple[str, str], ...]
    rtp_ports: range
    calls: int
    min_free_bytes: int
    limits: MessageLimits
    peers: tuple[IPv4Network | IPv6Network, ...] = LOOPBACK
    sip_host: str | None = None


class Worker:
    """Belongs to the event loop that it runs in."""

    def __init__(
        self, config: WorkerConfig, sip: socket.socket, blocking_io: BlockingIO, copy: Copy | None = None
    ) -> None:
        self._config = config
        self._copy = copy
        self._sip = sip
        self._blocking_io = blocking_io
        host, port = sip.getsockname()[:2]
        address = (config.sip_host or host, port)
        self._address = address
        self._agent = UserAgent(address, lambda: secrets.token_hex(8), options=self._options)
        self._peers = SourceAllowlist(config.peers, self._note_stranger)
        self._keys = KeyFile(config.keys, log.error)
        self._ports = {_family(host): RtpPorts(host, config.rtp_ports) for host, _ in config.rtp_hosts}
        self._reader = RtpReader()
        self._calls: dict[int, VoicemailCall] = {}
        self._has_calls = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._space: tuple[float, int] | None = None
        """When the disk was looked at last, and how many bytes were free."""
        self._draining = False

    @property
    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    async def run(self, stop: asyncio.Event, grace_s: float) -> None:
        """Take calls until `stop` is set; those in progress then get `grace_s` seconds, and lose nothing."""
        loop = asyncio.get_running_loop()
        await self._hang_up_left()
        loop.add_reader(self._sip, self._read_sip)
        ticking = asyncio.create_task(self._tick())
        # A worker whose clock has stopped is useless: it ends what it has begun, and is restarted.
        ticking.add_done_callback(lambda _: stop.set())
        log.info("taking messages", address=self._sip.getsockname()[:2], calls=self._config.calls)
        try:
            await stop.wait()
            self._draining = True
            await self._wait(lambda: not self._calls, grace_s)
            for call in list(self._calls.values()):
                call.leave()
            await self._wait(lambda: not (self._calls or self._agent.calls), FAREWELL_S)
        finally:
            ticking.cancel()
            loop.remove_reader(self._sip)
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._reader.close()
            self._let_go()
        with suppress(asyncio.CancelledError):
            await ticking

    async def _hang_up_left(self) -> None:
        """End the calls of a worker that died on this socket: their callers talk to nobody."""
        for name, state in await self._blocking_io.left_calls():
            log.warning("hanging up on a caller whose worker died", call_id=state.call_id)
            self._agent.hang_up_left(state, self._now, DIED, partial(self._blocking_io.forget_call, name))
        self.pump()

    def _let_go(self) -> None:
        """Give back what calls hold whose end nobody has confirmed."""
        for call in list(self._calls.values()):
            self._forget(call)
        if self._timer is not None:
            self._timer.cancel()

    async def _wait(self, condition: Callable[[], bool], seconds: float) -> None:
        """Wait until `condition` holds, but no longer than `seconds`."""
        deadline = self._now + seconds
        while not condition() and self._now < deadline:  # noqa: ASYNC110 - the conditions are many and the wait is short
            await asyncio.sleep(TICK_S)

    # SIP

    def _read_sip(self) -> None:
        now = self._now
        for _ in range(DATAGRAMS_AT_ONCE):
            try:
                datagram, source = self._sip.recvfrom(MAX_DATAGRAM_BYTES)
            except (BlockingIOError, ConnectionRefusedError):
                break
            # What the edge says of a call is believed, so nobody else may say it.
            if self._peers.allow(source[0], now):
                if self._copy is not None:
                    self._copy(datagram, source[:2], self._address)
                self._agent.receive(datagram, source[:2], now)
        self.pump()

    def _note_stranger(self, host: str) -> None:
        log.warning("SIP from outside RENVOI_VOICEMAIL_PEERS is ignored", source=host)

    def pump(self) -> None:
        """Do what the user agent has to say, until it has nothing more."""
        while events := self._agent.events():
            for event in events:
                self._handle(event)
        for datagram, peer in self._agent.datagrams_to_send():
            if self._copy is not None:
                self._copy(datagram, self._address, peer)
            try:
                self._sip.sendto(datagram, peer)
            except OSError as error:
                # It is sent again by its timer, as if it had been lost on the way.
                log.warning("a SIP message was not sent", peer=peer, error=str(error))
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._agent.next_timer()
        if due is not None:
            self._timer = asyncio.get_running_loop().call_at(due, self._run_timer)

    def _run_timer(self) -> None:
        self._timer = None
        self._agent.handle_timer(self._now)
        self.pump()

    def _handle(self, event: Event) -> None:
        if isinstance(event, Invited):
            self._invited(event)
            return
        call = self._calls.get(event.call)
        if call is None:
            return
        match event:
            case Confirmed(_, answer):
                call.confirmed(answer)
            case Reoffered(_, offer):
                call.reoffered(offer)
            case Moved():
                call.moved()
            case Pressed(_, key):
                call.pressed(key)
            case HungUp():
                call.hung_up()
            case Cancelled() | Ended():
                call.over()

    def _invited(self, event: Invited) -> None:
        status, phrase = self._status()
        if status != 200:
            self._agent.reject(event.call, status, phrase, self._now)
            return
        try:
            handoff = self._handoff(event)
            host, advertised = self._rtp_host(event)
            rtp = self._ports[_family(host)].take()
        except HandoffInvalid as error:
            log.warning("refused a call that did not come from the edge", call_id=event.call_id, error=str(error))
            self._agent.reject(event.call, 403, "Forbidden", self._now)
            return
        except NoPortFree as error:
            log.warning("refused a call", call_id=event.call_id, error=str(error))
            self._agent.reject(event.call, 486, "Busy Here", self._now)
            return
        except OSError as error:
            log.warning("refused a call, as no socket can be opened for it", call_id=event.call_id, error=str(error))
            self._agent.reject(event.call, 503, "Service Unavailable (no socket)", self._now)
            return
        config = CallConfig(advertised, self._config.limits)
        call = VoicemailCall(
            event, handoff, rtp, config, self._reader, self._agent, self._blocking_io, self._spawn, self._forget
        )
        self._calls[event.call] = call
        self._has_calls.set()
        call.start()

    def _rtp_host(self, event: Invited) -> tuple[str, str]:
        """Return where the audio of a call comes to: to an address of the caller's kind if there is one."""
        # Without an offer the Contact says what the caller has.
        ipv6 = "[" in (event.headers.get("contact") or "") if event.offer is None else event.offer.is_ipv6
        hosts = self._config.rtp_hosts
        return next((each for each in hosts if (":" in each[0]) == ipv6), hosts[0])

    def _handoff(self, event: Invited) -> VoicemailHandoff:
        written = event.headers.all(HEADER.lower())
        if len(written) != 1:
            raise HandoffInvalid(f"{HEADER} is there {len(written)} times instead of once")
        now_ms = time.time_ns() // 1_000_000
        # Text is ISO 8859-1 here (sip/message.py).
        return VoicemailHandoff.unseal(written[0], self._keys.ring, now_ms, event.call_id.encode("latin-1"))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a fault of the voicemail", exc_info=error)
        self.pump()

    def _forget(self, call: VoicemailCall) -> None:
        self._calls.pop(call.number, None)
        if not self._calls:
            self._has_calls.clear()
        self._ports[call.rtp.family].give_back(call.rtp)

    # Load

    def _status(self) -> tuple[int, str]:
        if self._draining:
            return 503, "Service Unavailable (draining)"
        if len(self._calls) >= self._config.calls:
            return 503, "Service Unavailable (full)"
        if self._free_bytes() < self._config.min_free_bytes:
            return 503, "Service Unavailable (disk full)"
        return 200, "OK"

    def _options(self) -> OptionsAnswer:
        """Tell the edge whether this worker takes calls, and the node how it does."""
        status, phrase = self._status()
        load = {"calls": len(self._calls), "capacity": self._config.calls, "free_bytes": self._free_bytes()}
        body = json.dumps(load | {"min_free_bytes": self._config.min_free_bytes}).encode()
        # A worker that is just full is alive: the edge goes on offering it calls, as one may have ended meanwhile.
        return OptionsAnswer(200 if not self._draining else status, phrase, "application/json", body)

    def _free_bytes(self) -> int:
        """Return the free space of the disk, as it was not longer than `SPACE_PERIOD_S` ago."""
        now = self._now
        if self._space is None or now - self._space[0] >= SPACE_PERIOD_S:
            self._space = now, self._look_at_disk()
        return self._space[1]

    def _look_at_disk(self) -> int:
        try:
            found = os.statvfs(self._config.disk)
        except OSError as error:
            log.warning("the disk of the recordings does not answer, no calls are taken", error=str(error))
            return 0
        return found.f_bavail * found.f_frsize

    async def _tick(self) -> None:
        """Read what has come and send each call's next packet, every 20 ms; after a delay what was missed follows.

        Without a call nothing is woken.
        """
        loop = asyncio.get_running_loop()
        while True:
            await self._has_calls.wait()
            due = loop.time()
            while self._calls:
                due = max(due + TICK_S, loop.time() - 5 * TICK_S)
                await asyncio.sleep(max(0.0, due - loop.time()))
                now = loop.time()
                self._reader.read(now)
                for call in list(self._calls.values()):
                    call.tick(now)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
