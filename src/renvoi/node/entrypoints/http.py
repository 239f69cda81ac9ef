"""The HTTP server, the whole work of a child process: the API, and what machines ask about the node."""

import asyncio
import gc
import socket
import time
from collections.abc import Callable
from contextvars import Context
from dataclasses import replace
from functools import partial
from typing import TypeVar

import structlog

from renvoi.adapters import sealing
from renvoi.adapters.audio_converter import ProcessConverter
from renvoi.adapters.clock import SystemClock
from renvoi.adapters.holidays import PackagedHolidays
from renvoi.adapters.mail.folder import KeptMails
from renvoi.adapters.message_files import MessageFiles
from renvoi.adapters.passwords import Argon2Passwords
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Reader, Store, Writer
from renvoi.application.webhooks.endpoints import UrlRules
from renvoi.application.write_behind import ChangeCounts, keep_writing
from renvoi.configuration.setting_types import API
from renvoi.configuration.settings import Settings
from renvoi.domain.hosts import bracketed
from renvoi.http.app import create_app, create_inner, create_probes
from renvoi.http.deps import Deps, Limits
from renvoi.http.metrics import Metrics
from renvoi.http.server import ServerLimits, serve_http
from renvoi.node.control.supervised import SupervisedNode, SupervisedTrunks
from renvoi.node.entrypoints.child_main import allow_files
from renvoi.node.entrypoints.readiness import NodeStatus
from renvoi.node.parts.health import url_of
from renvoi.node.parts.reconnecting_store import open_reconnecting

T = TypeVar("T")

PROBE_PERIOD_S = 1.0
"""How often a store that took no change is asked whether it takes one."""
SUSPECT_S = 30.0
"""How long a change that was refused counts although the probe is taken: the fault may be in what the probe does not
touch, such as the rights on one table. A change that is taken ends it at once."""
PROBE = "write_probes"
"""The counter that the probe adds nothing to: its row is written all the same, so a full disk refuses it."""

log = structlog.get_logger("store")
INNER_CONNECTIONS = 200
"""Connections of the inner listener at the most: those of the public one never take their places."""
OTHER_FILES = 200
"""Files that the process has open besides its connections, at the most."""


class WriteWatch:
    """A store, see `application.ports.Store`, that tells why it took no change last. Belongs to one event loop.

    `time` returns seconds of a clock that nobody sets.
    """

    def __init__(
        self, store: Store, time: Callable[[], float] = time.monotonic, probe_period_s: float = PROBE_PERIOD_S
    ) -> None:
        self._store = store
        self._time = time
        self._period_s = probe_period_s
        self._refusal: str | None = None
        self._refused_at_s = 0.0
        self._probing: asyncio.Task[None] | None = None

    @property
    def keeps_audio(self) -> bool:
        """See `Store.keeps_audio`."""
        return self._store.keeps_audio

    def refusal(self) -> str | None:
        """Return why the store takes no changes, None when it takes them as far as is known."""
        return self._refusal

    async def read(self, work: Callable[[Reader], T]) -> T:
        """See `Store.read`."""
        return await self._store.read(work)

    async def write(self, work: Callable[[Writer], T]) -> T:
        """See `Store.write`."""
        try:
            result = await self._store.write(work)
        except StoreUnavailable as error:
            self._note_refused(str(error))
            raise
        self._note_taken()
        return result

    async def close(self) -> None:
        """Probe no more, and close the store."""
        if self._probing is not None:
            self._probing.cancel()
            await asyncio.wait([self._probing])
        await self._store.close()

    def _note_refused(self, reason: str) -> None:
        self._refused_at_s = self._time()
        if self._refusal is None:
            log.error("the store takes no changes", reason=reason)
        self._refusal = reason
        if self._probing is None or self._probing.done():
            # Not in the context of the request at hand: what is logged belongs to none.
            self._probing = asyncio.create_task(self._probe(), context=Context())

    def _note_taken(self) -> None:
        if self._refusal is not None:
            log.info("the store takes changes again")
        self._refusal = None

    async def _probe(self) -> None:
        """Probe at once, which tells the kind of fault, and until changes are taken again: nobody may make one."""
        refused = False
        while self._refusal is not None:
            try:
                await self._store.write(lambda writer: writer.count(PROBE, 0))
            except StoreUnavailable as error:
                self._refusal = str(error) if self._refusal is not None else None
                refused = True
            except Exception:  # a probe that ended would leave the store refusing for ever
                log.exception("the store cannot be probed")
            else:
                # What had refused the probe as well is over.
                if refused or self._time() - self._refused_at_s >= SUSPECT_S:
                    self._note_taken()
                    return
            await asyncio.sleep(self._period_s)


def keep_heap() -> None:
    """Have the garbage collector leave alone what is loaded by now: it stays until the end of the process.

    A full collection of it held up an answer for 214 ms (`docs/performance.md`, "Pages").
    """
    gc.collect()
    gc.freeze()


def _sip_domain(settings: Settings) -> str:
    """Return the host part of the node's own SIP addresses, as its edge has it."""
    first = settings.sip_hosts[0]
    return bracketed(settings.sip_domain or settings.sip_advertised_of(first)[0] or first)


async def serve_api(settings: Settings, public: socket.socket, inner: socket.socket, stop: asyncio.Event) -> None:
    """Serve the API on `public`, what machines ask about the node on `inner`, until `stop` is set."""
    metrics = Metrics()
    node = NodeStatus(settings)
    clock = SystemClock()
    counts = ChangeCounts(clock)

    def committed(changes: int, rules: int) -> None:
        metrics.observe_batch(changes)
        counts.note(rules)

    store = WriteWatch(
        await open_reconnecting(settings, on_commit=committed, connections=settings.database_connections)
    )
    try:
        deps = Deps(
            store,
            clock,
            error_status=settings.error_status,
            limits=Limits(
                requests_per_key_per_s=settings.rate_limit_per_key,
                refusals_per_address_per_s=settings.bad_key_limit / 60,
                refusals_burst=settings.bad_key_limit,
            ),
            trusted_proxies=settings.proxies,
            public_url=settings.public_url or url_of(settings.http_host, public.getsockname()[1]),
            parts=node.parts,
            measurements=node.measurements,
            refusal=store.refusal,
            holidays=PackagedHolidays(),
            sip_domain=_sip_domain(settings),
            cooling_off_ms=settings.country_cooling_off_s * 1000,
            files=MessageFiles(settings.messages_dir, settings.mail_dir),
            converter=ProcessConverter(),
            passwords=Argon2Passwords(),
            limits_of_new_accounts=settings.limits_of_new_accounts,
            trunks=SupervisedTrunks(settings.run_dir),
            node=SupervisedNode(settings.run_dir),
            kept_mails=KeptMails(settings.mail_dir),
            sealer_for=partial(sealing.key_for, settings.secrets_key),
            webhook_urls=UrlRules(settings.webhook_http == "yes", settings.webhook_inner_networks),
            is_stopping=stop.is_set,
        )
        limits = ServerLimits(grace_s=settings.shutdown_grace_s, trusted_proxies=settings.proxies)
        allow_files(limits.connections + INNER_CONNECTIONS + OTHER_FILES, "http")
        create = create_app if API in settings.parts else create_probes
        app = create(deps, metrics)
        app.prepare()
        keep_heap()
        noted = (deps.key_uses, counts)
        public_up = asyncio.Event()
        async with asyncio.TaskGroup() as serving:
            serving.create_task(serve_http(app, public, stop, limits, public_up.set))
            # The supervisor asks the inner one whether this part is ready, so it comes last.
            await public_up.wait()
            few = replace(limits, connections=INNER_CONNECTIONS)
            serving.create_task(serve_http(create_inner(deps, metrics), inner, stop, few))
            serving.create_task(keep_writing(noted, store, stop))
        # Those of the requests that were still answered.
        await keep_writing(noted, store, stop)
    finally:
        await store.close()
